#include "report/training_report.hpp"

#include <array>

#include "base/numbers.hpp"
#include "base/text.hpp"
#include "paramcount/estimate/defaults.hpp"
#include "report/training_peak_report.hpp"

namespace paramcount {
namespace {

/// What the answers of the two commands share.
struct Told {
  const TrainingPlan& plan;
  const Model& model;
  const PublishedTraining& published;
  const ParamCounts& params;
  std::uint64_t copies{1};
  bool explained{true};
  const TrainingAnswer* train{nullptr};  ///< of that command alone
};

Told told(const Answer& answer) {
  return {*answer.training, answer.model, answer.model.training, answer.params, answer.copies, answer.explained};
}
Told told(const TrainingAnswer& answer) {
  return {answer.plan, answer.model, answer.published, answer.params, 1, true, &answer};
}

constexpr std::array<Unit, kTrainingFigures.size()> kUnits{Unit::flops, Unit::hours, Unit::count, Unit::days,
                                                           Unit::share, Unit::share, Unit::share, Unit::share,
                                                           Unit::usd,   Unit::kwh,   Unit::tonnes};

template <class SaidOf>
void tell_figures(const TrainingFigures& figures, const std::string& prefix, const Label& formula, const Label& source,
                  const SaidOf& said, Tree& tree) {
  for (std::size_t i = 0; i < kTrainingFigures.size(); ++i) {
    const auto& [key, label, value] = kTrainingFigures[i];
    if (!(figures.*value)) continue;
    tree.leaf(Label::literal(key), prefix + std::string(label), Measure::whole(*(figures.*value), kUnits[i]), formula,
              source, said(kUnits[i]));
  }
}

void tell_published(const Told& all, Tree& tree) {
  const auto& count = all.model.published;
  const auto& training = all.published;
  if (count.source.empty() && training.id.empty()) return;
  const auto group = tree.group("published", "published");
  const std::string count_source = printable(count.source);
  const std::string source = printable(training.source);
  const auto published = [](Unit) { return Said::published; };
  if (count.total) tree.leaf("total", "published parameters", Params{*count.total}, "", count_source, Said::published);
  if (!count.total_is.empty()) tree.text("total_is", "the total is", printable(count.total_is));
  if (count.active) tree.leaf("active", "published active", Params{*count.active}, "", count_source, Said::published);
  if (training.tokens) {
    tree.leaf("tokens", "published tokens", Measure::whole(*training.tokens, Unit::tokens), "", source,
              Said::published);
  }
  tell_figures(training.figures, "published ", "", source, published, tree);
  const bool both = !count_source.empty() && !source.empty() && source != count_source;
  tree.text("source", "source", both ? count_source + "; " + source : source.empty() ? count_source : source);
  if (!training.id.empty()) tree.text("record", "record", training.id);
}

/// Who said an input.
std::string said_by(Origin origin, const std::string& published, const char* option) {
  if (origin == Origin::given) return option;
  return origin == Origin::published ? printable(published) : "assumed; " + std::string(option) + " changes it";
}

void tell_price(const Told& all, Tree& tree, Said said) {
  const auto& plan = all.plan;
  if (!plan.price) return;
  std::string source;
  if (all.explained) {
    source = price_text(plan);
    if (plan.quote != nullptr && !plan.quote->source.empty()) source += ", " + printable(plan.quote->source);
  }
  tree.leaf("price_usd_per_hour", "price", *plan.price, "", source);
  if (all.train != nullptr) {
    tree.leaf("price_low_usd_per_hour", "lowest quote", plan.low_price, "", source);
    tree.leaf("price_high_usd_per_hour", "highest quote", plan.high_price, "", source);
  }
  tree.leaf("cost_usd", "cost", *plan.cost,
            all.explained ? Label(shortest(hours(plan.device_time)) + " h × $" + shortest(plan.price->value)) : Label(),
            "device_hours × price_usd_per_hour", said);
}

void tell_energy(const TrainingPlan& plan, const PublishedTraining& published, Tree& tree) {
  if (!plan.energy || !plan.carbon) return;
  tree.leaf("watts", "watts per device", Watts{plan.watts.value}, "",
            plan.watts.origin == Origin::assumed ? printable(plan.device.value->source)
                                                 : said_by(plan.watts.origin, published.source, "--watts"));
  tree.leaf("host_overhead", "overhead factor for hosts", number_value(plan.host_overhead), "", "--host-overhead");
  tree.leaf("pue", "PUE", number_value(plan.pue.value), "", said_by(plan.pue.origin, published.source, "--pue"));
  tree.leaf("energy_kwh", "energy", *plan.energy,
            shortest(hours(plan.device_time)) + " h × " + shortest(plan.watts.value) + " W × " +
                shortest(plan.host_overhead) + " × " + shortest(plan.pue.value),
            {}, Said::estimated);
  tree.text("grid", "grid", printable(plan.grid));
  tree.leaf("g_per_kwh", "g CO2e per kWh", number_value(plan.g_per_kwh.value), "", printable(plan.grid_source));
  tree.leaf("co2e_t", "carbon", *plan.carbon,
            shortest(plan.energy->value) + " kWh × " + shortest(plan.g_per_kwh.value) + " g / 10^6", {},
            Said::estimated);
}

void tell_conventions(const TrainingAnswer& answer, Tree& tree) {
  const auto each = [&](const auto& tell) {
    for (std::size_t i = 0; i < kConventions.size(); ++i) {
      if (answer.flops_per_token[i]) tell(kConventions[i], *answer.flops_per_token[i]);
    }
  };
  {
    const auto all = tree.group("flops_by_convention", "FLOPs by convention");
    each([&](const ConventionInfo& info, double flops) {
      tree.leaf(Label::literal(info.id), Label::literal(info.id), Flops{flops * answer.plan.tokens.value},
                "per token × tokens");
    });
  }
  const auto one = tree.group("flops_per_token", "FLOPs per token, by convention");
  each([&](const ConventionInfo& info, double flops) {
    tree.leaf(Label::literal(info.id), Label::literal(info.id), Measure::whole(flops, Unit::flops), info.text,
              info.source);
  });
}

void tell(const Told& all, Tree& tree) {
  const auto& plan = all.plan;
  const auto& device = *plan.device.value;
  const auto& run = all.model.training.source;
  const auto why = [&](const auto& text) { return all.explained ? Label(text()) : Label(); };
  const auto& info = convention_info(plan.convention);
  const bool six_nd = plan.convention == FlopsConvention::six_nd;
  const bool assumed = plan.tokens.origin == Origin::assumed;
  const Said flops_said = assumed ? Said::assumed : Said::counted;
  const Said time_said = plan.mfu.origin == Origin::assumed ? Said::assumed : flops_said;
  const auto group = tree.group("training", "training");
  tree.leaf("tokens", "tokens", Measure::whole(plan.tokens.value, Unit::tokens), why([&] {
              return assumed ? fixed(kDefaultTokensPerParameter, 0) + " × " + grouped(all.params.total.value) : "";
            }),
            why([&] {
              return assumed ? "not published: " + fixed(kDefaultTokensPerParameter, 0) +
                                   " per parameter, Hoffmann et al. 2022, arXiv:2203.15556"
                             : said_by(plan.tokens.origin, run, "--tokens");
            }),
            said_of(plan.tokens.origin));
  tree.text("convention", "convention", info.id);
  if (all.train != nullptr) {
    tree.leaf("sequence", "sequence length, tokens", Tokens{plan.sequence.value}, "",
              said_by(plan.sequence.origin, run, "--context"), said_of(plan.sequence.origin));
  }
  tree.leaf("flops", six_nd ? Label("FLOPs, 6nd") : Label("FLOPs, " + std::string(info.id)), plan.flops, why([&] {
              const std::string tokens = " × " + fixed(plan.tokens.value, 0) + " tokens";
              return training_flops_6nd(all.params.active, plan.tokens.value) == plan.flops
                         ? "6 × " + grouped(all.params.active.value) + tokens
                         : shortest(plan.flops.value / plan.tokens.value) + " a token" + tokens;
            }),
            why([&] { return (six_nd ? "6·N·D, N: params.active; " : std::string()) + std::string(info.source); }),
            flops_said);
  if (all.copies > 1) {
    tree.leaf("flops_of_copies", "FLOPs of all copies, 6nd", Flops{plan.flops.value * static_cast<double>(all.copies)},
              why([&] { return grouped(all.copies) + " × " + shortest(plan.flops.value); }), {}, flops_said);
  }
  if (all.train != nullptr) {
    tree.text("recompute", "recomputation", kRecomputeNames[static_cast<std::size_t>(plan.recompute)]);
    tree.leaf("hardware_flops", "FLOPs including recomputation", Measure::whole(plan.hardware_flops.value, Unit::flops),
              "FLOPs + recomputed FLOPs", {}, flops_said);
  }
  tree.text("device", "device", printable(device.id));
  tree.leaf("devices", "devices", Measure::whole(plan.devices.value, Unit::count), "",
            why([&] { return said_by(plan.devices.origin, run, "--devices"); }), said_of(plan.devices.origin));
  tree.leaf("mfu", "MFU", {plan.mfu.value, Unit::share},
            plan.mfu_follows ? Label("FLOPs / (peak × device-hours)") : Label(), why([&] {
              return plan.mfu_follows ? std::string(plan.throughput > 0 ? "--throughput" : "the time given")
                                      : said_by(plan.mfu.origin, run, "--mfu");
            }),
            said_of(plan.mfu.origin));
  if (plan.throughput > 0) {
    tree.leaf("throughput", "tokens per second per device", number_value(plan.throughput), "", "--throughput");
  }
  if (all.train != nullptr) {
    tree.leaf("hfu", "HFU", {plan.hfu, Unit::share}, "MFU × hardware FLOPs / FLOPs", {}, said_of(plan.mfu.origin));
  }
  tree.leaf("peak_flops_per_s", "peak FLOP/s", plan.peak, why([&] { return "dense, " + plan.peak_dtype; }),
            why([&] { return printable(device.source); }));
  if (all.train != nullptr) tree.text("peak_dtype", "number format of the peak", plan.peak_dtype);
  const double device_hours = hours(plan.device_time);
  tree.leaf("device_hours", "device-hours", Measure::whole(device_hours, Unit::hours), why([&] {
              return shortest(plan.flops.value) + " / (" + shortest(plan.peak.value) + " FLOP/s × " +
                     shortest(plan.mfu.value) + ") / 3,600 s";
            }),
            "flops / (peak_flops_per_s × mfu)", time_said);
  tree.leaf("days", "days", Measure::whole(hours(plan.wall_time) / 24, Unit::days),
            why([&] { return shortest(device_hours) + " h / " + fixed(plan.devices.value, 0) + " devices / 24"; }),
            "device_hours / devices", time_said);
  tell_price(all, tree, time_said);
  if (all.train != nullptr) {
    tell_energy(plan, all.published, tree);
    if (all.train->of_pretraining) {
      tree.leaf("of_pretraining", "share of pre-training's FLOPs", {*all.train->of_pretraining, Unit::share},
                "FLOPs / those of the published training");
    }
    tell_conventions(*all.train, tree);
    if (all.train->step) tell_step(*all.train->step, tree);
  }
  tell_published(all, tree);
  if (all.train == nullptr || !all.train->from_hours.device_hours) return;
  const auto from_hours = tree.group("from_hours", "from the published hours");
  tell_figures(
      all.train->from_hours, "", "as in the plan, with the published hours", {},
      [](Unit unit) {
        const bool power = unit == Unit::kwh || unit == Unit::tonnes;
        return power ? Said::estimated : unit == Unit::hours ? Said::published : Said::counted;
      },
      tree);
}

/// Rows of a key each, under the columns whose groups are named.
class Columns {
 public:
  Columns(PageTable& table, const Figures& figures, std::vector<std::string> groups)
      : table_(table), figures_(figures), groups_(std::move(groups)) {}

