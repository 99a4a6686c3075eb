// paramcount MODEL...: the main command.

#include <algorithm>

#include "base/file.hpp"
#include "base/numbers.hpp"
#include "base/text.hpp"
#include "cli/command.hpp"
#include "cli/model_name.hpp"
#include "cli/options.hpp"
#include "cli/scenario_options.hpp"
#include "cli/what_if.hpp"
#include "estimate/cache_table.hpp"
#include "paramcount/base/error.hpp"
#include "paramcount/count/companion.hpp"
#include "paramcount/estimate/answer.hpp"
#include "report/count_report.hpp"
#include "report/dim_sources.hpp"
#include "report/inventory_report.hpp"
#include "report/kv_report.hpp"

namespace paramcount {
namespace {

/// What was typed, before it means anything.
struct CountOptions {
  OutputOptions output;
  std::vector<std::string> models;
  ScenarioOptions scenario;
  std::string baseline;
  std::string base;
  bool rows = false;
  bool sum = false;
  WhatIfOptions what_if;
};

/// What follows the options in --help.
std::string footer() {
  return commands_by_question() +
         "\nExamples\n"
         "  paramcount llama-3.1-405b --dtype fp16\n"
         "  paramcount gpt-2-xl gpt-3-175b ./config.json\n"
         "  paramcount 'phi-3-mini*8' gpt-3-175b --sum\n"
         "  paramcount deepseek-v3 --format jsonl | jq .params.active\n"
         "\nExit: 0 answered, 1 could not, 2 usage, 3 the answer is no";
}

void declare(OptionSet& set, CountOptions& o, CommonOptions& common) {
  set.words(o.models, "MODEL",
            "a catalog name, a config.json, a checkpoint, a folder, hf:org/name, or - for standard input");
  add_scenario_options(set, o.scenario);
  set.option("--baseline", o.baseline, "MODEL", "the model that ratios are relative to; default the first",
             "Side by side");
  set.option("--base", o.base, "MODEL", "base model of an adapter; default the one its config names", "Side by side");
  const auto flag = [&](const char* name, bool& value, const Label& text) {
    set.flag(name, value, text, "Side by side");
  };
  flag("--rows", o.rows, "one row per model instead of a column");
  flag("--sum", o.sum, "add up all models; MODEL*8 stands for eight copies");
  add_what_if_options(set, o.what_if);
  add_config_options(set, common);
  add_output_options(set, o.output);
  set.footer(footer);
}

struct NameAndCopies {
  std::string name;
  std::uint64_t copies{1};
};

/// "phi-3-mini*8" is eight of them, unless a file has that very name.
NameAndCopies copies_of(const std::string& argument) {
  const auto star = argument.rfind('*');
  if (star == std::string::npos || star == 0 || exists(argument)) return {argument};
  return {argument.substr(0, star),
          parse_count(argument.substr(star + 1), printable(argument.substr(0, star)) + "*", false, 1'000'000'000)};
}

/// Why the devices given do not hold some of the models: the first format of each that they do not.
std::vector<std::string> impossible_ones(const std::vector<Answer>& answers) {
  std::vector<std::string> reasons;
  for (const auto& answer : answers) {
    const auto bound = std::find_if(answer.decode.begin(), answer.decode.end(),
                                    [](const DecodeBound& one) { return !one.impossible.empty(); });
    if (bound == answer.decode.end()) continue;
    const std::string format = answer.decode.size() > 1 ? bound->dtype + ": " : "";
    reasons.push_back(shown_name(answer.model) + ": " + format + bound->impossible);
  }
  return reasons;
}

/// For the plots of one model: its layers, and its cache in each runtime.
void add_plotted(const Answer& answer, Expander& expander, Report& report) {
  const auto& inventory = answer.inventory;
  if (inventory.family.empty() || is_companion(answer.model.kind())) return;
  const ReportOptions tree{false, true};
  report.plotted.push_back(std::move(layers_report(answer.model, inventory, tree).models.front()));
  if (!inventory.state_known) return;
  CacheQuestion question;
  question.contexts.assign(kUsualContexts.begin(), kUsualContexts.end());
  question.sequences = answer.cache.sequences;
  question.keys = answer.cache.keys;
  question.values = answer.cache.values;
  for (const auto& profile : runtime_profiles()) question.runtimes.push_back(parse_runtime(std::string(profile.name)));
  const auto rows = cache_table(answer.model, inventory, question, expander);
  report.plotted.push_back(std::move(kv_report(answer.model, inventory, rows, {}, tree).models.front()));
}

}  // namespace

int run_count(const Invocation& invocation) {
  OptionSet set("Count a language model: parameters, memory, training cost.");
  CountOptions options;
  declare(set, options, invocation.session.options);
  if (!parse(set, invocation, "")) return static_cast<int>(ExitCode::answered);
  check(options.output);
  if (options.models.empty()) throw usage_error("which model? Name one, or give a config.json; --help shows how");
  auto& expander = invocation.session.expander;
  auto& answers = invocation.session.answers;
  auto& report = invocation.session.report;
  const Catalog& catalog = open_catalog(options.output, invocation);
  Scenario scenario = read_scenario(options.scenario, catalog);
  if (options.what_if.asked()) {
    if (options.models.size() != 1 || options.sum || options.rows) {
      throw usage_error("--set, --sparsity, --to and --diff change one model; name one");
    }
    if (!options.baseline.empty() || !options.base.empty()) {
      throw usage_error("--baseline, --base: before and after are of one model, without its adapters");
    }
    return run_what_if(options.models.front(), options.what_if, scenario, options.output, invocation);
  }
  ComparisonOptions comparison{0, options.rows, options.sum};
  bool baseline_found = options.baseline.empty();
  bool has_adapter = false;
  const bool alone = options.models.size() == 1 && !options.rows && !options.sum;
  std::vector<Model> models;
  models.reserve(options.models.size());
  std::vector<std::uint64_t> all_copies;
  for (const auto& argument : options.models) {
    const auto [name, copies] = copies_of(argument);
    models.push_back(find_model(name, catalog));
    all_copies.push_back(copies);
    const Model& model = models.back();
    if (is_companion(model.kind()) && (!alone || copies > 1)) require_whole_model(model);
    if (!baseline_found && (options.baseline == argument || options.baseline == name || options.baseline == model.id)) {
      comparison.baseline = models.size() - 1;
      baseline_found = true;
    }
  }
  if (scenario.formats.empty()) scenario.formats = formats_in_names(models, options.scenario.imatrix, catalog);
  for (std::size_t i = 0; i < models.size(); ++i) {
    Model& model = models[i];
    if (model.kind() == CheckpointKind::adapter) {
      has_adapter = true;
      if (!options.base.empty()) {
        model.base = std::make_shared<const Model>(find_whole_model(options.base, catalog));
      }
    }
    const std::string where = shown_name(model);
    try {
      answers.push_back(answer(std::move(model), scenario, catalog, *expander));
      answers.back().copies = all_copies[i];
      answers.back().explained = invocation.session.options.explain;
    } catch (const Error& error) {
      throw located(where, error);
    }
  }
  if (!options.base.empty() && !has_adapter) throw usage_error("--base: only applies to adapters, and none is named");
  if (!baseline_found) throw usage_error("--baseline " + printable(options.baseline) + ": not one of the models named");
  const bool several = answers.size() > 1 || options.rows || options.sum || answers.front().copies > 1;
  const bool withheld = !several && !answers.front().model.disclosed;
  const ReportOptions wanted = parts(options.output, invocation);
  const Answer& first = answers[comparison.baseline];
  const Answer* const baseline = several && first.model.disclosed && first.params.total.value > 0 ? &first : nullptr;
  for (const auto& answer : answers) {
    report.models.push_back(answer_tree(answer, baseline, !wanted.tree));
    // The dimensions of a GGUF are all from its own metadata and shapes.
    if (!answer.explained || answer.inventory.gguf) continue;
    if (const auto* family = catalog.find_family(answer.inventory.family)) {
      add_dim_sources(report.models.back(), answer.model, *family);
    }
  }
  if (options.sum) report.extras.push_back(sum_tree(answers, baseline));
  if (wanted.pages && several) {
    const Row* const sum = options.sum ? &report.extras.back() : nullptr;
    report.pages.push_back(comparison_page(answers, report.models, sum, comparison, wanted.style));
  } else if (wanted.pages && !withheld) {
    report.pages.push_back(answer_page(answers.front(), report.models.front(), wanted.style));
  }
  if (wanted.plots && !several && !withheld) add_plotted(answers.front(), *expander, report);
  const auto impossible = impossible_ones(answers);
  if (impossible.size() == 1 && !several) {
    return print_verdict(report, options.output, invocation, impossible.front());
  }
  int code = print(report, options.output, invocation);
  for (const auto& why : impossible) {
    say(why, invocation);
    code = static_cast<int>(ExitCode::no);
  }
  if (withheld) {
    const auto& model = answers.front().model;
    say(model.name + ": " + model.statement + (model.as_of.empty() ? "" : " As of " + model.as_of + ".") +
            " Source: " + model.source,
        invocation);
    return static_cast<int>(ExitCode::could_not);
  }
  return code;
}

}  // namespace paramcount
