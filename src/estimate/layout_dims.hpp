// What of a model's dimensions decides how it is divided.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "paramcount/count/inventory.hpp"

namespace paramcount {

/// A dimension that may differ between layers: every value it has above 0, ascending.
[[nodiscard]] std::vector<std::uint64_t> values_of(const Inventory& inventory, std::string_view name);

/// A dimension of one layer: the same for all, or one of a list; 0: there is none.
[[nodiscard]] std::uint64_t dim_of(const Inventory& inventory, std::string_view name, std::uint64_t layer);

/// What divides a tensor of a layer over the devices of a stage, in training and in serving: tp every matrix, ep
/// experts; norms, routers, MLA's projections to the latent and the biases of what leaves a block are on every device.
enum class Split : std::uint8_t { none, tensor, expert };
[[nodiscard]] Split split_of(const Tensor& tensor, const Inventory& inventory);

/// MLA's: one vector for keys and values, of no single head.
[[nodiscard]] inline bool is_latent(const State& state) { return state.is_cache() && state.shape.size() == 1; }

}  // namespace paramcount
