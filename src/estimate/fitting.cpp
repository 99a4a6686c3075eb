#include "estimate/fitting.hpp"

#include <algorithm>
#include <map>
#include <utility>

#include "base/numbers.hpp"
#include "base/text.hpp"
#include "estimate/runtimes/runtimes.hpp"
#include "estimate/runtimes/vllm_pages.hpp"
#include "paramcount/base/checked.hpp"
#include "paramcount/base/error.hpp"

namespace paramcount {
namespace {

constexpr std::string_view kStored = "as stored";
constexpr std::string_view kMxfp4 = "mxfp4_moe";  ///< llama.cpp's file type of experts in mxfp4
constexpr std::uint64_t kMostDevicesTried = 64;
constexpr std::uint64_t kMostTokens = std::uint64_t{1} << 30U;
constexpr std::uint64_t kMostSequences = 1'000'000;
/// What --fit leaves free on each card (common/fit.cpp, --fit-target).
constexpr Bytes kFitMargin{std::uint64_t{1} << 30U};

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

/// A file type of llama.cpp that is the number format.
std::optional<FileType> file_type_of(const WeightFormat& format, const Catalog& catalog) {
  if (format.file_type) return format.file_type;
  if (!format.roles.empty()) return std::nullopt;
  const auto& id = format.dtype.id;
  if (id == "fp32") return catalog.find_file_type("f32");
  if (id == "fp16") return catalog.find_file_type("f16");
  if (id == "bf16") return catalog.find_file_type("bf16");
  return std::nullopt;
}

}  // namespace

std::string offload_text(const Fit& fit) {
  const auto& split = *fit.split;
  std::string text = "-ngl " + grouped(std::min(split.gpu_layers, fit.layers)) + " of " + grouped(fit.layers);
  if (split.cpu_experts > 0) text += ", --n-cpu-moe " + grouped(split.cpu_experts);
  return text;
}

struct Fitting::Impl {
  const Model& model;
  const Inventory& inventory;
  const FitRequest& request;
  const Catalog& catalog;
  Expander& expander;
  /// As llama.cpp has the model: made when it is first asked for.
  struct Gguf {
    std::optional<GgufInventory> inventory;
    std::string problem;
    std::unique_ptr<const Quantisation> quantisation;
  };
  mutable std::optional<Gguf> gguf_;
  struct File {
    GgufFile file;
    std::unique_ptr<Offload> offload;
  };
  mutable std::map<std::string, File> files;
  WeightFormat bf16;

  Impl(const Model& m, const Inventory& i, const FitRequest& r, const Catalog& c, Expander& e)
      : model(m), inventory(i), request(r), catalog(c), expander(e), bf16(weight_format("bf16", false, c)) {}

  const Gguf& gguf() const {
    if (gguf_) return *gguf_;
    gguf_.emplace();
    try {
      gguf_->inventory = expander.expand_gguf(model, inventory);
      gguf_->quantisation = std::make_unique<const Quantisation>(*gguf_->inventory);
    } catch (const Error& error) {
      gguf_->problem = error.what();
    }
    return *gguf_;
  }

