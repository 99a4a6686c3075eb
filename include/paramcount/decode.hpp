// What generating one token reads from memory: the weights it passes and everything kept of the tokens before it. This,
// not arithmetic, bounds the speed of generation with few sequences.
#pragma once

#include <optional>

#include "paramcount/inventory.hpp"
#include "paramcount/sparsity.hpp"
#include "paramcount/units.hpp"
#include "paramcount/weights.hpp"

namespace paramcount {

/// Of routed experts the share one token uses; of input tables and learned positions nothing (one row), unless a table
/// is the head too; no towers, no multi-token prediction. In the format, pruned where sparsity is given. Throws Error
/// with exit code usage for llama.cpp file types.
[[nodiscard]] Bytes decode_weight_bytes(const Inventory& inventory, const WeightFormat& format,
                                        const std::optional<Sparsity>& sparsity = std::nullopt);

}  // namespace paramcount
