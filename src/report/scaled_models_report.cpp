// Where existing models stand by the scaling laws: `paramcount scale MODEL...`.
#include "report/scale_report.hpp"

#include <algorithm>

#include "base/numbers.hpp"
#include "base/text.hpp"
#include "paramcount/estimate/defaults.hpp"
#include "report/figures.hpp"

namespace paramcount {
namespace {

Row scaled_tree(const ScaledModel& model, const ScaledModel& first) {
  Row row = Row::group("");
  row.add(Row::leaf("id", "id", printable(model.model.id)));
  row.add(Row::leaf("name", "name", printable(model.model.name)));
  Row& counts = row.add(Row::group("params", "parameters"));
  counts.add(Row::leaf("total", "parameters", Measure::whole(model.total, Unit::params), "Σ trainable tensors"));
  counts.add(Row::leaf("active", "active", Measure::whole(model.params, Unit::params),
                       "routed experts by the fraction a token uses"));
  counts.add(
      Row::leaf("ratio", "parameters, ratio", {model.params / first.params, Unit::factor}, "to the first model"));
  const bool assumed = model.tokens.origin == Origin::assumed;
  row.add(Row::leaf(
      "tokens", "tokens", Measure::whole(model.tokens.value, Unit::tokens), assumed ? Label("20 × total") : Label(),
      model.tokens.origin == Origin::published ? printable(model.model.training.source) : "given or assumed",
      said_of(model.tokens.origin)));
  row.add(Row::leaf("tokens_per_param", "D / N", {model.tokens.value / model.params, Unit::rate},
                    "tokens / active parameters", {}, assumed ? Said::assumed : Said::counted));
  row.add(Row::leaf("tokens_assumed", "tokens assumed", assumed));
  Row& laws = row.add(Row::group("scaling", "scaling laws"));
  for (std::size_t i = 0; i < model.losses.size(); ++i) {
    const auto& one = model.losses[i];
    const auto& base = first.losses[i];
    Row& law = laws.add(Row::group(one.law.id, printable(one.law.name)));
    const std::string from = printable(one.law.source);
    if (one.loss) law.add(estimated("loss", "loss", {*one.loss, Unit::loss}, "the law at its N and D", from));
    if (one.loss && base.loss) {
      const double floor = one.law.irreducible;
      law.add(estimated("loss_ratio", "loss, ratio", {*one.loss / *base.loss, Unit::factor}, "to the first model"));
      law.add(estimated("above_floor_ratio", "above the floor, ratio",
                        {(*one.loss - floor) / (*base.loss - floor), Unit::factor},
                        "loss - floor, to the first model"));
    }
    law.add(
        estimated("best_params", "best for its FLOPs", {one.best.params, Unit::params}, split_formula(one.law), from));
    law.add(estimated("best_tokens", "best tokens for its FLOPs", {one.best.tokens, Unit::tokens}, "C / (6·N)", from));
  }
  Row& scores = row.add(Row::list("benchmarks", "published benchmark scores"));
  for (const auto& score : model.model.benchmarks) {
    Row& one = scores.add(Row::group(""));
    one.add(Row::leaf("name", "benchmark", printable(score.name)));
    one.add(Row::leaf("score", "score", score.score, "", printable(score.source), Said::published));
    one.add(Row::leaf("setting", "setting", printable(score.setting)));
    one.add(Row::leaf("source", "source", printable(score.source)));
  }
  return row;
}

PageTable scaled_table(const std::vector<ScaledModel>& models, const std::string& law_id,
                       const std::vector<Figures>& figures) {
  PageTable table;
  table.folds = true;
  table.head = {{"", Style::strong}, {}};
  for (const auto& model : models) table.head.cells.push_back({printable(model.model.name), Style::strong});
  Line& params = table.lines.emplace_back(Line{{"parameters"}, {}});
  for (const auto& one : figures) params.cells.push_back(one.count("params.active"));
  const std::string law = "scaling." + law_id + ".";
  for (const auto& key : {std::string("params.ratio"), std::string("tokens"), std::string("tokens_per_param"),
                          law + "loss", law + "loss_ratio", law + "above_floor_ratio", law + "best_params"}) {
    Line line = figures.front().line(key);
    for (std::size_t i = 1; i < figures.size(); ++i) line.cells.push_back(figures[i].cell(key));
    table.lines.push_back(std::move(line));
  }
  // Published scores are shown next to the counts, as facts: a row for each benchmark that any of the models has.
  std::vector<std::string> names;
  for (const auto& model : models) {
    for (const auto& score : model.model.benchmarks) {
      if (std::find(names.begin(), names.end(), score.name) == names.end()) names.push_back(score.name);
    }
  }
  for (const auto& name : names) {
    Line line{{printable(name) + ", published"}, {}};
    for (std::size_t i = 0; i < models.size(); ++i) {
      const auto& scores = models[i].model.benchmarks;
      const auto at = std::find_if(scores.rbegin(), scores.rend(), [&](const auto& one) { return one.name == name; });
      line.cells.push_back(at == scores.rend()
                               ? Cell{kNone}
                               : figures[i].cell("benchmarks." + std::to_string(scores.rend() - at - 1) + ".score"));
    }
    table.lines.push_back(std::move(line));
  }
  return table;
}

}  // namespace

Report scaled_models_report(const std::vector<ScaledModel>& models, const std::string& law,
                            const ReportOptions& wanted) {
  Report report;
  for (const auto& model : models) report.models.push_back(scaled_tree(model, models.front()));
  if (!wanted.pages) return report;
  std::vector<Figures> figures;
  for (const auto& tree : report.models) figures.emplace_back(tree, wanted.style);
  Page& page = report.pages.emplace_back();
  page.tables.push_back(scaled_table(models, law, figures));
  for (const auto& loss : models.front().losses) {
    if (loss.law.id != law) continue;
    page.notes.push_back({"loss", "nats per token, predicted by " + printable(loss.law.name) +
                                      (loss.law.form == ScalingLaw::Form::kaplan ? " from parameters without embeddings"
                                                                                 : " from active parameters") +
                                      " and tokens; floor " + fixed(loss.law.irreducible, 3) +
                                      ". The corpora differ, so it ranks sizes, not models."});
  }
  page.notes.push_back({"tokens", "as published; ~ where none are: " + fixed(kDefaultTokensPerParameter, 0) +
                                      " per parameter assumed (Hoffmann 2022); --tokens sets them for all."});
  for (const auto& model : models) {
    for (const auto& score : model.model.benchmarks) {
      page.notes.push_back(
          {printable(model.model.name), printable(score.name) + " " + shortest(score.score) +
                                            (score.setting.empty() ? "" : ", " + printable(score.setting)) + "; " +
                                            printable(score.source) + "."});
    }
  }
  return report;
}

}  // namespace paramcount
