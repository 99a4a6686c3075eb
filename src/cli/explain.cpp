// paramcount explain [MODEL]: a model part by part, for learners; explain --article: an article's claims, checked.
#include <algorithm>
#include <optional>

#include "base/text.hpp"
#include "cli/article.hpp"
#include "cli/command.hpp"
#include "cli/model_name.hpp"
#include "cli/options.hpp"
#include "paramcount/base/error.hpp"
#include "paramcount/estimate/answer.hpp"
#include "paramcount/estimate/training.hpp"
#include "report/walk_cost.hpp"
#include "report/walk_report.hpp"

namespace paramcount {
namespace {

constexpr const char* kUsualModel = "gpt-2";  ///< small enough for its sums to be followed by hand

/// Whether the layers of a family are attention and then what follows it: one that has both at once says so by a
/// dimension `is_parallel`. Of nested families nothing is known here.
bool in_turn(const Inventory& inventory, const Catalog& catalog) {
  const Family* family = catalog.find_family(inventory.family);
  if (family == nullptr || !family->parts.empty()) return false;
  return std::none_of(family->dims.begin(), family->dims.end(),
                      [](const auto& dim) { return dim.name == "is_parallel" && dim.expression != "false"; });
}

Report walk(Model model, const ReportOptions& wanted, const Catalog& catalog, Expander& expander) {
  Scenario scenario;
  scenario.decode = true;
  Answer answered = answer(std::move(model), scenario, catalog, expander);
  // What keeps nothing from token to token generates none.
  if (answered.kv.total().value == 0) answered.decode.clear();
  Report report = walk_report(answered.model, answered.inventory, wanted, in_turn(answered.inventory, catalog));
  std::optional<TrainingAnswer> training;
  if (answered.training && answered.bill) training = train(answered.model, {}, catalog, expander);
  add_costs(report, answered, training, wanted);
  return report;
}

}  // namespace

int run_explain(const Invocation& invocation) {
  OptionSet set("Explain a model: what each part is for, how many parameters it has, and what they cost.");
  std::string name;
  bool article = false;
  OutputOptions options;
  set.word(
      name, "MODEL",
      "a catalog name, a config.json, a folder with one, or - for standard input; default " + std::string(kUsualModel));
  set.flag("--article", article,
           "go through an article's claims about parameters one by one, with the commands that check them", "Subject");
  add_config_options(set, invocation.session.options);
  add_output_options(set, options);
  set.footer([] {
    return std::string(
        "Examples:\n  paramcount explain\n  paramcount explain deepseek-v3\n  paramcount explain --article");
  });
  if (!parse(set, invocation, "explain")) return static_cast<int>(ExitCode::answered);
  check(options);
  const Catalog& catalog = open_catalog(options, invocation);
  const ReportOptions wanted = parts(options, invocation);
  auto& report = invocation.session.report;
  if (article) {
    if (!name.empty()) throw usage_error("explain --article: names its own models; leave " + printable(name) + " out");
    report = article_report(checked_claims(catalog_folders(options.catalogs, invocation)), wanted);
    return print(report, options, invocation);
  }
  Model model = find_whole_model(name.empty() ? kUsualModel : name, catalog);
  const std::string where = shown_name(model);
  try {
    report = walk(std::move(model), wanted, catalog, *invocation.session.expander);
  } catch (const Error& error) {
    throw located(where, error);
  }
  return print(report, options, invocation);
}

}  // namespace paramcount
