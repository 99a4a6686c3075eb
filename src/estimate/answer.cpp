#include "paramcount/estimate/answer.hpp"

#include <algorithm>
#include <array>

#include "estimate/fitting.hpp"
#include "paramcount/base/checked.hpp"
#include "paramcount/base/error.hpp"
#include "paramcount/count/adapter.hpp"
#include "paramcount/count/companion.hpp"
#include "paramcount/estimate/adapter.hpp"
#include "paramcount/estimate/defaults.hpp"
#include "paramcount/estimate/offload.hpp"
#include "paramcount/estimate/price.hpp"
#include "paramcount/estimate/speed.hpp"

namespace paramcount {
namespace {

constexpr std::array<std::string_view, 6> kUsualDtypes{"fp32", "bf16", "fp16", "fp8", "int8", "int4"};

/// The weights in every format asked for, else the usual ones and the one that the model ships in; and what a llama.cpp
/// process takes in addition. Returns the llama.cpp file of each format asked for; an empty one where it is none.
std::vector<GgufFile> weigh_all(Answer& result, const Scenario& scenario, const std::optional<GgufInventory>& gguf,
                                const std::string& shipped, const Catalog& catalog) {
  std::vector<GgufFile> files(scenario.formats.size());
  if (scenario.formats.empty()) {
    std::vector<const Dtype*> dtypes;
    dtypes.reserve(kUsualDtypes.size());
    for (const auto name : kUsualDtypes) dtypes.push_back(&catalog.dtype(name));
    result.weights = weigh(result.inventory, dtypes);
    if (!shipped.empty()) {
      result.weights.push_back(weigh(result.inventory, weight_format(shipped, false, catalog)));
      result.weights.back().shipped = true;
    }
    return files;
  }
  for (std::size_t i = 0; i < files.size(); ++i) {
    const auto& format = scenario.formats[i];
    if (!format.file_type) {
      result.weights.push_back(weigh(result.inventory, format));
      continue;
    }
    const GgufFile& file = files[i] =
        quantise(*gguf, *format.file_type, format.imatrix, [&](std::string_view id) { return catalog.dtype(id); });
    result.weights.push_back(weigh(*gguf, file, format));
    if (const auto process = scenario.runtime.profile->process; process != nullptr && scenario.formats.size() == 1) {
      result.llama_cpp = process(*gguf, file, result.inventory, result.cache, result.kv);
    }
  }
  return files;
}

/// What of the scenario only a whole model answers: "--context, --runtime".
std::string only_of_models(const Scenario& scenario) {
  std::string names;
  const auto add = [&](bool asked, std::string_view name) {
    if (asked) names += (names.empty() ? "" : ", ") + std::string(name);
  };
  const auto& training = scenario.training;
  add(scenario.context.has_value(), "--context");
  add(scenario.batch != 1, "--batch");
  add(scenario.keys.has_value(), "--kv-dtype");
  add(scenario.media.asked(), "--images, --audio");
  add(scenario.runtime.profile != RuntimeChoice{}.profile, "--runtime");
  add(scenario.layout.given(), "--tp, --pp, --ep, --dp");
  add(scenario.decode, "--decode");
  add(training.tokens.has_value(), "--tokens");
  add(static_cast<bool>(training.device), "--device");
  add(training.devices.has_value(), "--devices");
  add(training.mfu.has_value(), "--mfu");
  add(training.price.has_value(), "--price");
  return names;
}

/// For files that are not a model on their own: the size of their weights in the formats asked for.
void weigh_part(Answer& result, const Scenario& scenario, const Catalog& catalog) {
  result.not_applied = only_of_models(scenario);
  if (is_companion(result.model.kind())) return;
  for (const auto& format : scenario.formats) {
    if (format.file_type) {
      throw Error(std::string(noun_of(result.model.kind())) + ": the file type " + format.id +
                  " is for whole models; name a number format, such as fp16");
    }
  }
  static_cast<void>(weigh_all(result, scenario, std::nullopt, "", catalog));
}

/// What one device of the layout holds, the fullest stage's.
DeviceShare share_of(const Answer& result, const Scenario& scenario, const std::optional<GgufInventory>& gguf,
                     const std::vector<GgufFile>& files, const Catalog& catalog) {
  DeviceShare share;
  share.layout = scenario.layout.layout();
  const RuntimeProfile& runtime = *scenario.runtime.profile;
  const auto stages = [&](const WeightFormat& format) {
    const std::string why = not_buildable(result.inventory, format, runtime, share.layout);
    if (!why.empty()) throw Error(why);
    Bytes most{};
    for (const auto& load :
         stage_loads(result.inventory, {format, format, format, true}, runtime, share.layout, catalog.sharding())) {
      most = std::max(most, load.weights);
    }
    return most;
  };
  for (std::size_t i = 0; i < result.weights.size(); ++i) {
    const bool is_file = i < scenario.formats.size() && scenario.formats[i].file_type;
    if (!is_file) {
      share.weights.push_back(stages(
          i < scenario.formats.size() ? scenario.formats[i] : weight_format(result.weights[i].id, false, catalog)));
      continue;
    }
    if (share.layout.tensor > 1 || share.layout.expert > 1) {
      throw usage_error("--tp, --ep: llama.cpp splits a model by layers, not within matrices; use --pp");
    }
    const Offload offload(*gguf, files[i], result.inventory);
    share.weights.push_back(offload.load(offload.whole(), result.cache, share.layout.pipeline).weights);
  }
  const auto& state = runtime.reads_gguf ? gguf->state : result.inventory.state;
  share.cache = cache_on_device(state, result.inventory, result.cache, share.layout).total();
  return share;
}

/// What programs reach of the bound, which no computing device passes either.
void add_likely(DecodeBound& bound, const Answer& result, const Scenario& scenario, const WeightFormat& format,
                const std::optional<GgufInventory>& gguf, StepWeights weights, const Catalog& catalog) {
  if (result.inventory.flag("encoder_decoder")) return;
  const ServingWork work(result.inventory, format.file_type ? gguf->state : result.inventory.state, std::move(weights),
                         result.cache);
  bound.likely =
      generation_speed(work, *bound.device, bound.devices, format, scenario.batch, result.cache.context, catalog);
}

/// On the device asked for, or the usual one, in each number format.
std::vector<DecodeBound> decode(const Answer& result, const Scenario& scenario,
                                const std::optional<GgufInventory>& gguf, const std::vector<GgufFile>& files,
                                const std::string& shipped, const Catalog& catalog) {
  std::vector<WeightFormat> formats = scenario.formats;
  if (formats.empty()) formats.push_back(weight_format(shipped.empty() ? "bf16" : shipped, false, catalog));
  const SharedDevice device = scenario.training.device ? scenario.training.device : catalog.device(kDefaultDevice);
  const auto price = device_price(*device, scenario.training.price, scenario.training.pricing);
  const auto devices = static_cast<std::uint64_t>(scenario.training.devices.value_or(0));
  const Flops step{2 * static_cast<double>(result.params.active_matmul.value) * static_cast<double>(scenario.batch)};
  std::vector<DecodeBound> bounds;
  for (std::size_t i = 0; i < formats.size(); ++i) {
    const auto& format = formats[i];
    const Bytes held = result.dtypes_given ? result.weights[i].bytes : weigh(result.inventory, format).bytes;
    const StepWeights weights =
        format.file_type ? step_weights(*gguf, files[i]) : step_weights(result.inventory, format);
    bounds.push_back(decode_bound(weights.of_step(scenario.batch), held, result.kv.total(), step, scenario.batch,
                                  device, devices, price));
    bounds.back().dtype = format.id;
    add_likely(bounds.back(), result, scenario, format, gguf, weights, catalog);
  }
  return bounds;
}

}  // namespace

Answer answer(Model model, const Scenario& scenario, const Catalog& catalog, Expander& expander) {
  Answer result;
  if (!model.disclosed) {
    result.model = std::move(model);
    return result;
  }
  result.inventory = expander.expand(model);
  if (result.inventory.adapter) complete_adapter(model, result.inventory, expander);
  result.params = count_params(result.inventory);
  if (result.inventory.adapter) result.params.total = result.params.active = result.inventory.adapter->parameters;
  result.dtypes_given = !scenario.formats.empty();
  if (model.kind() != CheckpointKind::model) {
    result.model = std::move(model);
    weigh_part(result, scenario, catalog);
    return result;
  }
  const bool reads_gguf = scenario.runtime.profile->reads_gguf;
  const bool is_file = std::any_of(scenario.formats.begin(), scenario.formats.end(),
                                   [](const WeightFormat& format) { return format.file_type.has_value(); });
  std::optional<GgufInventory> gguf;
  if (is_file || reads_gguf) gguf = expander.expand_gguf(model, result.inventory);
  if (reads_gguf && !result.inventory.state_known) {
    throw Error("its KV cache and recurrent state are unknown, and so is what a runtime allocates");
  }
  result.context = choose(scenario.context, std::optional<std::uint64_t>{}, usual_context(result.inventory));
  std::uint64_t tokens = result.context.value;
  if (scenario.media.asked()) {
    result.media = media_input(model, result.inventory, scenario.media, catalog, expander);
    tokens = checked_add(tokens, result.media->tokens());
  }
  result.cache = {tokens, scenario.batch, scenario.keys ? *scenario.keys : catalog.dtype("fp16"),
                  scenario.values ? *scenario.values : Dtype{}, scenario.runtime};
  if (!scenario.values) result.cache.values = result.cache.keys;
  if (result.media) result.media->add_to(result.cache);
  const auto& state = reads_gguf ? gguf->state : result.inventory.state;
  result.kv = kv_cache(state, result.inventory, result.cache);
  const auto files = weigh_all(result, scenario, gguf, model.dtype, catalog);
  if (scenario.layout.given()) result.device = share_of(result, scenario, gguf, files, catalog);
  const auto& asked = scenario.training;
  // Serving asks for no peak speed of a device.
  const bool only_serves =
      scenario.serving && !asked.tokens && !asked.mfu && asked.device && !has_training_peak(*asked.device);
  // Nobody trains a pipeline as one model.
  if (result.params.total.value > 0 && !model.only_parts && !only_serves) {
    result.training = plan_training(model, result.inventory, result.params, scenario.training, catalog);
  }
  const bool known = !result.inventory.family.empty();
  result.bill = asked.tokens || asked.devices || (known && !result.inventory.draft && !scenario.serving);
  result.asked_time = asked.device || asked.devices || asked.mfu || asked.price;
  result.asked_cache = scenario.context || scenario.media.asked() || scenario.serving || scenario.keys;
  if (scenario.decode) result.decode = decode(result, scenario, gguf, files, model.dtype, catalog);
  result.model = std::move(model);
  return result;
}

}  // namespace paramcount