  /// The tensors of a GGUF that was read, each in its own type.
  GgufFile stored_file() const {
    GgufFile file;
    std::map<std::string, std::size_t, std::less<>> types;
    std::map<std::string, const Tensor*, std::less<>> patterns;
    const auto unfold = [&](const Tensor& tensor, const auto& self, std::string name, std::size_t axis) -> void {
      if (axis == tensor.axes.size()) {
        patterns.emplace(std::move(name), &tensor);
        return;
      }
      for (const auto& range : tensor.axes[axis].ranges) {
        for (auto value = range.first; value <= range.last; ++value) {
          std::string next = name;
          replace_all(next, "{" + tensor.axes[axis].index + "}", std::to_string(value));
          self(tensor, self, std::move(next), axis + 1);
        }
      }
    };
    for (const auto& tensor : gguf().inventory->tensors) unfold(tensor, unfold, tensor.name, 0);
    for (const auto& stored : model.checkpoint->tensors) types.emplace(std::string(stored.dtype), types.size());
    file.types.resize(types.size());
    for (const auto& [name, at] : types) {
      if (const auto* dtype = catalog.find_dtype(name)) file.types[at] = *dtype;
      file.types[at].id = name;
    }
    for (const auto& stored : model.checkpoint->tensors) {
      const auto pattern = patterns.find(stored.name);
      if (pattern == patterns.end()) continue;
      GgufTensor tensor;
      tensor.name = std::string(stored.name);
      tensor.pattern = pattern->second;
      if (tensor.pattern->layer_axis >= 0 && tensor.name.starts_with("blk.")) {
        tensor.block = static_cast<std::int64_t>(std::strtoull(tensor.name.c_str() + 4, nullptr, 10));
      }
      tensor.type = &file.types[types.find(stored.dtype)->second];
      tensor.bytes = {stored.bytes};
      file.tensor_bytes += tensor.bytes;
      file.tensors.push_back(std::move(tensor));
    }
    return file;
  }

  /// Throws Error where there is no such file of the model.
  const File& file_of(const WeightFormat& format) const {
    if (!gguf().inventory) throw Error(gguf().problem);
    const auto [at, added] = files.try_emplace(format.id);
    if (!added) return at->second;
    try {
      if (format.id == kStored) {
        at->second.file = stored_file();
      } else {
        const auto type = file_type_of(format, catalog);
        if (!type) {
          throw usage_error("--dtype " + printable(format.id) +
                            ": llama.cpp loads files of its own types; try q4_k_m, q8_0 or bf16, or another --runtime");
        }
        at->second.file =
            gguf().quantisation->file(*type, format.imatrix, [&](std::string_view id) { return catalog.dtype(id); });
      }
      at->second.offload = std::make_unique<Offload>(*gguf().inventory, at->second.file, inventory);
    } catch (...) {
      files.erase(at);
      throw;
    }
    return at->second;
  }

  /// What one device holds of a request: the fullest.
  struct Usage {
    Bytes weights, low, high, tables, cache;
    std::vector<FitOverhead> overheads;
    Bytes over, over_low, over_high;
    Bytes host;
    std::optional<OffloadSplit> split;

    [[nodiscard]] Bytes together() const { return weights + cache + over; }
    void add(FitOverhead part) {
      over += part.likely;
      over_low += part.low;
      over_high += part.high;
      overheads.push_back(std::move(part));
    }
  };

  struct Place {
    SharedDevice device;
    Layout layout;
    Bytes memory;
  };

  Bytes memory_of(const Device& device) const {
    if (device.memory.value == 0) throw Error(device.name + ": its memory is not known");
    return device.gpu_memory();
  }

  void add_overheads(Usage& usage, const Place& place, const CacheRequest& cache) const {
    const auto& profile = *cache.runtime.profile;
    if (profile.serving.overhead == nullptr) return;
    const OverheadQuestion question{
        inventory, cache, place.layout, place.memory, place.device->unified, !place.device->written_out};
    auto parts = profile.serving.overhead(question);
    parts.push_back(driver_reserve(question));
    for (const auto& part : parts) {
      if (part.high.value == 0) continue;
      usage.add(
          {std::string(part.key), std::string(part.label), std::string(part.source), part.low, part.likely, part.high});
    }
  }

  /// The share of a device's memory that the runtime uses of what weights and buffers leave, or of all.
  Bytes usable(const Usage& usage, const Place& place, const CacheRequest& cache) const {
    if (request.cache_memory) return usage.weights + usage.over + *request.cache_memory;
    const auto& serving = cache.runtime.profile->serving;
    const double share = request.utilization.value_or(serving.utilization);
    const auto part = [&](Bytes whole) {
      return Bytes{static_cast<std::uint64_t>(static_cast<double>(whole.value) * share)};
    };
    if (!serving.of_free) return part(place.memory);
    const Bytes held = usage.weights + usage.over;
    if (held >= place.memory) return place.memory;
    return held + part(place.memory - held);
  }

