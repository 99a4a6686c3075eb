// paramcount train MODEL: the cost of training, next to published figures.

#include "base/numbers.hpp"
#include "base/text.hpp"
#include "cli/command.hpp"
#include "cli/memory_options.hpp"
#include "cli/model_name.hpp"
#include "cli/options.hpp"
#include "cli/training_layout_options.hpp"
#include "cli/training_options.hpp"
#include "paramcount/base/error.hpp"
#include "paramcount/estimate/defaults.hpp"
#include "paramcount/estimate/training.hpp"
#include "report/train_report.hpp"

namespace paramcount {
namespace {

struct TrainOptions {
  OutputOptions output;
  std::string model;
  TrainingOptions training;
  TrainingLayoutOptions layout;
  std::string hfu, days, device_hours, throughput, convention, recompute, context;
  std::string pricing, pue, watts, host_overhead, grid;
  bool picture = false;
  std::string optimizer, zero, lora, dtype;
};

std::string footer() {
  std::string text = "Conventions (--convention):\n";
  for (const auto& info : kConventions) {
    text += "  " + std::string(info.id) + std::string(10 - info.id.size(), ' ') + std::string(info.text) + "\n";
  }
  return text +
         "Adapters (--lora RANK:TARGET,...): a target is a role (attention, ffn, expert ...), q, k, v or o, "
         "all-linear, or the\n"
         "end of a module's path, as in PEFT's target_modules: q_proj, shared_expert.down_proj. "
         "modules_to_save=NAME,... trains\n"
         "modules in full; target_parameters=NAME,... adapts experts that the class of transformers 5 holds as one "
         "parameter\n"
         "(mlp.experts.gate_up_proj), which module names never match.\n"
         "Examples:\n"
         "  paramcount train llama-3.1-405b --device h100-sxm --devices 16384 --tokens 15.6T --mfu 0.41\n"
         "  paramcount train qwen3-32b --device h200 --devices 512 --tokens 10T --days 30\n"
         "  paramcount train llama-3.1-8b --tokens 100M --lora 16 --dtype nf4 --device rtx-4090\n"
         "  paramcount train llama-3.1-70b --devices 64 --tp 8 --sp --pp 4 --framework megatron --recompute full\n"
         "  paramcount train mixtral-8x7b --tokens 100M --lora "
         "8:q_proj,v_proj,target_parameters=mlp.experts.down_proj\n"
         "  paramcount train qwen3-235b-a22b --device h100 --devices 512 --plan\n"
         "Exit: 0 answered, 1 could not, 2 usage, 3 the plan is impossible";
}

void declare(OptionSet& set, TrainOptions& o, CommonOptions& common) {
  set.word(o.model, "MODEL", "a catalog name, a config.json, a folder with one, or - for standard input");
  add_training_options(set, o.training, "the fewest that the model fits on", "Run", "Money and energy");
  set.option("--hfu", o.hfu, "X", "hardware FLOPs utilisation: counts recomputed FLOPs too", "Run");
  set.option("--days", o.days, "N", "days to finish in; determines the MFU, or with --mfu the number of devices",
             "Run");
  set.option("--device-hours", o.device_hours, "N", "device-hours to spend; determines the MFU", "Run");
  set.option("--throughput", o.throughput, "X", "measured tokens per second per device (11k); determines the MFU",
             "Run");
  set.option("--convention", o.convention, "C", "convention for counting FLOPs; default 6nd", "Run");
  set.option("--recompute", o.recompute, "R",
             "activation recomputation: none, selective, full or ops (every second matrix); default none", "Run");
  set.option("--context", o.context, "N",
             "sequence length; default as published, or min(" + std::to_string(kDefaultContext) + ", the model's)",
             "Run");
  set.option("--pricing", o.pricing, "KIND", "price quotes to use: on-demand, 'on-demand, hyperscaler', all",
             "Money and energy");
  set.option("--watts", o.watts, "X", "power per device; default as published, or the rated power", "Money and energy");
  set.option("--host-overhead", o.host_overhead, "X",
             "power of hosts, network and storage, as a factor on the devices'; default 1", "Money and energy");
  set.option("--pue", o.pue, "X",
             "power usage effectiveness of the data centre; default as published, or " + fixed(kDefaultPue, 1),
             "Money and energy");
  set.option(
      "--grid", o.grid, "NAME",
      "country, cloud region, source, or grams of CO2 per kWh; default as published, or " + std::string(kDefaultGrid),
      "Money and energy");
  set.option("--optimizer", o.optimizer, "NAME",
             "default " + std::string(kDefaultOptimizer) + " (mixed precision); list optimizers shows them", "Memory");
  set.option("--zero", o.zero, "STAGE", "ZeRO stage, 0 to 3; default the lowest that fits", "Memory");
  set.option("--lora", o.lora, "RANK[:TARGETS]",
             "train low-rank adapters only: 16, 8:q,v, 8:attention, 8:q_proj,v_proj, 8:all-linear", "Memory");
  set.option("--dtype", o.dtype, "D",
             "with --lora: number format of the frozen weights; default " + std::string(kDefaultFrozenDtype), "Memory");
  add_training_layout_options(set, o.layout);
  set.flag("--picture", o.picture, "also give the totals in things people can picture: stars, homes, flights",
           "Output");
  add_config_options(set, common);
  add_output_options(set, o.output);
  set.footer(footer);
}

TrainingRequest request_of(const TrainOptions& o, const Catalog& catalog) {
  TrainingRequest request;
  const auto amount = [](const std::string& text, const char* option, double most) -> std::optional<double> {
    if (text.empty()) return std::nullopt;
    return parse_number(text, option, false, most);
  };
  read_training_options(o.training, catalog, request);
  if (!o.hfu.empty()) request.hfu = read_share(o.hfu, "--hfu");
  request.days = amount(o.days, "--days", 1e6);
  request.device_hours = amount(o.device_hours, "--device-hours", 1e15);
  request.throughput = amount(o.throughput, "--throughput", 1e12);
  if (!o.convention.empty()) request.convention = parse_convention(o.convention);
  request.recompute_given = !o.recompute.empty();
  if (!o.recompute.empty()) request.recompute = parse_recompute(o.recompute);
  if (!o.context.empty()) request.sequence = read_context(o.context);
  request.pricing = o.pricing;
  request.watts = amount(o.watts, "--watts", 1e6);
  request.pue = amount(o.pue, "--pue", 10);
  if (request.pue && *request.pue < 1) throw usage_error("--pue " + printable(o.pue) + ": at least 1");
  if (const auto overhead = amount(o.host_overhead, "--host-overhead", 100)) request.host_overhead = *overhead;
  if (request.host_overhead < 1) throw usage_error("--host-overhead " + printable(o.host_overhead) + ": at least 1");
  if (!o.grid.empty()) request.grid = read_grid(o.grid, catalog);
  if (!o.optimizer.empty()) request.optimizer = catalog.optimizer(o.optimizer);
  if (!o.zero.empty()) {
    if (o.zero.size() != 1 || o.zero[0] < '0' || o.zero[0] > '3') {
      throw usage_error("--zero " + printable(o.zero) + ": expected a stage from 0 to 3");
    }
    request.zero_stage = static_cast<std::uint64_t>(o.zero[0] - '0');
  }
  read_training_layout(o.layout, request);
  if (!o.lora.empty()) request.lora = parse_lora(o.lora);
  if (o.layout.dora && !request.lora) throw usage_error("--dora: only applies with --lora");
  if (request.lora) request.lora->dora = o.layout.dora;
  if (!o.dtype.empty()) {
    if (!request.lora) throw usage_error("--dtype: only applies with --lora; --optimizer sets the training formats");
    const auto formats = read_formats({o.dtype}, false, catalog);
    if (formats.size() != 1) throw usage_error("--dtype " + printable(o.dtype) + ": one format");
    request.frozen = formats.front();
  }
  return request;
}

}  // namespace

int run_train(const Invocation& invocation) {
  OptionSet set("Estimate the cost of training: FLOPs, time, money, energy, carbon, and memory per device.");
  TrainOptions options;
  declare(set, options, invocation.session.options);
  if (!parse(set, invocation, "train")) return static_cast<int>(ExitCode::answered);
  check(options.output);
  if (options.model.empty()) throw usage_error("train: which model? Name one, or give a config.json");
  const Catalog& catalog = open_catalog(options.output, invocation);
  const TrainingRequest request = request_of(options, catalog);
  Model model = find_whole_model(options.model, catalog);
  const std::string where = shown_name(model);
  auto& report = invocation.session.report;
  std::string impossible;
  std::string over;
  try {
    const TrainingAnswer answer = train(std::move(model), request, catalog, *invocation.session.expander);
    impossible = answer.impossible();
    over = answer.over;
    report = train_report(answer, options.picture, parts(options.output, invocation));
  } catch (const Error& error) {
    throw error.code() == ExitCode::usage ? error : located(where, error);
  }
  if (impossible.empty() && !over.empty()) {
    // What the rest of the answer says holds in other layouts too.
    return print_verdict(report, options.output, invocation, where + ": " + over, true);
  }
  return print_verdict(report, options.output, invocation, impossible.empty() ? "" : where + ": " + impossible);
}

}  // namespace paramcount
