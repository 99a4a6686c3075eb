// How many bytes the weights take in a number format, and what has to be kept between tokens.
#pragma once

#include <cstdint>

#include "paramcount/dtype.hpp"
#include "paramcount/inventory.hpp"
#include "paramcount/units.hpp"

namespace paramcount {

/// All parameters of `total` in one format, each tensor in whole bytes. Buffers and multi-token prediction are left
/// out.
[[nodiscard]] Bytes weight_bytes(const Inventory& inventory, const Dtype& dtype);

struct KvCache {
  Bytes full;                        ///< caches that grow with the context, cross-attention's included
  Bytes window;                      ///< caches of layers that look back a fixed number of tokens
  Bytes state;                       ///< recurrent state, in fp32, once per sequence
  std::uint64_t full_elements{0};    ///< per token, all layers
  std::uint64_t window_elements{0};  ///< per token, all layers
  std::uint64_t state_elements{0};   ///< per sequence, all layers

  [[nodiscard]] Bytes total() const { return full + window + state; }
};

/// What the architecture has to keep for `batch` sequences of `context` tokens: the latent of MLA, min(window, context)
/// tokens of a window layer, state once per sequence; no padding. An encoder's input is taken to be as long as the
/// context. Known error: programs allocate more; this is the least.
[[nodiscard]] KvCache ideal_kv_cache(const Inventory& inventory, std::uint64_t context, std::uint64_t batch,
                                     const Dtype& dtype);

}  // namespace paramcount