  /// Stages with their weights; computed once for a format and a layout.
  std::vector<StageLoad> loads_of(const WeightFormat& format, const RuntimeProfile& profile,
                                  const Layout& layout) const {
    if (format.id != kStored && !format.file_type) {
      return stage_loads(inventory, served_formats(published(format), inventory, catalog), profile, layout);
    }
    // Formats differ between tensors of a role: each device has its share of the whole.
    const Bytes whole = format.id == kStored ? inventory.stored->together.bytes : file_of(format).file.tensor_bytes;
    const Bytes all = weigh(inventory, bf16).bytes;
    auto loads = stage_loads(inventory, {bf16, bf16, bf16, true}, profile, layout);
    for (auto& load : loads) {
      const Bytes matrices = scaled(load.weights - load.tables, whole, all);
      load.weights = load.low = load.high = matrices + load.tables;
    }
    return loads;
  }

  /// Where the makers publish a mixture in that format, what they publish.
  WeightFormat published(const WeightFormat& format) const {
    if (model.dtype.empty() || !format.roles.empty() || format.file_type) return format;
    const auto own = weight_format(model.dtype, false, catalog);
    const bool same = std::any_of(own.roles.begin(), own.roles.end(),
                                  [&](const auto& role) { return role.second.id == format.dtype.id; });
    return same ? own : format;
  }

  Usage usage_of(const StageLoad& load, const Place& place, const CacheRequest& cache) const {
    Usage usage;
    usage.weights = load.weights;
    usage.low = load.low;
    usage.high = load.high;
    usage.tables = load.tables;
    usage.cache = cache_of(load, place, cache);
    add_overheads(usage, place, cache);
    return usage;
  }

  static bool pages(const CacheRequest& cache) {
    return !cache.runtime.profile->serving.page_knob.empty() && cache.runtime.profile->name == "vllm";
  }

  Bytes cache_of(const StageLoad& load, const Place& place, const CacheRequest& cache) const {
    CacheRequest own = cache;
    own.sequences = (cache.sequences + place.layout.data - 1) / place.layout.data;
    if (pages(cache)) {
      const VllmPages paged(load.state, inventory, own);
      return paged.empty()
                 ? Bytes{}
                 : Bytes{checked_mul(checked_mul(paged.blocks_of(own.context), own.sequences), paged.block().value)};
    }
    return kv_cache(load.state, inventory, own).total();
  }

  /// The encoders that llama.cpp keeps in a file beside the model, in half precision.
  Bytes mmproj() const {
    std::uint64_t elements = 0;
    for (const auto& tensor : inventory.tensors) {
      if (is_tower(tensor.role.kind) && tensor.counts()) elements = checked_add(elements, tensor.params().value);
    }
    return {checked_mul(elements, 2)};
  }

  Usage usage_of(const Offload& offload, const OffloadSplit& split, const Place& place,
                 const CacheRequest& cache) const {
    const OffloadLoad load = offload.load(split, cache, place.layout.pipeline);
    Usage usage;
    usage.weights = usage.low = usage.high = load.weights;
    usage.cache = load.cache;
    usage.host = load.host();
    usage.split = split;
    if (split.gpu_layers > 0) {
      if (const Bytes towers = mmproj(); towers.value > 0) {
        usage.add({"mmproj", "mmproj, f16", "loaded with --mmproj", {}, towers, towers});
      }
      usage.add({"compute", "compute buffer", "llama.cpp: graph_reserve, the worst case of one ubatch",
                 load.compute.low, load.compute.likely, load.compute.high});
      add_overheads(usage, place, cache);
    }
    return usage;
  }

  /// Where the model's parts go, by what was asked for.
  OffloadSplit split_of(const Offload& offload, const Place& place, const CacheRequest& cache, bool share,
                        bool& chosen) const {
    const auto n = offload.layers();
    if (request.gpu_layers || request.cpu_experts) {
      const auto layers = request.gpu_layers.value_or(n + 1);
      if (request.gpu_layers && *request.gpu_layers > n + 1) {
        throw usage_error("--ngl " + grouped(*request.gpu_layers) + ": it has " + grouped(n) +
                          " layers, and the output counts as one: at most " + grouped(n + 1));
      }
      return {layers, std::min(request.cpu_experts.value_or(0), n)};
    }
    if (!share && !request.ram) return offload.whole();
    chosen = true;
    Usage fixed = {};
    add_overheads(fixed, place, cache);
    const Bytes taken = fixed.over + kFitMargin;
    if (taken >= place.memory) return {};
    return offload.choose(cache, place.layout.pipeline, place.memory - taken);
  }

