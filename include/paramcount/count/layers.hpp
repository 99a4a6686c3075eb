// The inventory by transformer layer: parameters, KV cache and recurrent state of each.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "paramcount/base/units.hpp"
#include "paramcount/count/inventory.hpp"

namespace paramcount {

/// Neighbouring layers with identical figures.
struct LayerRun {
  std::string index;  ///< what counts them: "layer", "enc", "dec"
  Range layers;
  bool state_known{true};
  bool mtp{false};  ///< multi-token-prediction modules: not in the model's total

  // All of one layer.
  Params params;
  Params active;
  Params attention;
  Params mixer;
  Params ffn;
  Params experts;                   ///< routed and shared experts and the router
  std::uint64_t kv_elements{0};     ///< per token, including window caches
  std::uint64_t window{0};          ///< tokens in a window cache; 0: no window
  std::uint64_t compression{0};     ///< tokens per entry of a compressed cache; 0: no such cache
  std::uint64_t cross_elements{0};  ///< per token of the encoder's input
  std::uint64_t state_elements{0};  ///< per sequence

  [[nodiscard]] std::uint64_t count() const { return layers.last - layers.first + 1; }
  [[nodiscard]] bool alike(const LayerRun& other) const;
  /// "full", "window 1,024", "one in 4", "state", "no cache" ..., with "MoE" where there are experts.
  [[nodiscard]] std::string kind() const;
};

struct LayerCounts {
  std::vector<LayerRun> runs;  ///< in the order of the layers, index by index
  Params outside;              ///< of the total: embedding, final norm, head ...
  Params towers;               ///< of the total: vision, audio, projector
};

/// Σ runs (multi-token prediction left out) params × count + outside + towers is the model's total.
[[nodiscard]] LayerCounts count_layers(const Inventory& inventory);

}  // namespace paramcount
