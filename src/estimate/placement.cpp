#include "estimate/placement.hpp"

#include <algorithm>
#include <utility>

#include "base/numbers.hpp"
#include "estimate/runtimes/runtimes.hpp"
#include "estimate/runtimes/vllm_pages.hpp"
#include "paramcount/base/checked.hpp"
#include "paramcount/base/error.hpp"

namespace paramcount {
namespace {

constexpr std::uint64_t kMostSequences = 1'000'000;
/// What --fit leaves free on each card (common/fit.cpp, --fit-target).
constexpr Bytes kFitMargin{std::uint64_t{1} << 30U};

/// The share of a device's memory that was asked for, or the runtime's own.
double share_of(const FitRequest& request, const RuntimeProfile& runtime, const Place& place) {
  const auto& serving = runtime.serving;
  if (request.utilization) return *request.utilization;
  return serving.utilization_of != nullptr ? serving.utilization_of(place.layout, place.memory) : serving.utilization;
}

/// The largest number in [0, most] that fits, when less of it always fits too.
template <class Fits>
std::uint64_t largest(std::uint64_t most, const Fits& fits) {
  if (most == 0 || !fits(1)) return 0;
  std::uint64_t low = 1;
  std::uint64_t high = 2;
  while (high < most && fits(high)) {
    low = high;
    high *= 2;
  }
  high = std::min(high, most);
  if (high == most && fits(most)) return most;
  while (low + 1 < high) {
    const auto middle = low + (high - low) / 2;
    (fits(middle) ? low : high) = middle;
  }
  return low;
}

Bytes scaled(Bytes bytes, Bytes numerator, Bytes denominator) {
  if (denominator.value == 0) return {};
  return {checked_fraction(bytes.value, numerator.value, denominator.value)};
}

}  // namespace

void Placement::add_overheads(Usage& usage, const Place& place, const CacheRequest& cache) const {
  const auto& profile = *cache.runtime.profile;
  if (profile.serving.overhead == nullptr) return;
  const OverheadQuestion question{
      inventory_, cache, place.layout, place.memory, place.device->unified, !place.device->written_out};
  auto parts = profile.serving.overhead(question);
  parts.push_back(driver_reserve(question));
  for (const auto& part : parts) {
    if (part.high.value > 0) usage.add(part);
  }
}

/// The share of a device's memory that the runtime uses of what weights and buffers leave, or of all.
Bytes Placement::usable(const Usage& usage, const Place& place, const CacheRequest& cache) const {
  if (request_.cache_memory) return usage.weights + usage.over + *request_.cache_memory;
  const auto& serving = cache.runtime.profile->serving;
  const double share = share_of(request_, *cache.runtime.profile, place);
  const auto part = [&](Bytes whole) {
    return Bytes{static_cast<std::uint64_t>(static_cast<double>(whole.value) * share)};
  };
  if (!serving.of_free) return part(place.memory);
  const Bytes held = usage.weights + usage.over;
  if (held >= place.memory) return place.memory;
  return held + part(place.memory - held);
}

/// Stages with their weights; computed once for a format and a layout.
std::vector<StageLoad> Placement::loads_of(const WeightFormat& format, const RuntimeProfile& profile,
                                           const Layout& layout) const {
  if (format.id != kStored && !format.file_type) {
    return stage_loads(inventory_, served_formats(published(format), inventory_, catalog_), profile, layout,
                       catalog_.sharding());
  }
  // Formats differ between tensors of a role: each device has its share of the whole.
  const Bytes whole = format.id == kStored ? inventory_.stored->together.bytes : files_.file(format).file.tensor_bytes;
  const Bytes all = weigh(inventory_, bf16_).bytes;
  auto loads = stage_loads(inventory_, {bf16_, bf16_, bf16_, true}, profile, layout, catalog_.sharding());
  for (auto& load : loads) {
    const Bytes matrices = scaled(load.weights - load.tables, whole, all);
    load.weights = load.low = load.high = matrices + load.tables;
  }
  return loads;
}

WeightFormat Placement::published(const WeightFormat& format) const {
  if (model_.dtype.empty() || !format.roles.empty() || format.file_type) return format;
  const auto own = weight_format(model_.dtype, false, catalog_);
  const bool same = std::any_of(own.roles.begin(), own.roles.end(),
                                [&](const auto& role) { return role.second.id == format.dtype.id; });
  return same ? own : format;
}

Placement::Usage Placement::usage_of(const StageLoad& load, const Place& place, const CacheRequest& cache) const {
  Usage usage;
  usage.weights = load.weights;
  usage.low = load.low;
  usage.high = load.high;
  usage.tables = load.tables;
  usage.cache = cache_of(load, place, cache);
  add_overheads(usage, place, cache);
  return usage;
}

Bytes Placement::cache_of(const StageLoad& load, const Place& place, const CacheRequest& cache) const {
  CacheRequest own = cache;
  own.sequences = place.layout.sequences(cache.sequences);
  if (cache.runtime.profile->serving.groups_layers) {
    const VllmPages paged(load.state, inventory_, own);
    return paged.empty()
               ? Bytes{}
               : Bytes{checked_mul(checked_mul(paged.blocks_of(own.context), own.sequences), paged.block().value)};
  }
  return kv_cache(load.state, inventory_, own).total();
}

/// The encoders that llama.cpp keeps in a separate file, in half precision.
Bytes Placement::mmproj() const {
  std::uint64_t elements = 0;
  for (const auto& tensor : inventory_.tensors) {
    if (is_tower(tensor.role.kind) && tensor.counts()) elements = checked_add(elements, tensor.params().value);
  }
  return {checked_mul(elements, 2)};
}

Placement::Usage Placement::usage_of(const Offload& offload, const OffloadSplit& split, const Place& place,
                                     const CacheRequest& cache) const {
  const OffloadLoad load = offload.load(split, cache, place.layout.pipeline);
  Usage usage;
  usage.weights = usage.low = usage.high = load.weights;
  usage.cache = load.cache;
  usage.host = load.host();
  usage.split = split;
  if (split.gpu_layers > 0) {
    if (const Bytes towers = mmproj(); towers.value > 0) {
      usage.add({"mmproj", "mmproj, f16", {}, towers, towers, "loaded with --mmproj"});
    }
    usage.add({"compute", "compute buffer", load.compute.low, load.compute.likely, load.compute.high,
               "llama.cpp: graph_reserve, the worst case of one ubatch"});
    add_overheads(usage, place, cache);
  }
  return usage;
}

/// Where the model's parts go, by what was asked for.
OffloadSplit Placement::split_of(const Offload& offload, const Place& place, const CacheRequest& cache, bool share,
                                 bool& chosen) const {
  const auto n = offload.layers();
  if (request_.gpu_layers || request_.cpu_experts) {
    const auto layers = request_.gpu_layers.value_or(n + 1);
    if (request_.gpu_layers && *request_.gpu_layers > n + 1) {
      throw usage_error("--ngl " + grouped(*request_.gpu_layers) + ": it has " + grouped(n) +
                        " layers, and the output counts as one: at most " + grouped(n + 1));
    }
    return {layers, std::min(request_.cpu_experts.value_or(0), n)};
  }
  if (!share && !request_.ram) return offload.whole();
  chosen = true;
  Usage fixed = {};
  add_overheads(fixed, place, cache);
  const Bytes taken = fixed.over + kFitMargin;
  if (taken >= place.memory) return {};
  return offload.choose(cache, place.layout.pipeline, place.memory - taken);
}

std::uint64_t Placement::longest() const {
  const auto most = inventory_.count("max_positions");
  return most > 0 ? most : kEndlessContext;
}

Fit Placement::fit(const Place& place, const WeightFormat& format, const CacheRequest& cache, bool share,
                   Depth depth) const {
  Fit result;
  result.device = place.device;
  result.layout = place.layout;
  result.runtime = cache.runtime;
  result.memory = place.memory;
  result.ram = request_.ram;
  const auto& profile = *cache.runtime.profile;
  result.utilization = share_of(request_, profile, place);
  if (profile.reads_gguf) {
    const GgufFiles::File& file = files_.file(format);
    const Offload& offload = *file.offload;
    const auto split = split_of(offload, place, cache, share, result.split_chosen);
    result.layers = offload.layers() + 1;
    fill(result, usage_of(offload, split, place, cache), place, cache);
    if (depth == Depth::verdict) return result;
    const auto fits = [&](std::uint64_t context, std::uint64_t sequences) {
      CacheRequest other = cache;
      other.context = context;
      other.sequences = sequences;
      const Usage usage = usage_of(offload, split, place, other);
      return usage.together() <= usable(usage, place, other) && (!request_.ram || usage.host <= *request_.ram);
    };
    reach(result, cache, depth, fits);
    return result;
  }
  const auto loads = loads_of(format, profile, place.layout);
  result.formats_exact = format.id == kStored || format.file_type || loads.front().low == loads.front().high;
  const auto fullest = [&](const CacheRequest& other) {
    std::optional<Usage> most;
    for (const auto& load : loads) {
      Usage usage = usage_of(load, place, other);
      if (!most || usage.together() > most->together()) most = std::move(usage);
    }
    return *most;
  };
  fill(result, fullest(cache), place, cache);
  if (depth == Depth::verdict) return result;
  const auto fits = [&](std::uint64_t context, std::uint64_t sequences) {
    CacheRequest other = cache;
    other.context = context;
    other.sequences = sequences;
    const Usage usage = fullest(other);
    return usage.together() <= usable(usage, place, other);
  };
  reach(result, cache, depth, fits);
  if (depth == Depth::whole) result.room = room(result, loads, place, cache);
  return result;
}

Serving Placement::serving(const Fit& fit, const WeightFormat& format, const CacheRequest& cache) const {
  if (fit.runtime.profile->reads_gguf) {
    const GgufFiles::File& file = files_.file(format);
    const auto layers = file.offload->layers();
    const OffloadSplit split = fit.split ? *fit.split : file.offload->whole();
    auto weights = step_weights(*files_.inventory(), file.file, split, layers);
    HostWork host;
    const auto first = std::min(split.first_on_card(layers), layers);
    host.layers = file.offload->has_experts() ? std::max(first, std::min(split.cpu_experts, layers)) : first;
    host.weights = std::move(weights.second);
    host.cache_share = layers == 0 ? 0 : static_cast<double>(first) / static_cast<double>(layers);
    return {ServingWork(inventory_, files_.inventory()->state, std::move(weights.first), cache), std::move(host), 1};
  }
  StepWeights weights;
  if (format.id == kStored || format.file_type) {
    // Formats differ between tensors of a role: the whole says how many bits there are in the mean.
    weights = step_weights(inventory_, bf16_);
    const Bytes whole =
        format.id == kStored ? inventory_.stored->together.bytes : files_.file(format).file.tensor_bytes;
    weights.scale(static_cast<double>(whole.value) / static_cast<double>(weigh(inventory_, bf16_).bytes.value));
  } else {
    weights = step_weights(inventory_, served_formats(published(format), inventory_, catalog_).likely);
  }
  double share = 1;
  if (fit.layout.tensor > 1) {
    CacheRequest one = cache;
    one.sequences = 1;
    const auto whole = kv_cache(inventory_.state, inventory_, one).total().value;
    Layout group;
    group.tensor = fit.layout.tensor;
    const auto part = cache_on_device(inventory_.state, inventory_, one, group).total().value;
    if (whole > 0) share = static_cast<double>(part) / static_cast<double>(whole);
  }
  return {ServingWork(inventory_, inventory_.state, std::move(weights), cache), {}, share};
}

void Placement::fill(Fit& result, Usage usage, const Place& place, const CacheRequest& cache) const {
  result.usable = usable(usage, place, cache);
  result.weights = usage.weights;
  result.weights_low = usage.low;
  result.weights_high = usage.high;
  result.tables = usage.tables;
  result.cache = usage.cache;
  result.overhead = usage.over;
  result.overhead_low = usage.over_low;
  result.overhead_high = usage.over_high;
  result.overheads = std::move(usage.overheads);
  result.split = usage.split;
  result.host = usage.host;
  const bool host_fits = !request_.ram || usage.host <= *request_.ram;
  result.ok = result.together() <= result.usable && host_fits;
  const Bytes low = result.weights_low + result.cache + result.overhead_low;
  const Bytes high = result.weights_high + result.cache + result.overhead_high;
  result.range_decides = (low <= result.usable) != (high <= result.usable);
}

template <class Fits>
void Placement::reach(Fit& result, const CacheRequest& cache, Depth depth, const Fits& fits) const {
  // What is too large for 64 bits is too large for any device.
  const auto tried = [&](std::uint64_t context, std::uint64_t sequences) {
    try {
      return fits(context, sequences);
    } catch (const Error&) {
      return false;
    }
  };
  const auto most = longest();
  result.max_context = largest(most, [&](std::uint64_t context) { return tried(context, cache.sequences); });
  result.context_is_models = result.max_context == most;
  if (depth != Depth::whole) return;
  result.max_batch = largest(kMostSequences, [&](std::uint64_t sequences) { return tried(cache.context, sequences); });
}

/// Every device gets the smallest number of blocks of all.
std::optional<CacheRoom> Placement::room(const Fit& result, const std::vector<StageLoad>& loads, const Place& place,
                                         const CacheRequest& cache) const {
  CacheRequest one = cache;
  one.sequences = 1;
  if (cache.runtime.profile->serving.groups_layers) {
    std::optional<CacheRoom> least;
    for (const auto& load : loads) {
      const VllmPages paged(load.state, inventory_, one);
      if (paged.empty()) continue;
      const Usage usage = usage_of(load, place, one);
      const Bytes budget = usable(usage, place, one);
      const Bytes held = usage.weights + usage.over;
      const auto blocks = budget > held ? (budget - held).value / paged.block().value : 0;
      CacheRoom room;
      room.concurrency = static_cast<double>(blocks) / static_cast<double>(paged.blocks_of(cache.context));
      const auto before = paged.tokens_before(blocks);
      room.tokens = before;
      if (paged.hybrid()) {
        room.tokens_before = before;
        room.tokens = static_cast<std::uint64_t>(room.concurrency * static_cast<double>(cache.context));
      }
      if (!least || room.concurrency < least->concurrency) least = room;
    }
    return least;
  }
  if (result.cache.value == 0) return std::nullopt;
  CacheRoom room;
  room.tokens = largest(kEndlessContext, [&](std::uint64_t context) {
    CacheRequest other = one;
    other.context = context;
    return std::all_of(loads.begin(), loads.end(), [&](const StageLoad& load) {
      const Usage usage = usage_of(load, place, other);
      const Usage fixed = usage_of(load, place, one);
      const Bytes budget = usable(fixed, place, one);
      const Bytes held = fixed.weights + fixed.over;
      return budget > held && usage.cache <= budget - held;
    });
  });
  room.concurrency = static_cast<double>(room.tokens) / static_cast<double>(cache.context);
  return room;
}

std::vector<Layout> Placement::layouts(const WeightFormat& format, const RuntimeProfile& profile,
                                       std::string& why) const {
  const auto devices = request_.devices;
  if (!request_.layout.given()) {
    const auto node = request_.device ? request_.device->node : kNode;
    return buildable_layouts(inventory_, published(format), profile, devices.value_or(1), node, &why);
  }
  Layout layout = request_.layout.layout();
  const auto others = checked_mul(layout.pipeline, layout.data);
  if (!request_.layout.tensor && devices && *devices % others == 0) layout.tensor = *devices / others;
  if (devices && layout.devices() != *devices) {
    throw usage_error("--devices " + grouped(*devices) + ": the layout " + layout_text(layout) + " has " +
                      grouped(layout.devices()));
  }
  why = not_buildable(inventory_, published(format), profile, layout);
  return why.empty() ? std::vector<Layout>{layout} : std::vector<Layout>{};
}

}  // namespace paramcount
