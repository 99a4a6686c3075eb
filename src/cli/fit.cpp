// paramcount fit: does it fit, on what, in which format; and what fits a device.
#include "paramcount/estimate/fit.hpp"

#include <algorithm>
#include <array>

#include "base/numbers.hpp"
#include "base/spelling.hpp"
#include "base/text.hpp"
#include "cli/command.hpp"
#include "cli/media_options.hpp"
#include "cli/memory_options.hpp"
#include "cli/model_name.hpp"
#include "cli/options.hpp"
#include "cli/speed_options.hpp"
#include "cli/training_options.hpp"
#include "paramcount/base/error.hpp"
#include "paramcount/estimate/defaults.hpp"
#include "report/fit_lists_report.hpp"
#include "report/fit_report.hpp"

namespace paramcount {
namespace {

constexpr std::uint64_t kMostDevices = 4096;
constexpr std::uint64_t kMostLayers = 1'000'000;

struct FitOptions {
  OutputOptions output;
  std::vector<std::string> models, dtypes;
  std::string device, devices;
  LayoutOptions layout;
  MediaOptions media;
  SpeedOptions speed;
  std::string least, most, family, sort;
  std::string context, batch, kv_dtype, runtime, utilization, cache_memory, ram, ngl, n_cpu_moe, price;
  bool cpu_moe = false, all = false;
};

void declare(OptionSet& set, FitOptions& o, CommonOptions& common) {
  set.words(o.models, "MODEL",
            "catalog names, config.json files, folders with one, GGUF files, or - for standard input");
  set.option("--device", o.device, "NAME",
             "the device to fit on: h100, \"RTX 4090\", 2x4090, m4-max:64GB, here, or memory=48GiB", "Device");
  set.option("--devices", o.devices, "N", "number of devices; default 1", "Device");
  set.option("--utilization", o.utilization, "X", "fraction of a device's memory to use; default the runtime's own",
             "Device");
  set.option("--ram", o.ram, "SIZE", "host memory that llama.cpp may use as well: 64GiB", "Device");
  set.option("--dtype", o.dtypes, "D[,D...]",
             "number formats of the weights: bf16, fp8, awq, q4_k_m; default all that are worth considering", "Load");
  set.option("--context", o.context, "N",
             "context length, tokens per sequence (k is 1,024); default min(" + std::to_string(kDefaultContext) +
                 ", the model's)",
             "Load");
  add_media_options(set, o.media, "Load");
  set.option("--batch", o.batch, "N|max", "batch size, sequences at once, or max for as many as fit; default 1",
             "Load");
  set.option("--kv-dtype", o.kv_dtype, "K[:V]", "number format of the KV cache: q8_0, fp8; default fp16", "Load");
  set.option("--runtime", o.runtime, "R[:KNOBS]",
             runtime_names() + "; default llama.cpp for its file types and consumer devices, else vllm", "Runtime");
  add_layout_options(set, o.layout, "Runtime");
  set.option("--kv-cache-memory", o.cache_memory, "SIZE", "memory per device for the KV cache; default what is left",
             "Runtime");
  set.option("--ngl", o.ngl, "N", "llama.cpp: layers on the device, counting the output as one", "Runtime");
  set.option("--n-cpu-moe", o.n_cpu_moe, "N", "llama.cpp: layers whose experts stay in host memory", "Runtime");
  set.flag("--cpu-moe", o.cpu_moe, "llama.cpp: keep the experts of all layers in host memory", "Runtime");
  add_speed_options(set, o.speed);
  set.option("--price", o.price, "X", "dollars per device-hour; default the median of dated on-demand quotes", "Cost");
  set.option("--min", o.least, "P", "without a model: list only models with at least this many parameters (7B)",
             "Models");
  set.option("--max", o.most, "P", "without a model: list only models with at most this many parameters", "Models");
  set.option("--family", o.family, "F", "without a model: list only models of this family", "Models");
  set.option("--sort", o.sort, "KEY", "without a model: sort by recent, params, name, released, context or spare",
             "Models");
  set.flag("--all", o.all, "without a model, or without --device: list everything that fits, not only the first 24",
           "Models");
  add_config_options(set, common);
  add_output_options(set, o.output);
  set.footer(
      "Examples:\n"
      "  paramcount fit llama-3.3-70b --device h100 --devices 4 --dtype fp8 --context 32k --batch 20\n"
      "  paramcount fit qwen3-32b --device rtx-4090 --context 16k\n"
      "  paramcount fit llama-3.3-70b --device 4xh100 --dtype fp8 --prompt 1k --generate 256 --batch max\n"
      "  paramcount fit gpt-oss-120b --device rtx-4090 --ram 64GiB --dtype q4_k_m\n"
      "  paramcount fit qwen3-235b-a22b --dtype fp8 --context 32k --batch 20     what to rent\n"
      "  paramcount fit --device rtx-4090 --context 16k                          what can I run\n"
      "Exit: 0 it fits, 1 could not answer, 2 usage, 3 it does not fit, or is slower than required");
}

std::optional<std::uint64_t> read_number(const std::string& text, const char* option, std::uint64_t most) {
  if (text.empty()) return std::nullopt;
  return parse_count(text, option, false, most);
}

/// Numbers that may be 0: no layers on the device.
std::optional<std::uint64_t> read_layers(const std::string& text, const char* option) {
  if (trim(text) == "0") return 0;
  return read_number(text, option, kMostLayers);
}

FitRequest request_of(const FitOptions& o, const Catalog& catalog) {
  FitRequest request;
  request.devices = read_number(o.devices, "--devices", kMostDevices);
  if (!o.device.empty()) {
    const NamedDevice named = read_device(o.device, o.devices, request.devices, catalog);
    request.device = named.device;
    request.devices = named.count;
    if (named.count.value_or(1) > kMostDevices) {
      throw usage_error("--device " + printable(o.device) + ": at most " + grouped(kMostDevices) + " of them");
    }
  }
  request.layout = read_layout(o.layout);
  // Nearly every published file was made with an importance matrix.
  request.formats = read_formats(o.dtypes, true, catalog);
  if (!o.context.empty()) request.context = read_context(o.context);
  request.speed = read_speed_options(o.speed, catalog);
  if (lower(trim(o.batch)) == "max") {
    request.speed.most_sequences = true;
  } else if (!o.batch.empty()) {
    if (request.speed.least)
      throw usage_error("--batch, --min-tokens-per-second: the latter finds the batch size; give one");
    request.batch = read_sequences(o.batch);
  }
  if (!o.kv_dtype.empty()) std::tie(request.keys, request.values) = read_cache_dtypes(o.kv_dtype, catalog);
  if (!o.runtime.empty()) request.runtime = parse_runtime(o.runtime);
  if (!o.utilization.empty()) request.utilization = read_share(o.utilization, "--utilization");
  if (!o.cache_memory.empty()) request.cache_memory = read_bytes(o.cache_memory, "--kv-cache-memory");
  if (!o.ram.empty()) request.ram = read_bytes(o.ram, "--ram");
  if (!o.price.empty()) request.price = DollarsPerHour{read_dollars(o.price, "--price")};
  request.gpu_layers = read_layers(o.ngl, "--ngl");
  request.cpu_experts = read_layers(o.n_cpu_moe, "--n-cpu-moe");
  if (o.cpu_moe) {
    if (request.cpu_experts) throw usage_error("--cpu-moe, --n-cpu-moe: all layers, or a number of them; give one");
    request.cpu_experts = kMostLayers;
  }
  return request;
}

/// What a request is for one model: in the format that its name says where --dtype says none, and with the tokens that
/// it makes of images and audio.
FitRequest of_model(FitRequest request, const Model& model, const MediaRequest& asked, const Session& session) {
  if (request.formats.empty()) request.formats = formats_in_names({&model, 1}, true, *session.catalog);
  if (!asked.asked()) return request;
  const Inventory inventory = session.expander->expand(model);
  auto media = media_input(model, inventory, asked, *session.catalog, *session.expander);
  return with_media(std::move(request), inventory, std::move(media));
}

/// "No" is an answer, and its page says what would do.
int print_fit(bool ok, const FitOptions& o, const Invocation& invocation) {
  const int code = print(invocation.session.report, o.output, invocation);
  return code == static_cast<int>(ExitCode::answered) && !ok ? static_cast<int>(ExitCode::no) : code;
}

void refuse_filters(const FitOptions& o) {
  for (const auto& [text, option] :
       {std::pair{&o.least, "--min"}, {&o.most, "--max"}, {&o.family, "--family"}, {&o.sort, "--sort"}}) {
    if (!text->empty()) throw usage_error(std::string(option) + ": filters the catalog's models; leave out the model");
  }
}

int run_models(const FitOptions& o, const FitRequest& request, const Invocation& invocation) {
  constexpr std::array<std::string_view, 6> kSorts{kUsualSort, "params", "name", "released", "context", "spare"};
  if (!o.sort.empty()) check_word("--sort", o.sort, kSorts);
  if (request.gpu_layers || request.cpu_experts || request.ram) {
    throw usage_error("--ram, --ngl, --n-cpu-moe: need a model; name one");
  }
  if (request.speed.most_sequences || request.speed.least) {
    throw usage_error("--batch max, --min-tokens-per-second: need a model; name one");
  }
  if (request.price || request.speed.buy || request.speed.grid) {
    throw usage_error("--price, --buy, --grid: need a model; name one");
  }
  constexpr std::uint64_t kMost = 1'000'000'000'000'000;
  ModelsFilter filter;
  if (!o.least.empty()) filter.least = parse_count(o.least, "--min", false, kMost);
  if (!o.most.empty()) filter.most = parse_count(o.most, "--max", false, kMost);
  const Catalog& catalog = *invocation.session.catalog;
  if (!o.family.empty()) filter.family = catalog.family(o.family).id;
  if (!o.sort.empty()) filter.sort = o.sort;
  const ModelsAnswer answer = models_for(request, filter, catalog, *invocation.session.expander);
  if (answer.models.empty()) throw Error("fit: no models in the catalog match; 'paramcount list' shows them");
  invocation.session.report = models_report(answer, parts(o.output, invocation), o.all);
  return print_fit(answer.ok(), o, invocation);
}

/// What `ask` answers of each model that is named.
template <class Ask>
auto answers_of_each(const Ask& ask, const FitOptions& o, const FitRequest& request, const MediaRequest& asked,
                     const Session& session) {
  std::vector<decltype(ask(Model(), request, *session.catalog, *session.expander))> answers;
  for (const auto& name : o.models) {
    Model model = find_whole_model(name, *session.catalog);
    const std::string where = shown_name(model);
    try {
      const FitRequest own = of_model(request, model, asked, session);
      answers.push_back(ask(std::move(model), own, *session.catalog, *session.expander));
    } catch (const Error& error) {
      throw error.code() == ExitCode::usage ? error : located(where, error);
    }
  }
  return answers;
}

int run_machines(const FitOptions& o, const FitRequest& request, const MediaRequest& asked,
                 const Invocation& invocation) {
  for (const auto& [given, option] : {std::pair{request.devices.has_value(), "--devices"},
                                      {request.layout.given(), "--tp, --pp, --ep, --dp"},
                                      {request.ram.has_value(), "--ram"},
                                      {request.speed.most_sequences, "--batch max"},
                                      {request.speed.least.has_value(), "--min-tokens-per-second"},
                                      {request.speed.buy, "--buy"},
                                      {request.speed.grid.has_value(), "--grid"},
                                      {request.gpu_layers.has_value(), "--ngl"},
                                      {request.cpu_experts.has_value(), "--n-cpu-moe"}}) {
    if (given) throw usage_error(std::string(option) + ": for which device? Name it with --device");
  }
  const auto answers = answers_of_each(machines_for, o, request, asked, invocation.session);
  invocation.session.report = machines_report(answers, parts(o.output, invocation), o.all);
  const bool all = std::all_of(answers.begin(), answers.end(), [](const MachinesAnswer& one) { return one.ok(); });
  return print_fit(all, o, invocation);
}

}  // namespace

int run_fit(const Invocation& invocation) {
  OptionSet set(
      "Check whether a model fits: memory per device, what is left, the longest context and largest batch, and what "
      "would fit instead.");
  FitOptions o;
  declare(set, o, invocation.session.options);
  if (!parse(set, invocation, "fit")) return static_cast<int>(ExitCode::answered);
  check(o.output);
  if (o.models.empty() && o.device.empty()) {
    throw usage_error("fit: which model, or which --device? Name one, or both");
  }
  const Catalog& catalog = open_catalog(o.output, invocation);
  const FitRequest request = request_of(o, catalog);
  if (request.price && request.speed.buy) throw usage_error("--price, --buy: rent or buy; give one");
  if (request.speed.host_bandwidth && !request.ram && !request.gpu_layers && !request.cpu_experts) {
    throw usage_error("--ram-bandwidth: nothing is kept in host memory without --ram, --ngl or --n-cpu-moe");
  }
  const MediaRequest asked = read_media(o.media);
  if (o.models.empty()) {
    if (asked.asked()) throw usage_error("--images, --audio: need a model; name one");
    return run_models(o, request, invocation);
  }
  refuse_filters(o);
  if (o.all && !o.device.empty()) throw usage_error("--all: applies to lists; leave out the model or --device");
  if (o.device.empty()) return run_machines(o, request, asked, invocation);
  const auto answers = answers_of_each(fit, o, request, asked, invocation.session);
  invocation.session.report = fit_report(answers, parts(o.output, invocation));
  const auto& first = answers.front();
  if (answers.size() == 1 && !first.problem().empty()) {
    return print_verdict(invocation.session.report, o.output, invocation,
                         shown_name(first.model) + ": " + first.problem());
  }
  const bool all = std::all_of(answers.begin(), answers.end(), [](const FitAnswer& one) {
    const auto& speed = one.fits[one.best].speed;
    return one.ok() && (!speed || speed->enough);
  });
  return print_fit(all, o, invocation);
}

}  // namespace paramcount
