// How llama.cpp splits a model between devices and host memory: where each layer and each layer's experts are, and the
// memory that takes. Sources: llama.cpp, August 2026: src/llama-model.cpp load_tensors, common/fit.cpp @08033df0 (what
// --fit chooses), and pull request 15077 (--n-cpu-moe).
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "paramcount/base/units.hpp"
#include "paramcount/estimate/llama_cpp.hpp"

namespace paramcount {

/// Where the parts of a model are.
struct OffloadSplit {
  std::uint64_t gpu_layers{0};   ///< -ngl: how many of the last layers, including the output, which counts as one
  std::uint64_t cpu_experts{0};  ///< --n-cpu-moe: how many of the first layers have their experts in host memory
  bool operator==(const OffloadSplit&) const = default;

  /// The first layer that is on a card, of `layers`; `layers` is the output, and one more where that is not either.
  [[nodiscard]] std::uint64_t first_on_card(std::uint64_t layers) const {
    return layers + 1 - std::min(gpu_layers, layers + 1);
  }
  /// Whether a weight of that layer (-1: of the output) is in host memory.
  [[nodiscard]] bool on_host(std::int64_t layer, bool expert, std::uint64_t layers) const {
    const auto first = first_on_card(layers);
    if (layer < 0) return first > layers;
    const auto at = static_cast<std::uint64_t>(layer);
    return at < first || (expert && at < cpu_experts);
  }
};

/// Memory of the fullest device and of the host.
struct OffloadLoad {
  Bytes weights, cache;
  LlamaCppMemory::Range compute{};
  Bytes host_weights, host_cache, host_compute;

  [[nodiscard]] Bytes card() const { return weights + cache + compute.likely; }
  [[nodiscard]] Bytes host() const { return host_weights + host_cache + host_compute; }
};

/// One llama.cpp file, and the memory of each of its layers on a device and on the host.
class Offload {
 public:
  /// All three must outlive it.
  Offload(const GgufInventory& gguf, const GgufFile& file, const Inventory& inventory);

  [[nodiscard]] std::uint64_t layers() const { return dense_.size(); }
  [[nodiscard]] bool has_experts() const { return has_experts_; }
  /// All layers and the output, on that many devices.
  [[nodiscard]] OffloadSplit whole() const { return {layers() + 1, 0}; }

  /// Weights in host memory.
  [[nodiscard]] Bytes host_weights(const OffloadSplit& split) const;
  /// Weights on a single device that holds them all.
  [[nodiscard]] Bytes card_weights() const;

  /// Layers are divided evenly over `cards`.
  [[nodiscard]] OffloadLoad load(const OffloadSplit& split, const CacheRequest& request, std::uint64_t cards) const;

  /// What --fit chooses for devices with `room` bytes each: everything, or for a mixture of experts every layer with
  /// the experts of the first ones in host memory, or the last layers that fit. If nothing fits: no layers.
  [[nodiscard]] OffloadSplit choose(const CacheRequest& request, std::uint64_t cards, Bytes room) const;

 private:
  struct Part {
    Bytes card, host;
  };

  const GgufInventory& gguf_;
  const Inventory& inventory_;
  LlamaCppCompute compute_;
  std::vector<Part> dense_, experts_;  ///< of each layer
  Part output_;
  Bytes input_;  ///< in host memory
  bool has_experts_{false};
};

}  // namespace paramcount