  std::uint64_t longest() const {
    const auto most = inventory.count("max_positions");
    return most > 0 ? most : kMostTokens;
  }

  /// What of a fit someone reads.
  enum class Depth : std::uint8_t { verdict, context, whole };

  Fit fit(const Place& place, const WeightFormat& format, const CacheRequest& cache, bool share,
          Depth depth = Depth::whole) const {
    Fit result;
    result.device = place.device;
    result.layout = place.layout;
    result.runtime = cache.runtime;
    result.memory = place.memory;
    result.ram = request.ram;
    const auto& profile = *cache.runtime.profile;
    result.utilization = request.utilization.value_or(profile.serving.utilization);
    if (profile.reads_gguf) {
      const File& file = file_of(format);
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
        return usage.together() <= usable(usage, place, other) && (!request.ram || usage.host <= *request.ram);
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

  void fill(Fit& result, Usage usage, const Place& place, const CacheRequest& cache) const {
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
    const bool host_fits = !request.ram || usage.host <= *request.ram;
    result.ok = result.together() <= result.usable && host_fits;
    const Bytes low = result.weights_low + result.cache + result.overhead_low;
    const Bytes high = result.weights_high + result.cache + result.overhead_high;
    result.range_decides = (low <= result.usable) != (high <= result.usable);
  }

  template <class Fits>
  void reach(Fit& result, const CacheRequest& cache, Depth depth, const Fits& fits) const {
    const auto most = longest();
    result.max_context = largest(most, [&](std::uint64_t context) { return fits(context, cache.sequences); });
    result.context_is_models = result.max_context == most;
    if (depth != Depth::whole) return;
    result.max_batch = largest(kMostSequences, [&](std::uint64_t sequences) { return fits(cache.context, sequences); });
  }

  /// Every device gets the smallest number of blocks of all.
  std::optional<CacheRoom> room(const Fit& result, const std::vector<StageLoad>& loads, const Place& place,
                                const CacheRequest& cache) const {
    CacheRequest one = cache;
    one.sequences = 1;
    if (pages(cache)) {
      std::optional<CacheRoom> least;
      for (const auto& load : loads) {
        const VllmPages paged(load.state, inventory, one);
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
    room.tokens = largest(kMostTokens, [&](std::uint64_t context) {
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

  /// The layouts to try, the usual first; empty with `why` where none can be built.
  std::vector<Layout> layouts(const WeightFormat& format, const RuntimeProfile& profile, std::string& why) const {
    const auto devices = request.devices;
    if (!request.layout.given()) {
      const auto node = request.device ? request.device->node : kNode;
      return buildable_layouts(inventory, published(format), profile, devices.value_or(1), node, &why);
    }
    Layout layout = request.layout.layout();
    const auto others = checked_mul(layout.pipeline, layout.data);
    if (!request.layout.tensor && devices && *devices % others == 0) layout.tensor = *devices / others;
    if (devices && layout.devices() != *devices) {
      throw usage_error("--devices " + grouped(*devices) + ": the layout " + layout_text(layout) + " has " +
                        grouped(layout.devices()));
    }
    why = not_buildable(inventory, published(format), profile, layout);
    return why.empty() ? std::vector<Layout>{layout} : std::vector<Layout>{};
  }
};

Fitting::Fitting(const Model& model, const Inventory& inventory, const FitRequest& request, const Catalog& catalog,
                 Expander& expander)
    : impl_(std::make_unique<Impl>(model, inventory, request, catalog, expander)) {}
Fitting::~Fitting() = default;

const GgufInventory* Fitting::gguf() const {
  const auto& gguf = impl_->gguf();
  return gguf.inventory ? &*gguf.inventory : nullptr;
}

std::string_view usual_runtime(const Device* device, const WeightFormat* format) {
  if (format != nullptr && format->file_type) return "llama.cpp";
  const bool half = format == nullptr || (format->roles.empty() && format->dtype.bits_per_weight() >= 16);
  if (!half) return "vllm";  // llama.cpp has no files of it
  return device != nullptr && (device->consumer || device->unified) ? "llama.cpp" : "vllm";
}

RuntimeChoice Fitting::runtime(const WeightFormat* format) const {
  const auto& request = impl_->request;
  if (request.runtime) return *request.runtime;
  if (impl_->inventory.gguf) return parse_runtime("llama.cpp");
  return parse_runtime(std::string(usual_runtime(request.device.get(), format)));
}

std::vector<WeightFormat> Fitting::formats(const RuntimeChoice& runtime, const Catalog& catalog) const {
  std::vector<WeightFormat> formats;
  const auto& shipped = impl_->model.dtype;
  const bool reads_gguf = runtime.profile->reads_gguf;
  if (!shipped.empty()) {
    const auto own = weight_format(shipped, false, catalog);
    const bool mxfp4 = own.roles.size() == 1 && own.roles.front().second.id == "mxfp4";
    if (!reads_gguf) {
      formats.push_back(own);
    } else if (mxfp4 && own.roles.front().first == RoleKind::expert && catalog.find_file_type(kMxfp4)) {
      // As published: more bits gain nothing, and rows of other types are no shorter.
      return {weight_format(std::string(kMxfp4), false, catalog)};
    }
  }
  for (const auto name : runtime.profile->serving.formats) {
    const std::string id =
        reads_gguf && catalog.find_dtype(name) != nullptr ? "gguf:" + std::string(name) : std::string(name);
    auto format = weight_format(id, true, catalog);
    if (!formats.empty() && impl_->published(format).id == formats.front().id) continue;
    formats.push_back(std::move(format));
  }
  return formats;
}

WeightFormat Fitting::stored_format() const {
  WeightFormat format;
  format.id = kStored;
  return format;
}

std::string Fitting::shown_id(const WeightFormat& format) const {
  if (format.id == kStored) {
    const auto& stored = *impl_->inventory.stored;
    if (!stored.file_type.empty()) return stored.file_type;
    return stored.weights.size() == 1 ? stored.weights.front().name : std::string(kStored);
  }
  return format.id.starts_with("gguf:") ? format.id.substr(5) : format.id;
}

Fit Fitting::fit(const WeightFormat& format, const CacheRequest& cache, const std::optional<Layout>& layout) const {
  return fit_on(impl_->request.device, format, cache, layout);
}

Fit Fitting::fit_on(const SharedDevice& device, const WeightFormat& format, const CacheRequest& cache,
                    const std::optional<Layout>& layout) const {
  const auto& impl = *impl_;
  const Bytes memory = impl.memory_of(*device);
  std::string why;
  const auto& profile = *cache.runtime.profile;
  const auto layouts = layout ? std::vector<Layout>{*layout} : impl.layouts(format, profile, why);
  if (layouts.empty()) {
    Fit result;
    result.problem = why;
    result.device = device;
    result.layout = impl.request.layout.layout();
    if (!impl.request.layout.given()) result.layout.tensor = impl.request.devices.value_or(1);
    result.dtype = shown_id(format);
    result.runtime = cache.runtime;
    result.memory = memory;
    result.utilization = impl.request.utilization.value_or(profile.serving.utilization);
    return result;
  }
  std::optional<Fit> first;
  for (const auto& one : layouts) {
    Fit result = impl.fit({device, one, memory}, format, cache, false);
    result.dtype = shown_id(format);
    if (result.ok) return result;
    if (!first) first = std::move(result);
  }
  return *first;
}

Fit Fitting::offloaded(const WeightFormat& format, const CacheRequest& cache, const Layout& layout) const {
  Fit result =
      impl_->fit({impl_->request.device, layout, impl_->memory_of(*impl_->request.device)}, format, cache, true);
  result.dtype = shown_id(format);
  return result;
}

std::vector<std::uint64_t> counts_of(const Device& device, const RuntimeProfile& profile) {
  using Split = RuntimeProfile::Serving::Split;
  const auto node = std::max<std::uint64_t>(1, device.node);
  std::vector<std::uint64_t> counts;
  if (profile.serving.split == Split::none) return {1};
  if (profile.serving.split == Split::layers) {
    for (std::uint64_t n = 1; n <= node; ++n) counts.push_back(n);
  } else {
    for (std::uint64_t n = 1; n <= node; n *= 2) counts.push_back(n);
  }
  if (device.consumer) return counts;
  for (std::uint64_t n = 2 * node; n <= kMostDevicesTried; n += node) counts.push_back(n);
  return counts;
}

Fewest Fitting::fewest_devices(const SharedDevice& device, const WeightFormat& format, const CacheRequest& cache,
                               bool whole) const {
  const auto& impl = *impl_;
  const Bytes memory = impl.memory_of(*device);
  Fewest fewest;
  for (const auto devices : counts_of(*device, *cache.runtime.profile)) {
    std::string why;
    const auto layouts =
        buildable_layouts(impl.inventory, impl.published(format), *cache.runtime.profile, devices, device->node, &why);
    std::optional<Fit> fullest;
    for (const auto& layout : layouts) {
      const Impl::Place place{device, layout, memory};
      Fit tried = impl.fit(place, format, cache, false, Impl::Depth::verdict);
      if (tried.ok) {
        fewest.fit = whole ? impl.fit(place, format, cache, false) : std::move(tried);
        fewest.fit->dtype = shown_id(format);
        return fewest;
      }
      if (!fullest || tried.together() < fullest->together()) fullest = std::move(tried);
    }
    if (fullest) {
      why = fixed(static_cast<double>(fullest->together().value) / 0x1p30, 1) + " of " +
            fixed(static_cast<double>(fullest->usable.value) / 0x1p30, 1) + " GiB";
    }
    fewest.why = grouped(devices) + " × " + printable(device->name) + ": " + why;
  }
  return fewest;
}

std::optional<Fit> Fitting::most_bits(const std::vector<WeightFormat>& formats, const CacheRequest& cache) const {
  const auto& impl = *impl_;
  const Bytes memory = impl.memory_of(*impl.request.device);
  std::string why;
  const auto& profile = *cache.runtime.profile;
  std::vector<const WeightFormat*> left;
  for (const auto& format : formats) left.push_back(&format);
  const auto try_one = [&](const WeightFormat& format, Impl::Depth depth) -> std::optional<Fit> {
    try {
      std::optional<Fit> first;
      for (const auto& layout : impl.layouts(format, profile, why)) {
        Fit result = impl.fit({impl.request.device, layout, memory}, format, cache, false, depth);
        result.dtype = shown_id(format);
        if (result.ok || !first) first = std::move(result);
        if (first->ok) break;
      }
      return first;
    } catch (const Error& error) {
      if (error.code() == ExitCode::usage) throw;
      return std::nullopt;  // the model cannot be written so
    }
  };
  // Formats stand with most bits first: the first that fits is found by halving. What the model cannot be written in
  // is left out.
  std::size_t low = 0;
  std::size_t high = left.size();
  while (low < high) {
    const auto middle = low + (high - low) / 2;
    const auto tried = try_one(*left[middle], Impl::Depth::verdict);
    if (!tried) {
      left.erase(left.begin() + static_cast<std::ptrdiff_t>(middle));
      --high;
    } else if (tried->ok) {
      high = middle;
    } else {
      low = middle + 1;
    }
  }
  if (left.empty()) return std::nullopt;
  return try_one(*left[std::min(low, left.size() - 1)], Impl::Depth::context);
}

std::int64_t Fit::spare() const {
  return static_cast<std::int64_t>(usable.value) - static_cast<std::int64_t>(together().value);
}

}  // namespace paramcount
