#include "paramcount/estimate/fit.hpp"

#include <algorithm>
#include <memory>

#include "base/numbers.hpp"
#include "base/text.hpp"
#include "estimate/fit_speed.hpp"
#include "estimate/fitting.hpp"
#include "paramcount/base/checked.hpp"
#include "paramcount/base/error.hpp"
#include "paramcount/estimate/defaults.hpp"

namespace paramcount {
namespace {

/// Only llama.cpp divides a model between a card and the host.
void refuse_offload(const FitRequest& request, const RuntimeChoice& runtime) {
  if (runtime.profile->reads_gguf) return;
  const char* option = request.ram           ? "--ram"
                       : request.gpu_layers  ? "--ngl"
                       : request.cpu_experts ? "--n-cpu-moe"
                                             : nullptr;
  if (option == nullptr) return;
  throw usage_error(std::string(option) + ": a llama.cpp option, but the runtime is " +
                    std::string(runtime.profile->name) + "; --runtime llama.cpp, or a file type such as q4_k_m");
}

/// A context shorter than this fraction of the requested one is not offered.
constexpr std::uint64_t kUsefulPart = 4;

/// What would do, the smallest change first.
std::vector<Remedy> remedies_of(const Fit& failed, const Fitting& fitting, const FitRequest& request,
                                const CacheRequest& cache, const WeightFormat& format, const Catalog& catalog) {
  std::vector<Remedy> remedies;
  const auto add = [&](std::string text) { remedies.push_back({std::move(text)}); };
  const auto spare = [](const Fit& fit) {
    return fixed(static_cast<double>(fit.spare()) / 0x1p30, 1) + " GiB to spare";
  };
  if (failed.problem.empty()) {
    if (cache.sequences > 1 && failed.max_batch > 0) {
      add(several(failed.max_batch, "sequence") + " of " + grouped(cache.context) + " tokens");
    }
    if (failed.max_context >= cache.context / kUsefulPart && failed.max_context < cache.context) {
      add(grouped(failed.max_context) + " tokens of context");
    }
    const auto& profile = *failed.runtime.profile;
    if (failed.cache.value > 0 && cache.keys.id != profile.serving.half_cache) {
      CacheRequest smaller = cache;
      smaller.keys = smaller.values = catalog.dtype(profile.serving.half_cache);
      try {
        const Fit halved = fitting.fit(format, smaller, failed.layout);
        if (halved.ok) add("--kv-dtype " + smaller.keys.id + ": " + spare(halved));
      } catch (const Error&) {  // the runtime refuses such a cache for this model
      }
    }
    if (fitting.gguf() != nullptr && !request.ram && !request.gpu_layers && failed.split) {
      const Fit shared = fitting.offloaded(format, cache, failed.layout);
      if (shared.split && shared.split->gpu_layers > 0) {
        add(offload_text(shared) + ", " + fixed(static_cast<double>(shared.host.value) / 0x1p30, 1) +
            " GiB in host memory (--ram)");
      }
    }
    for (const auto& smaller : fitting.formats(failed.runtime, catalog)) {
      if (smaller.id == failed.dtype) continue;
      try {
        const Fit other = fitting.fit(smaller, cache, failed.layout);
        if (!other.ok || other.weights >= failed.weights) continue;
        add("--dtype " + smaller.id + ": " + spare(other));
        break;
      } catch (const Error&) {  // not every model can be written in every format
      }
    }
  }
  if (const auto more = fitting.fewest_devices(failed.device, format, cache, false).fit) {
    add(grouped(more->layout.devices()) + " × " + printable(failed.device->name) + ", " + layout_text(more->layout) +
        ": " + spare(*more));
  }
  return remedies;
}

/// What a step of the ladder shows besides the fit.
void add_step(Fit& fit, const WeightFormat& format, const CacheRequest& cache, const Fitting& fitting,
              const Catalog& catalog) {
  if (format.file_type) fit.perplexity = format.file_type->perplexity;
  const auto half = fit.runtime.profile->serving.half_cache;
  if (!fit.problem.empty() || fit.cache.value == 0 || cache.keys.id == half) return;
  CacheRequest smaller = cache;
  smaller.keys = smaller.values = catalog.dtype(half);
  try {
    fit.max_context_half = fitting.longest_context(format, smaller, fit.layout);
    fit.half_dtype = smaller.keys.id;
  } catch (const Error&) {  // the runtime refuses such a cache for this model
  }
}

}  // namespace

void require_serving(const Model& model, const Inventory& inventory) {
  if (inventory.family.empty()) throw Error(unknown_architecture(model));
  if (!inventory.state_known) {
    throw Error("its KV cache and recurrent state are unknown, and so is whether it fits");
  }
}

Input<std::uint64_t> context_of(const FitRequest& request, const Inventory& inventory) {
  const auto& speed = request.speed;
  const bool told = speed.prompt || speed.generate;
  const auto tokens = speed.tokens();
  if (request.context && told && tokens > *request.context) {
    throw usage_error("--context " + grouped(*request.context) + ": --prompt and --generate together have " +
                      grouped(tokens) + " tokens");
  }
  const auto longest = inventory.count("max_positions");
  if (told && longest > 0 && tokens > longest) {
    throw usage_error("--prompt, --generate: " + grouped(tokens) +
                      " tokens, more than the model's maximum context of " + grouped(longest));
  }
  std::optional<std::uint64_t> own;
  if (told || speed.most_sequences || speed.least) own = longest > 0 ? std::min(tokens, longest) : tokens;
  return choose(request.context ? request.context : own, std::optional<std::uint64_t>{}, usual_context(inventory));
}

FitRequest with_media(FitRequest request, const Inventory& inventory, MediaInput media) {
  const auto tokens = media.tokens();
  request.media = std::make_shared<const MediaInput>(std::move(media));
  auto& speed = request.speed;
  const bool told = speed.prompt || speed.generate || speed.most_sequences || speed.least;
  if (told) speed.prompt = checked_add(speed.prompt.value_or(kUsualPrompt), tokens);
  if (request.context || !told) {
    request.context = checked_add(request.context.value_or(usual_context(inventory)), tokens);
  }
  return request;
}

std::uint64_t usual_context(const Inventory& inventory) {
  const auto longest = inventory.count("max_positions");
  return longest > 0 ? std::min(kDefaultContext, longest) : kDefaultContext;
}

CacheRequest cache_request(const FitRequest& request, std::uint64_t context, const Catalog& catalog) {
  CacheRequest cache{context, request.batch, request.keys ? *request.keys : catalog.dtype("fp16"), {}, {}};
  cache.values = request.values ? *request.values : cache.keys;
  if (request.media) request.media->add_to(cache);
  return cache;
}

CacheRequest with_runtime(CacheRequest cache, RuntimeChoice runtime, const WeightFormat& format,
                          const FitRequest& request, const Catalog& catalog) {
  cache.runtime = std::move(runtime);
  const bool follows = cache.runtime.profile->serving.follows_checkpoint && !format.file_type;
  if (!request.keys && follows && !format.dtype.cache.empty()) {
    cache.keys = cache.values = catalog.dtype(format.dtype.cache);
  }
  return cache;
}

bool FitAnswer::ok() const {
  return std::any_of(fits.begin(), fits.end(), [](const Fit& one) { return one.ok; });
}

std::string FitAnswer::problem() const {
  for (const auto& one : fits) {
    if (one.problem.empty()) return "";
  }
  std::string text = fits.front().problem;
  for (const auto& remedy : remedies) text += "; would fit: " + remedy.text;
  return text;
}

FitAnswer fit(Model model, const FitRequest& request, const Catalog& catalog, Expander& expander) {
  FitAnswer answer;
  if (!request.device) throw usage_error("--device: which?");
  if (request.device->memory.value == 0) {
    throw usage_error("--device " + printable(request.device->name) +
                      ": how much memory does it have? Add memory=48GiB");
  }
  answer.inventory = expander.expand(model);
  const auto& inventory = answer.inventory;
  require_serving(model, inventory);
  answer.runtime_given = request.runtime.has_value();
  answer.context = context_of(request, inventory);
  answer.media = request.media;
  answer.cache = cache_request(request, answer.context.value, catalog);

  const Fitting fitting(model, inventory, request, catalog, expander);
  std::vector<WeightFormat> formats = request.formats;
  answer.ladder = formats.empty() && !model.checkpoint;
  if (formats.empty() && model.checkpoint) formats.push_back(fitting.stored_format());
  if (answer.ladder) formats = fitting.formats(fitting.runtime(nullptr), catalog);
  for (const auto& format : formats) {
    CacheRequest cache = with_runtime(answer.cache, fitting.runtime(&format), format, request, catalog);
    refuse_offload(request, cache.runtime);
    if (answer.ladder && !has_kernels(*request.device, format, cache.runtime)) continue;
    try {
      Fit one = fitting.fit(format, cache, std::nullopt);
      one.batch = cache.sequences;
      if (one.ok) {
        add_speed(one, fitting, format, cache, request, inventory, catalog);
        if (request.speed.least && !one.speed) throw Error("--min-tokens-per-second: " + one.speed_unknown);
        const auto found = one.speed                      ? one.speed->batch
                           : request.speed.most_sequences ? std::max<std::uint64_t>(1, one.max_batch)
                                                          : cache.sequences;
        if (found > cache.sequences) {
          // The page gives the memory of the layout found.
          cache.sequences = found;
          auto speed = std::move(one.speed);
          auto unknown = std::move(one.speed_unknown);
          one = fitting.fit(format, cache, one.layout);
          one.batch = found;
          one.speed = std::move(speed);
          one.speed_unknown = std::move(unknown);
        }
      }
      if (answer.ladder) add_step(one, format, cache, fitting, catalog);
      answer.fits.push_back(std::move(one));
    } catch (const Error& error) {
      // Of a ladder a step that the model cannot be written in is left out.
      if (!answer.ladder || error.code() == ExitCode::usage) throw;
      continue;
    }
  }
  if (answer.fits.empty())
    throw Error("no format of " + std::string(fitting.runtime(nullptr).profile->name) + " can hold it");
  if (answer.ladder) {
    // File types stand in the order of their bits; what stands for a whole model may keep more or less in 16 bits.
    if (!answer.fits.front().runtime.profile->reads_gguf) {
      std::stable_sort(answer.fits.begin(), answer.fits.end(),
                       [](const Fit& a, const Fit& b) { return a.weights > b.weights; });
    }
    const auto first = std::find_if(answer.fits.begin(), answer.fits.end(), [](const Fit& one) { return one.ok; });
    answer.best =
        first == answer.fits.end() ? answer.fits.size() - 1 : static_cast<std::size_t>(first - answer.fits.begin());
  }
  const auto& best = answer.fits[answer.best];
  const auto told = std::find_if(formats.begin(), formats.end(),
                                 [&](const WeightFormat& one) { return fitting.shown_id(one) == best.dtype; });
  answer.cache =
      with_runtime(answer.cache, best.runtime, told == formats.end() ? formats.front() : *told, request, catalog);
  answer.cache.sequences = best.batch;
  if (!answer.ok()) {
    const auto& failed = answer.fits[answer.best];
    answer.remedies =
        remedies_of(failed, fitting, request, answer.cache, told == formats.end() ? formats.front() : *told, catalog);
  }
  answer.model = std::move(model);
  return answer;
}

}  // namespace paramcount
