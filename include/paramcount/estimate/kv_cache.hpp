// KV cache and recurrent state: the lower bound for the architecture, and what runtimes allocate.
#pragma once

#include <cstdint>
#include <vector>

#include "paramcount/base/units.hpp"
#include "paramcount/count/inventory.hpp"
#include "paramcount/estimate/runtime.hpp"

namespace paramcount {

struct KvCache {
  Bytes full;     ///< caches that grow with the context, including cross-attention's
  Bytes window;   ///< caches of sliding-window layers
  Bytes state;    ///< recurrent state, once per sequence
  Bytes encoder;  ///< what cross-attention caches of images or audio in addition to the states, once per sequence
  std::uint64_t full_elements{0};    ///< per token, all layers; of compressed caches a token's share, rounded down
  std::uint64_t window_elements{0};  ///< per token, all layers
  std::uint64_t state_elements{0};   ///< per sequence, all layers
  double bytes_per_token{0};         ///< of a token that all layers cache
  std::uint64_t full_cells{0};       ///< tokens a full cache has room for, all sequences together
  std::uint64_t window_cells{0};     ///< the same of a window cache; of several widths the largest

  Bytes draft;  ///< of multi-token prediction, in its own context: not in the total

  [[nodiscard]] Bytes total() const { return full + window + state + encoder; }
};

/// KV cache and recurrent state for the request. `state` is the architecture's own, or the GGUF's
/// (paramcount/count/gguf.hpp) for a runtime that loads GGUFs; `inventory` gives the dimensions. An encoder's input is
/// assumed to be as long as the context. Throws Error where the runtime would refuse. Each runtime's rules and their
/// source: src/estimate/runtimes.
[[nodiscard]] KvCache kv_cache(const std::vector<State>& state, const Inventory& inventory,
                               const CacheRequest& request);

}  // namespace paramcount
