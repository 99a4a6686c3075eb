#include "estimate/fitting.hpp"

#include <algorithm>
#include <utility>

#include "base/numbers.hpp"
#include "base/text.hpp"
#include "estimate/placement.hpp"
#include "paramcount/base/error.hpp"

namespace paramcount {
namespace {

constexpr std::string_view kMxfp4 = "mxfp4_moe";  ///< llama.cpp's file type of experts in mxfp4
constexpr std::uint64_t kMostDevicesTried = 64;

Bytes memory_of(const Device& device) {
  if (device.memory.value == 0) throw Error(device.name + ": its memory is not known");
  return device.gpu_memory();
}

/// Numbers of devices that people have: of one machine, then whole machines.
std::vector<std::uint64_t> counts_of(const Device& device, const RuntimeProfile& profile) {
  using Split = RuntimeProfile::Serving::Split;
  const auto node = std::max<std::uint64_t>(1, device.node);
  std::vector<std::uint64_t> counts;
  if (profile.serving.split == Split::layers) {
    for (std::uint64_t n = 1; n <= node; ++n) counts.push_back(n);
  } else {
    for (std::uint64_t n = 1; n <= node; n *= 2) counts.push_back(n);
  }
  if (device.consumer) return counts;
  for (std::uint64_t n = 2 * node; n <= kMostDevicesTried; n += node) counts.push_back(n);
  return counts;
}

}  // namespace

std::string offload_text(const Fit& fit) {
  const auto& split = *fit.split;
  std::string text = "-ngl " + grouped(std::min(split.gpu_layers, fit.layers)) + " of " + grouped(fit.layers);
  if (split.cpu_experts > 0) text += ", --n-cpu-moe " + grouped(split.cpu_experts);
  return text;
}

bool has_kernels(const Device& device, const WeightFormat& format, const RuntimeChoice& runtime) {
  if (runtime.profile->is_bound || runtime.profile->reads_gguf || device.peak.empty()) return true;
  const std::string& units = format.narrowest().units;
  return (units != "fp8" && units != "fp4") || device.peak_for("bf16") || device.peak_for("fp8");
}

struct Fitting::Impl {
  const Model& model;
  const Inventory& inventory;
  const FitRequest& request;
  GgufFiles files;
  Placement placement;

  Impl(const Model& m, const Inventory& i, const FitRequest& r, const Catalog& catalog, Expander& expander)
      : model(m), inventory(i), request(r), files(m, i, catalog, expander), placement(m, i, r, catalog, files) {}
};

Fitting::Fitting(const Model& model, const Inventory& inventory, const FitRequest& request, const Catalog& catalog,
                 Expander& expander)
    : impl_(std::make_unique<Impl>(model, inventory, request, catalog, expander)) {}
Fitting::~Fitting() = default;

const GgufInventory* Fitting::gguf() const { return impl_->files.inventory(); }

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
    } else if (mxfp4 && own.roles.front().first == RoleKind::expert && catalog.find<FileType>(kMxfp4)) {
      // As published: more bits gain nothing, and rows of other types are no shorter.
      return {weight_format(std::string(kMxfp4), false, catalog)};
    }
  }
  for (const auto name : runtime.profile->serving.formats) {
    const std::string id =
        reads_gguf && catalog.find_dtype(name) != nullptr ? "gguf:" + std::string(name) : std::string(name);
    auto format = weight_format(id, true, catalog);
    if (!formats.empty() && impl_->placement.published(format).id == formats.front().id) continue;
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
  const Bytes memory = memory_of(*device);
  std::string why;
  const auto& profile = *cache.runtime.profile;
  const auto layouts = layout ? std::vector<Layout>{*layout} : impl.placement.layouts(format, profile, why);
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
    Fit result = impl.placement.fit({device, one, memory}, format, cache, false, Depth::whole);
    result.dtype = shown_id(format);
    if (result.ok) return result;
    if (!first) first = std::move(result);
  }
  return *first;
}

std::uint64_t Fitting::longest_context(const WeightFormat& format, const CacheRequest& cache,
                                       const Layout& layout) const {
  const SharedDevice& device = impl_->request.device;
  return impl_->placement.fit({device, layout, memory_of(*device)}, format, cache, false, Depth::context).max_context;
}

Fit Fitting::offloaded(const WeightFormat& format, const CacheRequest& cache, const Layout& layout) const {
  Fit result = impl_->placement.fit({impl_->request.device, layout, memory_of(*impl_->request.device)}, format, cache,
                                    true, Depth::whole);
  result.dtype = shown_id(format);
  return result;
}

Fewest Fitting::fewest_devices(const SharedDevice& device, const WeightFormat& format, const CacheRequest& cache,
                               bool whole) const {
  const auto& impl = *impl_;
  const Bytes memory = memory_of(*device);
  Fewest fewest;
  for (const auto devices : counts_of(*device, *cache.runtime.profile)) {
    std::string why;
    const auto layouts = buildable_layouts(impl.inventory, impl.placement.published(format), *cache.runtime.profile,
                                           devices, device->node, &why);
    std::optional<Fit> fullest;
    for (const auto& layout : layouts) {
      const Place place{device, layout, memory};
      Fit tried = impl.placement.fit(place, format, cache, false, Depth::verdict);
      if (tried.ok) {
        fewest.fit = whole ? impl.placement.fit(place, format, cache, false, Depth::whole) : std::move(tried);
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

Serving Fitting::serving(const Fit& fit, const WeightFormat& format, const CacheRequest& cache) const {
  return impl_->placement.serving(fit, format, cache);
}

std::optional<Fit> Fitting::most_bits(const std::vector<WeightFormat>& formats, const CacheRequest& cache,
                                      const Catalog& catalog) const {
  const auto& impl = *impl_;
  const Bytes memory = memory_of(*impl.request.device);
  std::string why;
  const auto& profile = *cache.runtime.profile;
  if (profile.reads_gguf && gguf() == nullptr) return std::nullopt;  // llama.cpp has no files of it
  std::vector<const WeightFormat*> left;
  for (const auto& format : formats) left.push_back(&format);
  const auto try_one = [&](const WeightFormat& format, Depth depth) -> std::optional<Fit> {
    try {
      std::optional<Fit> first;
      for (const auto& layout : impl.placement.layouts(format, profile, why)) {
        Fit result =
            impl.placement.fit({impl.request.device, layout, memory}, format,
                               with_runtime(cache, cache.runtime, format, impl.request, catalog), false, depth);
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
    const auto tried = try_one(*left[middle], Depth::verdict);
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
  return try_one(*left[std::min(low, left.size() - 1)], Depth::context);
}

std::int64_t Fit::spare() const {
  return static_cast<std::int64_t>(usable.value) - static_cast<std::int64_t>(together().value);
}

}  // namespace paramcount
