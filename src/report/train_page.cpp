#include <cmath>

#include "base/numbers.hpp"
#include "base/text.hpp"
#include "report/family_line.hpp"
#include "report/figures.hpp"
#include "report/train_report.hpp"

namespace paramcount {
namespace {

/// kWh as people say it: kWh, MWh or GWh.
std::string energy_text(double kwh) {
  if (kwh >= 999.5e3) return significant(kwh / 1e6, 3) + " GWh";
  if (kwh >= 999.5) return significant(kwh / 1e3, 3) + " MWh";
  return significant(kwh, 3) + " kWh";
}

std::string carbon_text(double tonnes) {
  return tonnes >= 0.1 ? significant(tonnes, 3) + " t" : significant(tonnes * 1000, 3) + " kg";
}

/// A published figure keeps the digits it was published with.
std::string as_published(double value) {
  const std::string digits = shortest(value);
  const auto e = digits.find('e');
  return e == std::string::npos ? scientific(value) : scientific(value, static_cast<int>(e > 1 ? e - 1 : 1));
}

/// 26.02 M: hours of a plan, comparable with published ones.
std::string hours_text(double value) { return value < 9999.5 ? significant(value, 4) : scaled(value); }

TrainingFigures figures_of(const TrainingPlan& plan) {
  TrainingFigures figures;
  figures.flops = plan.flops.value;
  figures.device_hours = hours(plan.device_time);
  figures.days = hours(plan.wall_time) / 24;
  figures.mfu = plan.mfu.value;
  if (plan.recompute != Recompute::none) figures.hfu = plan.hfu;
  if (plan.cost) figures.cost_usd = plan.cost->value;
  if (plan.energy) figures.energy_kwh = plan.energy->value;
  if (plan.carbon) figures.co2e_t = plan.carbon->value;
  return figures;
}

class Columns {
 public:
  explicit Columns(const TrainingAnswer& answer)
      : answer_(answer), planned_(figures_of(answer.plan)), published_(answer.published.figures.has_results()) {}

  PageTable table() {
    PageTable table;
    table.head = {{""}, {{"this plan"}}};
    if (published_) {
      table.head.cells.push_back({"published"});
      table.head.cells.push_back({"from its hours"});
    }
    const auto& plan = answer_.plan;
    const bool rough = plan.mfu.origin == Origin::assumed || plan.tokens.origin == Origin::assumed;
    row(
        table, "tokens", plan.tokens.origin == Origin::assumed,
        [](const TrainingFigures&) -> std::optional<double> { return std::nullopt; }, amount);
    table.lines.back().cells.front().text =
        plan.tokens.origin == Origin::assumed ? "~" + amount(plan.tokens.value) : scaled_short(plan.tokens.value);
    if (published_ && answer_.model.training.tokens) {
      table.lines.back().cells[1].text = scaled_short(*answer_.model.training.tokens);
    }
    row(
        table, "FLOPs, " + std::string(convention_info(plan.convention).id), plan.tokens.origin == Origin::assumed,
        [](const TrainingFigures& f) { return f.flops; }, scientific3, as_published);
    row(
        table, "device-hours", rough, [](const TrainingFigures& f) { return f.device_hours; },
        [rough](double v) { return rough ? amount(v) : hours_text(v); }, hours_text);
    row(
        table, "days on " + fixed(plan.devices.value, 0), rough, [](const TrainingFigures& f) { return f.days; },
        [](double v) { return significant(v, 3); });
    row(
        table, "MFU", plan.mfu.origin == Origin::assumed, [](const TrainingFigures& f) { return f.mfu; }, percent);
    if (answer_.published.figures.mfu_low && answer_.published.figures.mfu_high) {
      table.lines.back().cells[1].text = fixed(*answer_.published.figures.mfu_low * 100, 0) + "–" +
                                         fixed(*answer_.published.figures.mfu_high * 100, 0) + " %";
    }
    if (planned_.hfu || answer_.published.figures.hfu) {
      row(
          table, "HFU", plan.mfu.origin == Origin::assumed, [](const TrainingFigures& f) { return f.hfu; }, percent);
    }
    if (plan.price) {
      row(
          table, "cost at $" + fixed(plan.price->value, 2) + "/h", rough,
          [](const TrainingFigures& f) { return f.cost_usd; }, money);
    }
    if (plan.watts.value > 0 || answer_.published.figures.energy_kwh) {
      std::string label = "energy";
      if (plan.watts.value > 0) label += ", " + shortest(plan.watts.value) + " W, PUE " + shortest(plan.pue.value);
      row(
          table, label, true, [](const TrainingFigures& f) { return f.energy_kwh; }, energy_text);
      row(
          table, "carbon, " + fixed(plan.g_per_kwh.value, 0) + " g/kWh", true,
          [](const TrainingFigures& f) { return f.co2e_t; }, carbon_text);
    }
    return table;
  }

