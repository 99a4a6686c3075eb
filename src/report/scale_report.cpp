#include "report/scale_report.hpp"

#include <cmath>

#include "base/numbers.hpp"
#include "base/text.hpp"
#include "paramcount/estimate/defaults.hpp"
#include "report/figures.hpp"

namespace paramcount {
namespace {

std::string rough(const std::string& text) { return "~" + text; }
Cell estimate(const std::string& text) { return {rough(text), Style::caution}; }
std::string loss_text(double loss) { return fixed(loss, 3); }

std::string asked_for(const ScaleAnswer& answer) {
  const auto& request = answer.request;
  if (request.budget) return money(*request.budget);
  if (request.compute) return scientific(*request.compute) + " FLOPs";
  if (request.params) return scaled_short(*request.params) + " parameters";
  return scaled_short(*request.tokens) + " tokens";
}

PageTable best_table(const ScaleAnswer& answer) {
  PageTable table;
  table.own_grid = true;
  const bool fixed_budget = answer.request.budget || answer.request.compute;
  table.head = {{"Best use", Style::strong},
                {{"parameters"}, {"tokens"}, {"D / N"}, {fixed_budget ? "loss" : "FLOPs"}}};
  for (const auto& best : answer.best) {
    table.lines.push_back({{printable(best.law.name)},
                           {estimate(amount(best.split.params)),
                            estimate(amount(best.split.tokens)),
                            {significant(best.split.tokens / best.split.params, 3)},
                            estimate(fixed_budget ? loss_text(best.loss) : scientific(best.split.compute().value))}});
  }
  return table;
}

PageTable steps_table(const ScaleAnswer& answer) {
  PageTable table;
  table.own_grid = true;
  table.head = {{"Ten times the money", Style::strong}, {}};
  Line params{{"parameters"}, {}};
  Line tokens{{"tokens"}, {}};
  Line loss{{"loss"}, {}};
  Line gained{{"gained"}, {}};
  bool first = true;
  for (const auto& step : answer.steps) {
    const double factor = step.compute.value / answer.compute.value;
    table.head.cells.push_back({answer.dollars ? money(*answer.dollars * factor) : scientific(step.compute.value)});
    params.cells.push_back(estimate(amount(step.split.params)));
    tokens.cells.push_back(estimate(amount(step.split.tokens)));
    loss.cells.push_back(estimate(loss_text(step.loss)));
    gained.cells.push_back({first ? kNone : loss_text(step.gained)});
    first = false;
  }
  if (!answer.dollars) table.head.label.text = "Ten times the FLOPs";
  table.lines = {std::move(params), std::move(tokens), std::move(loss), std::move(gained)};
  return table;
}

PageTable doublings_table(const ScaleAnswer& answer) {
  PageTable table;
  table.own_grid = true;
  table.head = {{"The next doubling of", Style::strong}, {{"parameters"}, {"tokens"}, {"FLOPs"}, {"loss"}, {"gained"}}};
  for (const auto& row : answer.doublings) {
    table.lines.push_back({{row.what},
                           {{amount(row.split.params)},
                            {amount(row.split.tokens)},
                            {significant(row.cost_factor, 3) + " ×"},
                            estimate(loss_text(row.loss)),
                            {loss_text(answer.loss - row.loss)}}});
  }
  return table;
}

/// The reducible loss as a bar: the whole bar is that of the first line.
PageTable diminishing_table(const ScaleAnswer& answer) {
  PageTable table;
  table.own_grid = true;
  table.bars = PageTable::Bars::shares;
  table.head = {{"Diminishing returns", Style::strong}, {{"loss"}, {"gained"}}};
  const double floor = answer.request.law.irreducible;
  const double whole = answer.doubled_params.front().loss - floor;
  bool first = true;
  for (const auto& step : answer.doubled_params) {
    Line line{{amount(step.split.params) + " parameters"},
              {estimate(loss_text(step.loss)), {first ? kNone : fixed(step.gained, 4)}}};
    line.bar = (step.loss - floor) / whole;
    table.lines.push_back(std::move(line));
    first = false;
  }
  return table;
}

PageTable smaller_table(const ScaleAnswer& answer) {
  PageTable table;
  table.own_grid = true;
  table.head = {{"Smaller, trained longer", Style::strong},
                {{"parameters"}, {"tokens"}, {"D / N"}, {"training"}, {"a token"}, {"even after"}}};
  for (const auto& row : answer.smaller) {
    table.lines.push_back({{percent(row.size) + " of the size"},
                           {estimate(amount(row.split.params)),
                            estimate(amount(row.split.tokens)),
                            {significant(row.split.tokens / row.split.params, 3)},
                            {significant(row.training_factor, 3) + " ×"},
                            {significant(row.inference_factor, 2) + " ×"},
                            estimate(amount(row.even_at))}});
  }
  return table;
}

std::vector<Note> scale_notes(const ScaleAnswer& answer) {
  const auto& law = answer.request.law;
  std::vector<Note> notes;
  notes.push_back({"loss", "nats per token by " + printable(law.name) + " (" + printable(law.source) + "), floor " +
                               fixed(law.irreducible, 3) + "; beyond " + scientific(law.fitted_to) +
                               " FLOPs extrapolated. No benchmark score follows from it."});
  notes.push_back({"FLOPs", "6 × parameters × tokens."});
  if (answer.dollars) {
    notes.push_back({"money", printable(answer.device->name) + " at $" + fixed(answer.price->value, 2) + "/h and " +
                                  percent(answer.mfu) + " MFU; --device, --price and --mfu set yours."});
  }
  notes.push_back({"diminishing returns",
                   "bars are the loss above the floor, tokens unlimited. To halve what parameters leave takes " +
                       significant(answer.halvings.params, 3) + " × the parameters; to halve all of it " +
                       significant(answer.halvings.compute, 3) + " × the FLOPs."});
  if (!answer.smaller.empty()) {
    notes.push_back({"even after",
                     "tokens served, at 2 FLOPs a parameter, from which the smaller model of the same loss is the "
                     "cheaper one over its life."});
  }
  notes.push_back({"laws", "paramcount list laws names their sources; Kaplan's N leaves embeddings out."});
  return notes;
}

/// How a law splits a budget, in its own constants.
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

std::string loss_formula(const ScalingLaw& law) {
  return shortest(law.irreducible) + " + " + shortest(law.a_coefficient) + " / N^" + shortest(law.alpha) + " + " +
         shortest(law.b_coefficient) + " / D^" + shortest(law.beta);
}

/// `how`: where N comes from; D is what is left of C.
Row allocation(const std::string& key, const std::string& label, const Allocation& split, const std::string& how,
               const std::string& source = {}) {
  Row row = Row::group(key, label);
  row.add(Row::leaf("params", "parameters", split.params, how, source));
  row.add(Row::leaf("tokens", "tokens", split.tokens, "C / (6·N)", source));
  row.add(Row::leaf("flops", "FLOPs", split.compute().value,
                    "6 × " + shortest(split.params) + " × " + shortest(split.tokens)));
  return row;
}

Row scale_tree(const ScaleAnswer& answer) {
  Row tree = Row::group("");
  tree.add(Row::leaf("asked", "asked for", asked_for(answer)));
  tree.add(Row::leaf("law", "law of the losses", answer.request.law.id));
  const auto& request = answer.request;
  const auto& chosen = request.law;
  const std::string source = printable(chosen.source);
  const std::string speed = shortest(answer.peak.value) + " FLOP/s × " + shortest(answer.mfu);
  tree.add(Row::leaf("flops", "FLOPs", answer.compute.value,
                     request.compute ? "as given"
                     : request.budget
                         ? asked_for(answer) + " / $" + shortest(answer.price->value) + "/h × 3,600 s × " + speed
                         : "what the law's best split of " + asked_for(answer) + " takes"));
  tree.add(Row::leaf("device", "device", printable(answer.device->id)));
  tree.add(Row::leaf("mfu", "MFU", answer.mfu, request.mfu ? Label("as given") : Label("assumed")));
  if (answer.price) {
    tree.add(Row::leaf("price_usd_per_hour", "price", answer.price->value,
                       request.price ? Label("as given") : Label("the median of the device's on-demand quotes"),
                       printable(answer.device->source)));
  }
  if (answer.device_hours) {
    tree.add(Row::leaf("device_hours", "device-hours", *answer.device_hours,
                       shortest(answer.compute.value) + " / (" + speed + ") / 3,600 s"));
  }
  if (answer.dollars) {
    tree.add(Row::leaf("cost_usd", "cost", *answer.dollars,
                       shortest(*answer.device_hours) + " h × $" + shortest(answer.price->value)));
  }
  tree.add(allocation("split", "best split", answer.split, split_formula(chosen), source));
  tree.add(Row::leaf("loss", "predicted loss", answer.loss, loss_formula(chosen), source));
  Row& best = tree.add(Row::list("best", "best split by each law"));
  for (const auto& one : answer.best) {
    Row row = allocation("", "", one.split, split_formula(one.law), printable(one.law.source));
    row.add(Row::leaf("law", "law", one.law.id));
    row.add(Row::leaf("name", "name", printable(one.law.name)));
    row.add(Row::leaf("tokens_per_param", "tokens per parameter", one.split.tokens / one.split.params, "D / N"));
    row.add(Row::leaf("loss", "loss", one.loss, loss_formula(chosen), source));
    row.add(Row::leaf("source", "source", printable(one.law.source)));
    best.add(std::move(row));
  }
  const auto steps = [&](const Label& key, const Label& label, const std::vector<ScaleAnswer::Step>& list,
                         bool tokens) {
    Row& rows = tree.add(Row::list(key, label));
    for (const auto& step : list) {
      Row row = Row::group("");
      row.add(Row::leaf("params", "parameters", step.split.params, tokens ? split_formula(chosen) : "doubled", source));
      if (tokens) {
        row.add(Row::leaf("tokens", "tokens", step.split.tokens, "C / (6·N)"));
        row.add(Row::leaf("flops", "FLOPs", step.compute.value, "ten times the step before"));
        row.add(Row::leaf("extrapolated", "beyond what the law was fitted to", step.extrapolated));
      }
      row.add(Row::leaf("loss", "loss", step.loss, tokens ? loss_formula(chosen) : "with D unlimited", source));
      row.add(Row::leaf("gained", "gained", step.gained, "less than the step before"));
      rows.add(std::move(row));
    }
  };
  steps("tenfold", "ten times the effort", answer.steps, true);
  steps("diminishing", "parameters doubled, tokens unlimited", answer.doubled_params, false);
  Row& doublings = tree.add(Row::list("doublings", "the next doubling"));
  for (const auto& one : answer.doublings) {
    Row row = allocation("", "", one.split, "the best split, " + one.what + " doubled");
    row.add(Row::leaf("of", "of", one.what));
    row.add(Row::leaf("loss", "loss", one.loss, loss_formula(chosen), source));
    row.add(Row::leaf("gained", "gained", answer.loss - one.loss, shortest(answer.loss) + " - " + shortest(one.loss)));
    doublings.add(std::move(row));
  }
  Row& halving = tree.add(Row::group("halving", "to halve the reducible loss"));
  halving.add(Row::leaf("params_factor", "parameters, of their part", answer.halvings.params, "2^(1/alpha)"));
  halving.add(Row::leaf("tokens_factor", "tokens, of their part", answer.halvings.tokens, "2^(1/beta)"));
  halving.add(Row::leaf("compute_factor", "FLOPs, of all", answer.halvings.compute, "2^((alpha+beta)/(alpha·beta))"));
  Row& smaller = tree.add(Row::list("smaller", "smaller, trained longer, to the same loss"));
  for (const auto& one : answer.smaller) {
    Row row = allocation("", "", one.split, shortest(one.size) + " × " + shortest(answer.split.params));
    row.add(Row::leaf("size", "of the size", one.size, "chosen"));
    row.add(Row::leaf("training_factor", "training FLOPs", one.training_factor, "6·N'·D' / C, D' for the same loss"));
    row.add(Row::leaf("inference_factor", "inference FLOPs", one.inference_factor, "N' / N"));
    row.add(Row::leaf("even_at_tokens", "even after tokens", one.even_at, "(6·N'·D' - C) / (2·(N - N'))"));
    smaller.add(std::move(row));
  }
  Row& notes = tree.add(Row::list("notes", "notes"));
  for (const auto& note : scale_notes(answer)) notes.add(Row::leaf("", "", note.line()));
  return tree;
}

/// The law whose losses stand on the page of models.
constexpr std::string_view kShownLaw = "besiroglu";

const ScaledModel::Loss* shown_loss(const ScaledModel& model) {
  for (const auto& loss : model.losses) {
    if (loss.law.id == kShownLaw) return &loss;
  }
  return nullptr;
}

}  // namespace

Report scale_report(const ScaleAnswer& answer) {
  Report report;
  report.collection = "plans";
  report.models.push_back(scale_tree(answer));
  Page& page = report.pages.emplace_back();
  std::string title = asked_for(answer);
  if (!answer.request.compute) title += ": " + rough(scientific(answer.compute.value)) + " FLOPs";
  page.title = {title, Style::strong};
  if (answer.device_hours) {
    page.summary.push_back({rough(amount(*answer.device_hours)) + " hours of " + printable(answer.device->name) +
                            " at " + percent(answer.mfu) + " MFU"});
  }
  if (answer.price) page.summary.push_back({"$" + fixed(answer.price->value, 2) + "/h"});
  page.tables = {best_table(answer), steps_table(answer), doublings_table(answer), diminishing_table(answer)};
  if (!answer.smaller.empty()) page.tables.push_back(smaller_table(answer));
  page.notes = scale_notes(answer);
  return report;
}

Report scaled_models_report(const std::vector<ScaledModel>& models) {
  Report report;
  PageTable table;
  table.folds = true;
  table.head = {{"", Style::strong}, {}};
  Line params{{"parameters"}, {}};
  Line tokens{{"tokens"}, {}};
  Line per_param{{"D / N"}, {}};
  Line ratio{{"parameters, ratio"}, {}};
  Line loss{{"loss"}, {}};
  Line loss_ratio{{"loss, ratio"}, {}};
  Line above{{"above the floor, ratio"}, {}};
  Line best{{"best for its FLOPs"}, {}};
  const auto* const first = models.empty() ? nullptr : shown_loss(models.front());
  std::vector<Note> benchmarks;
  for (const auto& model : models) {
    const auto* const shown = shown_loss(model);
    const bool has = shown != nullptr && shown->loss;
    const bool based = has && first != nullptr && first->loss;
    table.head.cells.push_back({printable(model.model.name), Style::strong});
    params.cells.push_back({scaled(model.params)});
    const bool assumed = model.tokens.origin == Origin::assumed;
    tokens.cells.push_back(assumed ? estimate(amount(model.tokens.value)) : Cell{scaled_short(model.tokens.value)});
    per_param.cells.push_back({(assumed ? "~" : "") + significant(model.tokens.value / model.params, 3)});
    ratio.cells.push_back({significant(model.params / models.front().params, 3) + " ×"});
    loss.cells.push_back(has ? estimate(loss_text(*shown->loss)) : Cell{kNone});
    loss_ratio.cells.push_back(based ? estimate(significant(*shown->loss / *first->loss, 3) + " ×") : Cell{kNone});
    const double floor = shown != nullptr ? shown->law.irreducible : 0;
    above.cells.push_back(based ? estimate(significant((*shown->loss - floor) / (*first->loss - floor), 3) + " ×")
                                : Cell{kNone});
    best.cells.push_back(shown != nullptr ? estimate(amount(shown->best.params)) : Cell{kNone});

    Row row = Row::group("");
    row.add(Row::leaf("id", "id", printable(model.model.id)));
    row.add(Row::leaf("name", "name", printable(model.model.name)));
    Row& counts = row.add(Row::group("params", "parameters"));
    counts.add(Row::leaf("total", "parameters", number_value(model.total), "Σ trainable tensors"));
    counts.add(Row::leaf("active", "active", number_value(model.params), "of routed experts the share a token uses"));
    row.add(Row::leaf(
        "tokens", "tokens", number_value(model.tokens.value), assumed ? Label("20 × total") : Label(),
        model.tokens.origin == Origin::published ? printable(model.model.training.source) : "given or assumed"));
    row.add(Row::leaf("tokens_assumed", "tokens assumed", assumed));
    Row& laws = row.add(Row::group("scaling", "scaling laws"));
    for (const auto& one : model.losses) {
      Row& law = laws.add(Row::group(one.law.id, printable(one.law.name)));
      const std::string from = printable(one.law.source);
      if (one.loss) law.add(Row::leaf("loss", "predicted loss", *one.loss, "the law at its N and D", from));
      law.add(Row::leaf("best_params", "best parameters for its FLOPs", one.best.params, split_formula(one.law), from));
      law.add(Row::leaf("best_tokens", "best tokens for its FLOPs", one.best.tokens, "C / (6·N)", from));
    }
    Row& scores = row.add(Row::list("benchmarks", "published benchmark scores"));
    for (const auto& score : model.model.benchmarks) {
      Row one = Row::group("");
      one.add(Row::leaf("name", "benchmark", printable(score.name)));
      one.add(Row::leaf("score", "score", score.score, "", printable(score.source)));
      one.add(Row::leaf("setting", "setting", printable(score.setting)));
      one.add(Row::leaf("source", "source", printable(score.source)));
      scores.add(std::move(one));
      benchmarks.push_back(
          {printable(model.model.name), printable(score.name) + " " + shortest(score.score) +
                                            (score.setting.empty() ? "" : ", " + printable(score.setting)) + "; " +
                                            printable(score.source) + "."});
    }
    report.models.push_back(std::move(row));
  }
  table.lines = {params, ratio, tokens, per_param, loss, loss_ratio, above, best};
  // Published scores stand beside the counts as facts: a row for each benchmark that any of the models has.
  std::vector<std::string> names;
  for (const auto& model : models) {
    for (const auto& score : model.model.benchmarks) {
      if (std::find(names.begin(), names.end(), score.name) == names.end()) names.push_back(score.name);
    }
  }
  for (const auto& name : names) {
    Line line{{printable(name) + ", published"}, {}};
    for (const auto& model : models) {
      std::string text = kNone;
      for (const auto& score : model.model.benchmarks) {
        if (score.name == name) text = shortest(score.score);
      }
      line.cells.push_back({text});
    }
    table.lines.push_back(std::move(line));
  }
  Page& page = report.pages.emplace_back();
  page.tables.push_back(std::move(table));
  if (first != nullptr) {
    page.notes.push_back({"loss", "nats per token, predicted by " + printable(first->law.name) +
                                      " from active parameters and tokens; floor " + fixed(first->law.irreducible, 3) +
                                      ". The corpora differ, so it ranks sizes, not models."});
  }
  page.notes.push_back({"tokens", "as published; ~ where none are: " + fixed(kDefaultTokensPerParameter, 0) +
                                      " per parameter assumed (Hoffmann 2022); --tokens sets them for all."});
  for (auto& note : benchmarks) page.notes.push_back(std::move(note));
  return report;
}

}  // namespace paramcount
