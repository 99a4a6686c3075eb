// paramcount MODEL...: the main command.
#include <CLI/CLI.hpp>

#include "base/file.hpp"
#include "base/numbers.hpp"
#include "base/text.hpp"
#include "cli/command.hpp"
#include "cli/memory_options.hpp"
#include "cli/options.hpp"
#include "cli/training_options.hpp"
#include "cli/what_if.hpp"
#include "paramcount/answer.hpp"
#include "paramcount/error.hpp"
#include "report/count_report.hpp"
#include "report/dim_sources.hpp"

namespace paramcount {
namespace {

/// What was typed, before it means anything.
struct CountOptions {
  OutputOptions output;
  std::vector<std::string> models;
  std::vector<std::string> dtypes;
  std::string context, batch, kv_dtype, runtime, tokens, device, devices, mfu, price;
  std::string baseline;
  bool imatrix = false;
  bool rows = false;
  bool sum = false;
  bool decode = false;
  WhatIfOptions what_if;
};

/// What follows the options in --help.
std::string footer() {
  std::string text = "Commands (paramcount COMMAND --help says more):\n";
  for (const auto& command : commands()) {
    if (command.name.empty()) continue;
    text += "  " + std::string(command.name) +
            std::string(command.name.size() < 10 ? 10 - command.name.size() : 1, ' ') + std::string(command.summary) +
            "\n";
  }
  return text +
         "Examples:\n"
         "  paramcount llama-3.1-405b --dtype fp16\n"
         "  paramcount gpt-2-xl gpt-3-175b ./config.json\n"
         "  paramcount 'phi-3-mini*8' gpt-3-175b --sum\n"
         "  paramcount deepseek-v3 --format jsonl | jq .params.active\n"
         "Exit: 0 answered, 1 could not, 2 usage, 3 the answer is no";
}

void declare(CLI::App& app, CountOptions& o) {
  app.add_option("models", o.models, "a catalog name, a config.json, a checkpoint, a folder, or - for standard input")
      ->type_name("MODEL");
  const auto option = [&](const char* name, std::string& value, const char* type, const char* text, const char* group) {
    app.add_option(name, value, text)->type_name(type)->group(group);
  };
  app.add_option("--dtype", o.dtypes,
                 "formats of the weights: bf16, int4, awq, q4_k_m, gguf:bf16, experts=mxfp4,default=bf16")
      ->type_name("D[,D...]")
      ->allow_extra_args(false)
      ->group("Memory");
  option("--context", o.context, "N", "tokens in the cache (k is 1,024); default min(8192, the model's own)", "Memory");
  option("--batch", o.batch, "N", "sequences in the cache; default 1", "Memory");
  app.add_flag("--imatrix", o.imatrix, "llama.cpp's quantiser is given an importance matrix")->group("Memory");
  option("--kv-dtype", o.kv_dtype, "K[:V]", "number format of the cache: q8_0, fp8, q8_0:q4_0; default fp16", "Memory");
  option("--runtime", o.runtime, "R[:KNOBS]", "ideal, llama.cpp, vllm or transformers (kv --help says more)", "Memory");
  app.add_flag("--decode", o.decode, "what generating a token takes at best, on --device and --devices")
      ->group("Memory");
  option("--tokens", o.tokens, "N", "training tokens (15T, 300B); default as published, or 20 per parameter",
         "Training");
  option("--device", o.device, "NAME", "accelerator; default as published, or h100-sxm", "Training");
  option("--devices", o.devices, "N", "how many; default as published, or 1", "Training");
  option("--mfu", o.mfu, "X", "share of the peak in use, 0 to 1; default as published, or 0.40", "Training");
  option("--price", o.price, "X", "dollars per device and hour; default the median of dated quotes", "Training");
  option("--baseline", o.baseline, "MODEL", "which of the models the ratios are taken to; default the first",
         "Side by side");
  app.add_flag("--rows", o.rows, "a row for each model instead of a column")->group("Side by side");
  app.add_flag("--sum", o.sum, "all of them together; MODEL*8 stands for eight copies")->group("Side by side");
  add_what_if_options(app, o.what_if);
  add_output_options(app, o.output);
  app.footer(footer);
}

Scenario scenario_of(const CountOptions& o, const Catalog& catalog) {
  Scenario scenario;
  scenario.formats = read_formats(o.dtypes, o.imatrix, catalog);
  if (!o.context.empty()) scenario.context = read_context(o.context);
  if (!o.batch.empty()) scenario.batch = read_sequences(o.batch);
  if (!o.kv_dtype.empty()) std::tie(scenario.keys, scenario.values) = read_cache_dtypes(o.kv_dtype, catalog);
  if (!o.runtime.empty()) scenario.runtime = parse_runtime(o.runtime);
  scenario.decode = o.decode;
  if (!o.tokens.empty()) scenario.training.tokens = read_tokens(o.tokens);
  if (!o.device.empty()) scenario.training.device = catalog.device(o.device);
  if (!o.devices.empty()) scenario.training.devices = read_devices(o.devices);
  if (!o.mfu.empty()) scenario.training.mfu = read_share(o.mfu, "--mfu");
  if (!o.price.empty()) scenario.training.price = read_dollars(o.price, "--price");
  return scenario;
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

}  // namespace

int run_count(const Invocation& invocation) {
  CLI::App app("Count a language model: parameters, memory, training cost.");
  CountOptions options;
  declare(app, options);
  if (!parse(app, invocation, "")) return static_cast<int>(ExitCode::answered);
  check(options.output);
  if (options.models.empty()) throw usage_error("which model? Name one, or give a config.json; --help shows how");
  auto& expander = invocation.session.expander;
  auto& answers = invocation.session.answers;
  auto& report = invocation.session.report;
  const Catalog& catalog = open_catalog(options.output, invocation);
  const Scenario scenario = scenario_of(options, catalog);
  if (options.what_if.asked()) {
    if (options.models.size() != 1 || options.sum || options.rows) {
      throw usage_error("--set, --sparsity, --to and --diff change one model; name one");
    }
    return run_what_if(options.models.front(), options.what_if, scenario, options.output, invocation);
  }
  ComparisonOptions comparison{0, options.rows, options.sum};
  bool baseline_found = options.baseline.empty();
  for (const auto& argument : options.models) {
    const auto [name, copies] = copies_of(argument);
    Model model = find_model(name, catalog);
    if (!baseline_found && (options.baseline == argument || options.baseline == name || options.baseline == model.id)) {
      comparison.baseline = answers.size();
      baseline_found = true;
    }
    const std::string where = shown_name(model);
    try {
      answers.push_back(answer(std::move(model), scenario, catalog, *expander));
      answers.back().copies = copies;
    } catch (const Error& error) {
      throw located(where, error);
    }
  }
  if (!baseline_found) throw usage_error("--baseline " + printable(options.baseline) + ": not among the models named");
  const bool several = answers.size() > 1 || options.rows || options.sum || answers.front().copies > 1;
  const bool withheld = !several && !answers.front().model.disclosed;
  const Parts wanted = parts(options.output, invocation);
  if (wanted.pages && several) report.pages.push_back(comparison_page(answers, comparison));
  if (wanted.pages && !several && !withheld) report.pages.push_back(answer_page(answers.front()));
  if (wanted.tree) {
    for (const auto& answer : answers) {
      report.models.push_back(answer_tree(answer));
      if (invocation.session.wishes.explain && answer.model.disclosed)
        add_dim_sources(report.models.back(), answer.model, catalog.family(answer.inventory.family));
    }
    if (options.sum) report.extras.push_back(sum_tree(answers));
  }
  const int code = print(report, options.output, invocation);
  if (withheld) {
    const auto& model = answers.front().model;
    invocation.err += "paramcount: " + printable(model.name) + ": " + printable(model.statement) +
                      (model.as_of.empty() ? "" : " As of " + printable(model.as_of) + ".") +
                      " Source: " + printable(model.source) + "\n";
    return static_cast<int>(ExitCode::could_not);
  }
  return code;
}

}  // namespace paramcount