 private:
  static std::string scientific3(double value) { return scientific(value); }

  template <class Of, class Text, class Published>
  void row(PageTable& table, const std::string& label, bool rough, const Of& of, const Text& text,
           const Published& published) {
    const auto cell = [&](const std::optional<double>& value, bool marked, const auto& format) -> Cell {
      if (!value) return {kNone};
      return {(marked ? "~" : "") + format(*value), marked ? Style::caution : Style::plain};
    };
    Line line{{label}, {cell(of(planned_), rough, text)}};
    if (published_) {
      line.cells.push_back(cell(of(answer_.published.figures), false, published));
      const bool energy = label.starts_with("energy") || label.starts_with("carbon");
      line.cells.push_back(label == "device-hours" ? cell(of(answer_.from_hours), false, published)
                                                   : cell(of(answer_.from_hours), energy, text));
    }
    table.lines.push_back(std::move(line));
  }

  template <class Of, class Text>
  void row(PageTable& table, const std::string& label, bool rough, const Of& of, const Text& text) {
    row(table, label, rough, of, text, text);
  }

  const TrainingAnswer& answer_;
  TrainingFigures planned_;
  bool published_;  ///< there is something beside the plan
};

PageTable conventions_table(const TrainingAnswer& answer) {
  PageTable table;
  table.own_grid = true;
  table.head = {{"FLOPs", Style::strong}, {{"a token"}, {"all tokens"}}};
  for (std::size_t i = 0; i < kConventions.size(); ++i) {
    const auto& each = answer.flops_per_token[i];
    Line line{{std::string(kConventions[i].id)},
              {{each ? scientific(*each) : kNone}, {each ? scientific(*each * answer.plan.tokens.value) : kNone}}};
    if (kConventions[i].convention == answer.plan.convention) line.label.style = Style::strong;
    table.lines.push_back(std::move(line));
  }
  return table;
}

PageTable memory_table(const TrainingAnswer& answer) {
  const auto& memory = answer.memory;
  PageTable table;
  table.own_grid = true;
  table.head = {{"Memory of each device", Style::strong}, {{"GB"}, {"GiB"}}};
  const auto line = [&](const std::string& label, Bytes bytes, const std::string& remark = {}) {
    if (bytes.value == 0) return;
    Line made{{label}, {{gb(bytes)}, {gib(bytes)}}};
    made.remark = {remark, Style::dim};
    table.lines.push_back(std::move(made));
  };
  const auto each = [](double bytes) { return shortest(bytes) + " B a parameter"; };
  const auto& optimizer = memory.optimizer;
  line("weights, not trained", memory.frozen);
  line(memory.frozen.value > 0 ? "adapters" : "weights", memory.weights, each(optimizer.weights));
  line("gradients", memory.gradients, each(optimizer.gradients));
  line("master copy", memory.master, each(optimizer.master));
  line("optimizer states", memory.states, each(optimizer.states));
  Line sum{{"together, ZeRO-" + std::to_string(memory.stage)},
           {{gb(memory.total()), Style::strong}, {gib(memory.total()), Style::strong}}};
  const auto& device = *answer.plan.device.value;
  if (device.memory.value > 0) sum.remark = {"of " + gib(device.memory) + " GiB, without activations", Style::dim};
  table.lines.push_back(std::move(sum));
  return table;
}

PageTable lora_table(const TrainingAnswer& answer) {
  PageTable table;
  table.own_grid = true;
  table.head = {{"Adapters, rank " + grouped(answer.lora->rank), Style::strong},
                {{"copies"}, {"in"}, {"out"}, {"trained"}}};
  for (const auto& target : answer.lora->targets) {
    table.lines.push_back({{printable(target.name)},
                           {{grouped(target.copies)},
                            {grouped(target.inputs)},
                            {grouped(target.outputs)},
                            {grouped(target.trained.value)}}});
  }
  Line sum{{"trained"}, {{""}, {""}, {""}, {grouped(answer.lora->trained.value), Style::strong}}};
  const double share = static_cast<double>(answer.lora->trained.value) / static_cast<double>(answer.params.total.value);
  sum.remark = {percent(share) + " of the model", Style::dim};
  table.lines.push_back(std::move(sum));
  return table;
}

PageTable comparables_table(const TrainingAnswer& answer) {
  PageTable table;
  table.own_grid = true;
  table.head = {{"In other terms", Style::strong}, {}};
  const auto group = [&](std::string_view of, const std::string& label) {
    bool first = true;
    for (const auto& [one, ratio] : answer.comparables) {
      if (one.of != of) continue;
      // What rests on an assumed power and grid is good for two digits.
      Line line{{first ? label : ""},
                {of == "count" ? Cell{significant(ratio, 3)} : Cell{"~" + significant(ratio, 2), Style::caution}}};
      line.remark = {printable(one.label)};
      table.lines.push_back(std::move(line));
      first = false;
    }
  };
  group("count", "parameters");
  group("kwh", "energy");
  group("co2e_t", "carbon");
  return table;
}

}  // namespace

std::string price_text(const TrainingPlan& plan) {
  if (!plan.quote)
    return plan.price ? "as given" : "no dated quote of " + printable(plan.device.value->name) + " is known";
  const auto& quote = *plan.quote;
  std::string text = quote.pricing;
  if (plan.quotes > 1) text = "median of " + std::to_string(plan.quotes) + " " + text + " quotes";
  text += ": " + printable(quote.provider) + (quote.as_of.empty() ? "" : ", " + quote.as_of);
  const auto left = plan.device.value->prices.size() - plan.quotes;
  if (left > 0) text += "; " + std::to_string(left) + " of another kind left out (--pricing all)";
  return text;
}

std::vector<Note> train_notes(const TrainingAnswer& answer) {
  std::vector<Note> notes;
  note_unverified(answer.inventory, notes);
  const auto& plan = answer.plan;
  const std::string published_source = printable(answer.published.source);
  if (plan.tokens.origin == Origin::assumed) {
    notes.push_back({"tokens", "not published; 20 per parameter assumed (Hoffmann 2022); --tokens sets yours."});
  }
  if (answer.of_pretraining && *answer.of_pretraining < 0.995) {
    notes.push_back({"tokens", percent(*answer.of_pretraining) + " of what pre-training took."});
  }
  notes.push_back(
      {std::string(convention_info(plan.convention).id),
       std::string(convention_info(plan.convention).text) +
           (answer.work.stack_share < 1 ? "; a token passes one of the two stacks: half (GPT-3 paper, table D.1)"
                                        : "") +
           "."});
  notes.push_back({"FLOPs", "attention over sequences of " + grouped(plan.sequence.value) + " tokens" +
                                (plan.sequence.origin == Origin::published ? ", as published" : "") +
                                "; --convention and --context choose."});
  if (plan.recompute != Recompute::none) {
    notes.push_back({"HFU", std::string(kRecomputeNames[static_cast<std::size_t>(plan.recompute)]) +
                                " recomputation adds " + percent(plan.hardware_flops.value / plan.flops.value - 1) +
                                " to what the hardware does."});
  }
  std::string mfu = "of " + scaled_short(plan.peak.value / 1e12) + " TFLOP/s, dense " + plan.peak_dtype;
  if (plan.mfu_follows) {
    mfu += "; follows from the time given";
  } else if (plan.mfu.origin == Origin::published) {
    mfu += "; " + percent(plan.mfu.value) + " as published";
  } else if (plan.mfu.origin == Origin::assumed) {
    mfu += "; 40 % assumed, --mfu sets yours";
  }
  notes.push_back({"MFU", mfu + "."});
  const auto& published = answer.published.figures;
  const auto& full_speed = published.mfu_low ? published.mfu_low : published.mfu;
  if (answer.from_hours.mfu && full_speed && *answer.from_hours.mfu < 0.995 * *full_speed) {
    notes.push_back({"published", "its MFU is of steps at full speed; its hours (" + published_source +
                                      ") are of the whole run, with restarts, evaluation and other stages, and imply " +
                                      percent(*answer.from_hours.mfu) + "."});
  } else if (published.has_results()) {
    notes.push_back({"published", published_source + "."});
  }
  if (plan.device.origin == Origin::assumed || plan.devices.origin == Origin::assumed) {
    notes.push_back({"device", (plan.device.origin == Origin::assumed ? plan.device.value->name + " assumed; " : "") +
                                   (plan.devices.origin == Origin::assumed
                                        ? fixed(plan.devices.value, 0) +
                                              (plan.devices.value == 1 ? " holds it" : ": the fewest that hold it")
                                        : fixed(plan.devices.value, 0) + " as published") +
                                   "; --device and --devices set yours."});
  }
  std::string range;
  if (plan.high_price > plan.low_price) {
    const double hours = plan.device_time.value / 3600;
    range = "; from " + money(hours * plan.low_price.value) + " at $" + fixed(plan.low_price.value, 2) + " to " +
            money(hours * plan.high_price.value) + " at $" + fixed(plan.high_price.value, 2);
  }
  notes.push_back({"cost", price_text(plan) + range + ". Devices alone: no staff, storage or failed runs."});
  if (plan.watts.value > 0) {
    notes.push_back(
        {"energy", "device-hours × " + shortest(plan.watts.value) + " W" +
                       (plan.watts.origin == Origin::published ? " (as published)"
                        : plan.watts.origin == Origin::assumed ? " (rated)"
                                                               : "") +
                       (plan.host_overhead == 1 ? ", hosts left out (--host-overhead; a DGX H100 takes 1.82)"
                                                : " × " + shortest(plan.host_overhead) + " for hosts") +
                       ", PUE " + shortest(plan.pue.value) +
                       (plan.pue.origin == Origin::assumed     ? " assumed"
                        : plan.pue.origin == Origin::published ? " as published"
                                                               : "") +
                       "."});
    notes.push_back(
        {"carbon", "location-based; " + printable(plan.grid) +
                       (plan.g_per_kwh.origin == Origin::published ? "" : ", " + printable(plan.grid_source)) + "."});
  } else {
    notes.push_back(
        {"energy", "no rated power of " + printable(plan.device.value->name) + " is known; --watts sets it."});
  }
  const auto& memory = answer.memory;
  notes.push_back(
      {"memory", printable(memory.optimizer.name) + ": " + shortest(memory.optimizer.bytes_per_parameter()) +
                     " B of each trained parameter; " + printable(memory.optimizer.source) + ". ZeRO 0 to 3 over " +
                     grouped(memory.ranks) + ": " + gib(memory.by_stage[0]) + " · " + gib(memory.by_stage[1]) + " · " +
                     gib(memory.by_stage[2]) + " · " + gib(memory.by_stage[3]) + " GiB." +
                     (memory.stage_chosen ? " The lowest stage that fits is shown; --zero sets yours." : "")});
  return notes;
}

Page train_page(const TrainingAnswer& answer) {
  Page page;
  const auto& plan = answer.plan;
  page.title = {
      printable(answer.model.name) + " on " + fixed(plan.devices.value, 0) + " × " + printable(plan.device.value->name),
      Style::strong};
  page.aside = {answer.lora ? "training adapters" : "training"};
  page.tables.push_back(Columns(answer).table());
  page.tables.push_back(conventions_table(answer));
  if (answer.lora) page.tables.push_back(lora_table(answer));
  page.tables.push_back(memory_table(answer));
  page.tables.push_back(comparables_table(answer));
  page.notes = train_notes(answer);
  return page;
}

}  // namespace paramcount
