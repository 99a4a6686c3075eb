#include "report/scale_report.hpp"

#include "base/numbers.hpp"
#include "base/text.hpp"
#include "report/figures.hpp"
#include "report/tables.hpp"

namespace paramcount {

std::string split_formula(const ScalingLaw& law) {
  switch (law.form) {
    case ScalingLaw::Form::loss:
      return "(" + shortest(law.alpha) + "·" + shortest(law.a_coefficient) + " / (" + shortest(law.beta) + "·" +
             shortest(law.b_coefficient) + "))^(1/" + shortest(law.alpha + law.beta) + ")·(C/6)^(" +
             shortest(law.beta) + "/" + shortest(law.alpha + law.beta) + ")";
    case ScalingLaw::Form::ratio:
      return "√(C / (6·" + shortest(law.ratio) + "))";
    case ScalingLaw::Form::power:
    case ScalingLaw::Form::kaplan:
      break;
  }
  return shortest(law.n_at) + "·(C / " + shortest(law.c_at) + ")^" + shortest(law.exponent);
}

Row estimated(Label key, Label label, Measure measure, Label formula, Label source) {
  return Row::leaf(std::move(key), std::move(label), std::move(measure), std::move(formula), std::move(source),
                   Said::estimated);
}

namespace {

std::string asked_for(const ScaleAnswer& answer, const FigureStyle& style = {}) {
  const auto& request = answer.request;
  if (request.budget) return figure_text(Dollars{*request.budget}, style);
  if (request.compute) return scientific(*request.compute) + " FLOPs";
  if (request.params) return scaled_short(*request.params) + " parameters";
  return scaled_short(*request.tokens) + " tokens";
}

/// A table whose lines are the members of a list: each line the figures of one member under the keys.
PageTable members_table(const Figures& figures, const std::string& list, const std::string& label,
                        const std::vector<std::pair<std::string, std::string>>& columns, const char* name,
                        const std::string& after = {}) {
  PageTable table = own_table(label);
  for (const auto& [key, heading] : columns) table.head.cells.push_back({heading});
  for (const auto& member : figures.members(list)) {
    Line& line = table.lines.emplace_back(Line{{member.text(name) + after}, {}});
    for (const auto& [key, heading] : columns) line.cells.push_back(member.cell(key));
  }
  return table;
}

/// What one step gains on the one before; the first has none.
Cell gained_cell(const Figures& figures, const std::string& member, bool first) {
  return first ? Cell{kNone} : figures.cell(member + "gained");
}

PageTable steps_table(const ScaleAnswer& answer, const Figures& figures) {
  PageTable table = own_table(answer.dollars ? "Ten times the money" : "Ten times the FLOPs");
  table.lines = {{{"parameters"}, {}}, {{"tokens"}, {}}, {{"loss"}, {}}, {{"gained"}, {}}};
  for (std::size_t i = 0; i < answer.steps.size(); ++i) {
    const std::string member = "tenfold." + std::to_string(i) + ".";
    table.head.cells.push_back(figures.cell(member + (answer.dollars ? "cost_usd" : "flops")));
    table.lines[0].cells.push_back(figures.cell(member + "params"));
    table.lines[1].cells.push_back(figures.cell(member + "tokens"));
    table.lines[2].cells.push_back(figures.cell(member + "loss"));
    table.lines[3].cells.push_back(gained_cell(figures, member, i == 0));
  }
  return table;
}

/// The reducible loss as a bar: the whole bar is that of the first line.
PageTable diminishing_table(const ScaleAnswer& answer, const Figures& figures) {
  PageTable table = own_table("Diminishing returns", {{"loss"}, {"gained"}});
  table.bars = PageTable::Bars::shares;
  const double floor = answer.request.law.irreducible;
  const double whole = answer.doubled_params.front().loss - floor;
  for (std::size_t i = 0; i < answer.doubled_params.size(); ++i) {
    const std::string member = "diminishing." + std::to_string(i) + ".";
    Line line{{figures.text(member + "params") + " parameters", Style::plain, member + "params"},
              cells_of(figures.cell(member + "loss"), gained_cell(figures, member, i == 0))};
    line.bar = (answer.doubled_params[i].loss - floor) / whole;
    table.lines.push_back(std::move(line));
  }
  return table;
}

std::vector<Note> scale_notes(const ScaleAnswer& answer, const FigureStyle& style) {
  const auto& law = answer.request.law;
  std::vector<Note> notes;
  notes.push_back({"loss", "nats per token by " + printable(law.name) + " (" + printable(law.source) + "), floor " +
                               fixed(law.irreducible, 3) + "; beyond " + scientific(law.fitted_to) +
                               " FLOPs extrapolated. No benchmark score follows from it."});
  notes.push_back({"FLOPs", "6 × parameters × tokens.", Note::Weight::basis});
  if (answer.dollars) {
    notes.push_back({"money",
                     printable(answer.device->name) + " at $" + fixed(answer.price->value, 2) + "/h and " +
                         figure_text({answer.mfu, Unit::share}, style) + " MFU; --device, --price and --mfu change it.",
                     Note::Weight::basis});
  }
  notes.push_back(
      {"diminishing returns",
       "bars show the loss above the floor with unlimited tokens. Halving the loss term due to parameters takes " +
           significant(answer.halvings.params, 3) + " × the parameters; halving both terms " +
           significant(answer.halvings.compute, 3) + " × the FLOPs."});
  if (!answer.smaller.empty()) {
    notes.push_back({"break-even",
                     "tokens served, at 2 FLOPs per parameter, beyond which the smaller model of the same loss is "
                     "cheaper over its lifetime."});
  }
  notes.push_back(
      {"laws", "paramcount list laws names their sources; Kaplan's N excludes embeddings.", Note::Weight::basis});
  return notes;
}

std::string loss_formula(const ScalingLaw& law) {
  return shortest(law.irreducible) + " + " + shortest(law.a_coefficient) + " / N^" + shortest(law.alpha) + " + " +
         shortest(law.b_coefficient) + " / D^" + shortest(law.beta);
}

/// `how`: where N comes from; D is what is left of C.
Row allocation(const std::string& key, const std::string& label, const Allocation& split, const std::string& how,
               const std::string& source = {}) {
  Row row = Row::group(key, label);
  row.add(estimated("params", "parameters", {split.params, Unit::params}, how, source));
  row.add(estimated("tokens", "tokens", {split.tokens, Unit::tokens}, "C / (6·N)", source));
  row.add(
      estimated("flops", "FLOPs", split.compute(), "6 × " + shortest(split.params) + " × " + shortest(split.tokens)));
  return row;
}

Row scale_tree(const ScaleAnswer& answer) {
  Row tree = Row::group("");
  tree.add(Row::leaf("asked", "request", asked_for(answer)));
  tree.add(Row::leaf("law", "law for the loss", answer.request.law.id));
  const auto& request = answer.request;
  const auto& chosen = request.law;
  const std::string source = printable(chosen.source);
  const std::string speed = shortest(answer.peak.value) + " FLOP/s × " + shortest(answer.mfu);
  tree.add(Row::leaf("flops", "FLOPs", answer.compute,
                     request.compute ? "as given"
                     : request.budget
                         ? asked_for(answer) + " / $" + shortest(answer.price->value) + "/h × 3,600 s × " + speed
                         : "what the law's best split of " + asked_for(answer) + " takes",
                     {}, request.compute ? Said::given : Said::estimated));
  tree.add(Row::leaf("device", "device", printable(answer.device->id)));
  tree.add(Row::leaf("mfu", "MFU", {answer.mfu, Unit::share}, request.mfu ? Label("as given") : Label("assumed")));
  if (answer.price) {
    tree.add(Row::leaf("price_usd_per_hour", "price", *answer.price,
                       request.price ? Label("as given") : Label("the median of the device's on-demand quotes"),
                       printable(answer.device->source)));
  }
  if (answer.device_hours) {
    tree.add(estimated("device_hours", "device-hours", {*answer.device_hours, Unit::hours},
                       shortest(answer.compute.value) + " / (" + speed + ") / 3,600 s"));
  }
  if (answer.dollars) {
    tree.add(Row::leaf("cost_usd", "cost", Dollars{*answer.dollars},
                       shortest(*answer.device_hours) + " h × $" + shortest(answer.price->value)));
  }
  const auto loss = [&](double value, Label formula) {
    return estimated("loss", "loss", {value, Unit::loss}, std::move(formula), source);
  };
  const auto per_param = [](const Allocation& split) {
    return Row::leaf("tokens_per_param", "tokens per parameter", {split.tokens / split.params, Unit::rate}, "D / N");
  };
  tree.add(allocation("split", "best split", answer.split, split_formula(chosen), source));
  tree.add(estimated("loss", "predicted loss", {answer.loss, Unit::loss}, loss_formula(chosen), source));
  Row& best = tree.add(Row::list("best", "best split by each law"));
  for (const auto& one : answer.best) {
    Row& row = best.add(allocation("", "", one.split, split_formula(one.law), printable(one.law.source)));
    row.add(Row::leaf("law", "law", one.law.id));
    row.add(Row::leaf("name", "name", printable(one.law.name)));
    row.add(per_param(one.split));
    row.add(loss(one.loss, loss_formula(chosen)));
    row.add(Row::leaf("source", "source", printable(one.law.source)));
    Row& curve = row.add(Row::list("curve", "loss of its splits, at ten times the effort each"));
    for (const auto& step : one.steps) {
      Row& point = curve.add(Row::group(""));
      point.add(Row::leaf("flops", "FLOPs", step.compute, "ten times the step before"));
      point.add(loss(step.loss, loss_formula(chosen)));
      point.add(Row::leaf("extrapolated", "beyond what the law for the loss was fitted to", step.extrapolated));
    }
  }
  const auto steps = [&](const Label& key, const Label& label, const std::vector<ScaleAnswer::Step>& list,
                         bool tokens) {
    Row& rows = tree.add(Row::list(key, label));
    for (const auto& step : list) {
      Row& row = rows.add(Row::group(""));
      row.add(estimated("params", "parameters", {step.split.params, Unit::params},
                        tokens ? split_formula(chosen) : "doubled", source));
      if (tokens) {
        row.add(estimated("tokens", "tokens", {step.split.tokens, Unit::tokens}, "C / (6·N)"));
        row.add(Row::leaf("flops", "FLOPs", step.compute, "ten times the step before"));
        if (answer.dollars) {
          row.add(Row::leaf("cost_usd", "cost", Dollars{*answer.dollars * step.compute.value / answer.compute.value},
                            "ten times the step before"));
        }
        row.add(Row::leaf("extrapolated", "beyond what the law was fitted to", step.extrapolated));
      }
      row.add(loss(step.loss, tokens ? loss_formula(chosen) : "with D unlimited"));
      row.add(estimated("gained", "gained", {step.gained, Unit::loss}, "decrease from the step before"));
    }
  };
  steps("tenfold", "ten times the effort", answer.steps, true);
  steps("diminishing", "parameters doubled, tokens unlimited", answer.doubled_params, false);
  Row& doublings = tree.add(Row::list("doublings", "the next doubling"));
  for (const auto& one : answer.doublings) {
    Row& row = doublings.add(allocation("", "", one.split, "the best split, " + one.what + " doubled"));
    row.add(Row::leaf("of", "of", one.what));
    row.add(Row::leaf("cost_factor", "FLOPs", {one.cost_factor, Unit::factor}, "6·N'·D' / C"));
    row.add(loss(one.loss, loss_formula(chosen)));
    row.add(estimated("gained", "gained", {answer.loss - one.loss, Unit::loss},
                      shortest(answer.loss) + " - " + shortest(one.loss)));
  }
  Row& halving = tree.add(Row::group("halving", "to halve the reducible loss"));
  const auto factor = [&](const Label& key, const Label& label, double value, const Label& formula) {
    halving.add(Row::leaf(key, label, {value, Unit::factor}, formula));
  };
  factor("params_factor", "parameters, for their term", answer.halvings.params, "2^(1/alpha)");
  factor("tokens_factor", "tokens, for their term", answer.halvings.tokens, "2^(1/beta)");
  factor("compute_factor", "FLOPs, for both terms", answer.halvings.compute, "2^((alpha+beta)/(alpha·beta))");
  Row& smaller = tree.add(Row::list("smaller", "smaller, trained longer, to the same loss"));
  for (const auto& one : answer.smaller) {
    Row& row = smaller.add(allocation("", "", one.split, shortest(one.size) + " × " + shortest(answer.split.params)));
    row.add(Row::leaf("size", "of the size", {one.size, Unit::share}, "chosen"));
    row.add(per_param(one.split));
    row.add(Row::leaf("training_factor", "training FLOPs", {one.training_factor, Unit::factor},
                      "6·N'·D' / C, D' for the same loss"));
    row.add(Row::leaf("inference_factor", "inference FLOPs", {one.inference_factor, Unit::factor}, "N' / N"));
    row.add(
        estimated("even_at_tokens", "break-even, tokens", {one.even_at, Unit::tokens}, "(6·N'·D' - C) / (2·(N - N'))"));
  }
  Row& notes = tree.add(Row::list("notes", "notes"));
  for (const auto& note : scale_notes(answer, {})) notes.add(Row::leaf("", "", note.line()));
  return tree;
}

}  // namespace

Report scale_report(const ScaleAnswer& answer, const ReportOptions& wanted) {
  Report report;
  report.collection = "plans";
  report.models.push_back(scale_tree(answer));
  if (!wanted.pages) return report;
  const Figures figures(report.models.front(), wanted.style);
  const bool fixed_budget = answer.request.budget || answer.request.compute;
  Page& page = report.pages.emplace_back();
  std::string title = asked_for(answer, wanted.style);
  if (!answer.request.compute) title += ": " + figures.text("flops") + " FLOPs";
  page.title = {title, Style::strong};
  if (answer.device_hours) {
    page.summary.push_back({figures.text("device_hours") + " hours of " + printable(answer.device->name) + " at " +
                                figures.text("mfu") + " MFU",
                            Style::plain, "device_hours mfu"});
  }
  if (answer.price) page.summary.push_back(figures.cell("price_usd_per_hour"));
  page.tables.push_back(members_table(figures, "best", "Best use",
                                      {{"params", "parameters"},
                                       {"tokens", "tokens"},
                                       {"tokens_per_param", "D / N"},
                                       {fixed_budget ? "loss" : "flops", fixed_budget ? "loss" : "FLOPs"}},
                                      "name"));
  page.tables.push_back(steps_table(answer, figures));
  page.tables.push_back(members_table(figures, "doublings", "The next doubling of",
                                      {{"params", "parameters"},
                                       {"tokens", "tokens"},
                                       {"cost_factor", "FLOPs"},
                                       {"loss", "loss"},
                                       {"gained", "gained"}},
                                      "of"));
  page.tables.push_back(diminishing_table(answer, figures));
  if (!answer.smaller.empty()) {
    page.tables.push_back(members_table(figures, "smaller", "Smaller, trained longer",
                                        {{"params", "parameters"},
                                         {"tokens", "tokens"},
                                         {"tokens_per_param", "D / N"},
                                         {"training_factor", "training"},
                                         {"inference_factor", "per token"},
                                         {"even_at_tokens", "break-even"}},
                                        "size", " of the size"));
  }
  page.notes = scale_notes(answer, wanted.style);
  return report;
}

}  // namespace paramcount
