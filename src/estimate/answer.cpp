#include "paramcount/answer.hpp"

#include <algorithm>
#include <array>

#include "paramcount/error.hpp"

namespace paramcount {
namespace {

constexpr std::array<std::string_view, 6> kUsualDtypes{"fp32", "bf16", "fp16", "fp8", "int8", "int4"};
constexpr std::uint64_t kUsualContext = 8192;
constexpr double kUsualMfu = 0.40;
constexpr double kTokensPerParameter = 20;  ///< arXiv:2203.15556, table 3
constexpr std::string_view kUsualDevice = "h100-sxm";
constexpr std::string_view kUsualPricing = "on-demand";

template <class T>
Input<T> choose(const std::optional<T>& given, const std::optional<T>& published, T assumed) {
  if (given) return {*given, Origin::given};
  if (published) return {*published, Origin::published};
  return {assumed, Origin::assumed};
}

/// Quotes of GPU clouds on demand; all quotes when there are none of these.
std::vector<const PriceQuote*> usual_quotes(const Device& device) {
  std::vector<const PriceQuote*> quotes;
  for (const auto& quote : device.prices) {
    if (quote.pricing == kUsualPricing) quotes.push_back(&quote);
  }
  if (quotes.empty()) {
    for (const auto& quote : device.prices) quotes.push_back(&quote);
  }
  std::sort(quotes.begin(), quotes.end(), [](const auto* a, const auto* b) { return a->price < b->price; });
  return quotes;
}

/// The peak that training is measured against: half precision, which mixed-precision training multiplies in.
void choose_peak(TrainingAnswer& training) {
  for (const std::string_view dtype : {"bf16", "fp16", "fp32"}) {
    if (const auto peak = training.device.value.peak_for(dtype)) {
      training.peak = *peak;
      training.peak_dtype = dtype;
      return;
    }
  }
  throw Error(training.device.value.id + ": the catalog has no peak speed of it");
}

TrainingAnswer train(const Model& model, const ParamCounts& params, const Scenario& scenario, const Catalog& catalog) {
  TrainingAnswer training;
  const auto& run = model.training;
  training.tokens = choose(scenario.tokens, run.tokens, kTokensPerParameter * static_cast<double>(params.total.value));
  std::optional<Device> published;
  if (!scenario.device && !run.device.empty()) published = catalog.device(run.device);
  if (scenario.device) {
    training.device = {*scenario.device, Origin::given};
  } else if (published) {
    training.device = {std::move(*published), Origin::published};
  } else {
    training.device = {catalog.device(kUsualDevice), Origin::assumed};
  }
  // The published number of devices and their efficiency belong to the published device.
  const bool same_device = training.device.value.id == run.device || run.device.empty();
  std::optional<double> given_devices;
  if (scenario.devices) given_devices = static_cast<double>(*scenario.devices);
  std::optional<double> run_devices;
  if (run.devices && same_device) run_devices = static_cast<double>(*run.devices);
  training.devices = choose(given_devices, run_devices, 1.0);
  training.mfu = choose(scenario.mfu, same_device ? run.mfu : std::nullopt, kUsualMfu);
  choose_peak(training);
  training.flops = training_flops_6nd(params.active, training.tokens.value);
  if (scenario.price) {
    training.price = DollarsPerHour{*scenario.price};
  } else if (const auto quotes = usual_quotes(training.device.value); !quotes.empty()) {
    training.quote = *quotes[(quotes.size() - 1) / 2];
    training.quotes = quotes.size();
    training.price = training.quote->price;
  }
  training.cost = training_cost({training.flops, training.peak, training.devices.value, training.mfu.value,
                                 training.price.value_or(DollarsPerHour{})});
  return training;
}

/// The weights in every format asked for, and what a llama.cpp process takes beside them.
void weigh_all(Answer& result, const Scenario& scenario, const std::optional<GgufInventory>& gguf,
               const Catalog& catalog) {
  if (scenario.formats.empty()) {
    for (const auto name : kUsualDtypes) {
      WeightFormat format;
      format.id = name;
      format.dtype = catalog.dtype(name);
      result.weights.push_back(weigh(result.inventory, format));
    }
    return;
  }
  for (const auto& format : scenario.formats) {
    if (!format.file_type) {
      result.weights.push_back(weigh(result.inventory, format));
      continue;
    }
    const GgufFile file =
        quantise(*gguf, *format.file_type, format.imatrix, [&](std::string_view id) { return catalog.dtype(id); });
    result.weights.push_back(weigh(*gguf, file, format));
    if (scenario.runtime.runtime == Runtime::llama_cpp && scenario.formats.size() == 1) {
      result.llama_cpp = llama_cpp_memory(*gguf, file, result.inventory, result.cache, result.kv);
    }
  }
}

}  // namespace

Answer answer(Model model, const Scenario& scenario, const Catalog& catalog, Expander& expander) {
  Answer result;
  if (!model.disclosed) {
    result.model = std::move(model);
    return result;
  }
  result.inventory = expander.expand(model);
  result.params = count_params(result.inventory);
  result.dtypes_given = !scenario.formats.empty();
  const bool llama_cpp = scenario.runtime.runtime == Runtime::llama_cpp;
  const bool files = std::any_of(scenario.formats.begin(), scenario.formats.end(),
                                 [](const WeightFormat& format) { return format.file_type.has_value(); });
  std::optional<GgufInventory> gguf;
  if (files || llama_cpp) gguf = expander.expand_gguf(model);
  if (llama_cpp && !result.inventory.state_known) {
    throw Error("what it keeps between tokens is not known, so neither is what a runtime allocates");
  }
  const auto longest = result.inventory.count("max_positions");
  const auto usual = longest > 0 ? std::min(kUsualContext, longest) : kUsualContext;
  result.context = choose(scenario.context, std::optional<std::uint64_t>{}, usual);
  result.cache = {result.context.value, scenario.batch, scenario.keys ? *scenario.keys : catalog.dtype("fp16"),
                  scenario.values ? *scenario.values : Dtype{}, scenario.runtime};
  if (!scenario.values) result.cache.values = result.cache.keys;
  const auto& state = llama_cpp ? gguf->state : result.inventory.state;
  result.kv = kv_cache(state, result.inventory, result.cache);
  weigh_all(result, scenario, gguf, catalog);
  if (result.params.total.value > 0) result.training = train(model, result.params, scenario, catalog);
  result.model = std::move(model);
  return result;
}

}  // namespace paramcount