  [[nodiscard]] bool any(const std::string& key) const {
    for (const auto& group : groups_) {
      if (figures_.has(group + key)) return true;
    }
    return false;
  }
  Line& row(std::string label, const std::string& key) {
    Line& line = table_.lines.emplace_back();
    line.label = {std::move(label)};
    for (const auto& group : groups_) line.cells.push_back(figures_.cell(group + key));
    return line;
  }

 private:
  PageTable& table_;
  const Figures& figures_;
  std::vector<std::string> groups_;
};

constexpr const char* kOurs = "training.";
constexpr const char* kPublished = "training.published.";
constexpr const char* kFromHours = "training.from_hours.";

std::string days_label(const TrainingPlan& plan) {
  return "days on " + grouped(static_cast<std::uint64_t>(plan.devices.value));
}
/// What the published run used where this plan is on something else; empty: the same, or not said.
std::string other_hardware(const TrainingPlan& plan, const PublishedTraining& run) {
  if (run.device == plan.device.value->id) return {};
  return printable(run.hardware.empty() ? run.device : run.hardware);
}
std::string cost_label(const Figures& figures) { return "cost at " + figures.text("training.price_usd_per_hour"); }

}  // namespace

void tell_training(const Answer& answer, Tree& tree) { tell(told(answer), tree); }
void tell_training(const TrainingAnswer& answer, Tree& tree) { tell(told(answer), tree); }

PageTable training_table(const Answer& answer, const Figures& figures) {
  const auto& plan = *answer.training;
  const auto& published = answer.model.training.figures;
  const bool beside = published.flops || published.device_hours || published.days || published.cost_usd;
  PageTable table;
  table.head = {{"Training", Style::strong}, {{"ours"}, {beside ? "published" : ""}}};
  Columns columns(table, figures,
                  beside ? std::vector<std::string>{kOurs, kPublished} : std::vector<std::string>{kOurs});
  columns.row("tokens", "tokens");
  columns.row("FLOPs, 6nd", "flops");
  const std::string other = other_hardware(plan, answer.model.training);
  Line& hours = columns.row(plan.device.value->name + " hours", "device_hours");
  hours.remark = {"ours at " + figures.text("training.mfu") + " MFU", Style::dim, "training.mfu"};
  if (published.device_hours && !other.empty()) {
    hours.cells[1].text += " " + other + " hours";
    // So long a cell would draw all tables of the page apart.
    table.own_grid = true;
  }
  Line& days = columns.row(days_label(plan), "days");
  if (published.days && !other.empty()) days.cells[1].text += " on " + other;
  if (plan.price) {
    Line& cost = columns.row(cost_label(figures), "cost_usd");
    if (published.cost_usd && !other.empty()) cost.cells[1].text += " on " + other;
  }
  return table;
}

PageTable training_table(const TrainingAnswer& answer, const Figures& figures) {
  const auto& plan = answer.plan;
  PageTable table;
  table.head = {{""}, {{"this plan"}}};
  std::vector<std::string> groups{kOurs};
  if (answer.published.figures.has_results()) {
    groups.insert(groups.end(), {kPublished, kFromHours});
    table.head.cells.insert(table.head.cells.end(), {{"published"}, {"from its hours"}});
  }
  Columns columns(table, figures, groups);
  columns.row("tokens", "tokens");
  columns.row("FLOPs, " + std::string(convention_info(plan.convention).id), "flops");
  const std::string other = groups.size() > 1 ? other_hardware(plan, answer.published) : "";
  const auto on_other = [&](Line& line, const std::string& before) {
    for (std::size_t i = 1; i < line.cells.size() && !other.empty(); ++i) {
      if (!line.cells[i].key.empty()) line.cells[i].text += before + other;
    }
  };
  on_other(columns.row("device-hours", "device_hours"), " ");
  on_other(columns.row(days_label(plan), "days"), " on ");
  Line& mfu = columns.row("MFU", "mfu");
  const auto& published = answer.published.figures;
  if (groups.size() > 1 && published.mfu_low && published.mfu_high) {
    mfu.cells[1] = {fixed(*published.mfu_low * 100, 0) + "–" + fixed(*published.mfu_high * 100, 0) + " %", Style::plain,
                    "training.published.mfu_low training.published.mfu_high"};
  }
  if (plan.recompute != Recompute::none || published.hfu) columns.row("HFU", "hfu");
  if (plan.price) on_other(columns.row(cost_label(figures), "cost_usd"), " on ");
  if (columns.any("energy_kwh")) {
    on_other(columns.row(plan.energy ? "energy, " + shortest(plan.watts.value) + " W, PUE " + shortest(plan.pue.value)
                                     : "energy",
                         "energy_kwh"),
             " on ");
    on_other(columns.row("carbon, " + fixed(plan.g_per_kwh.value, 0) + " g/kWh", "co2e_t"), " on ");
  }
  return table;
}

Note convention_note(const TrainingPlan& plan, bool one_of_two_stacks) {
  const auto& info = convention_info(plan.convention);
  return {std::string(info.id),
          std::string(info.text) +
              (one_of_two_stacks
                   ? "; halved, since a token passes through only one of the two stacks (GPT-3 paper, table D.1)."
                   : "."),
          Note::Weight::basis};
}

void note_assumed_tokens(const TrainingPlan& plan, std::vector<Note>& notes) {
  if (plan.tokens.origin != Origin::assumed) return;
  notes.push_back({"tokens", "not published; " + fixed(kDefaultTokensPerParameter, 0) +
                                 " per parameter assumed (Hoffmann 2022); --tokens changes it."});
}

std::string mfu_text(const TrainingPlan& plan, const FigureStyle& style) {
  return figure_text({plan.mfu.value, Unit::share}, style) + " of " + figure_text(plan.peak, style) +
         " TFLOP/s, dense " + plan.peak_dtype;
}

std::string price_text(const TrainingPlan& plan) {
  if (plan.quote == nullptr) {
    return plan.price ? "as given" : "no dated quote for " + printable(plan.device.value->name) + " is known";
  }
  const auto& quote = *plan.quote;
  const auto left = plan.device.value->prices.size() - plan.quotes;
  std::string text = quote.pricing.text();
  if (plan.quotes > 1) text = "median of " + std::to_string(plan.quotes) + " " + text + " quotes";
  if (left > 0) text += " (" + std::to_string(left) + " of other kinds left out)";
  return joined({text, ": ", printable(quote.provider), quote.as_of.empty() ? "" : ", ", quote.as_of});
}

void training_notes(const Answer& answer, const FigureStyle& style, std::vector<Note>& notes) {
  const auto& plan = *answer.training;
  const std::string source = printable(answer.model.training.source);
  notes.push_back(convention_note(plan, answer.inventory.flag("encoder_decoder")));
  note_assumed_tokens(plan, notes);
  if (plan.device.origin == Origin::assumed || plan.devices.origin == Origin::assumed) {
    const bool one = plan.devices.origin == Origin::assumed && plan.devices.value == 1;
    notes.push_back({"device", std::string(one ? "one " : "") + plan.device.value->name +
                                   " assumed; --device and --devices change it."});
  }
  const bool published = plan.mfu.origin == Origin::published;
  std::string text = mfu_text(plan, style) + (published                            ? " (" + source + ")"
                                              : plan.mfu.origin == Origin::assumed ? ", assumed; --mfu changes it"
                                                                                   : ", as given");
  if (const auto& spent = answer.model.training.figures.device_hours;
      spent && plan.device.origin == Origin::published) {
    text += "; the published hours" + (published ? "" : " (" + source + ")") + " imply " +
            figure_text({implied_mfu(plan.flops, plan.peak, *spent), Unit::share}, style) + " over the whole run";
  }
  notes.push_back({"hours", text + ".", Note::Weight::basis});
  if (plan.quote != nullptr || !plan.price)
    notes.push_back({"cost", price_text(plan) + "; --price changes it.", Note::Weight::basis});
}

}  // namespace paramcount
