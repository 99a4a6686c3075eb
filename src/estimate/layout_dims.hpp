// The dimensions of a model that determine how it is split.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "paramcount/catalog/sharding.hpp"
#include "paramcount/count/inventory.hpp"

namespace paramcount {

/// A dimension that may differ between layers: every value it has above 0, ascending.
[[nodiscard]] std::vector<std::uint64_t> values_of(const Inventory& inventory, std::string_view name);

/// A dimension of one layer: the same for all, or one of a list; 0: there is none.
[[nodiscard]] std::uint64_t dim_of(const Inventory& inventory, std::string_view name, std::uint64_t layer);

/// The row that says how the devices of a stage share a tensor, in training and in serving; nullptr: none does, and
/// every device has it whole.
[[nodiscard]] const ShardingRow* sharding_of(const Tensor& tensor, const Inventory& inventory,
                                             const Sharding& sharding);

/// What divides its elements: tp, ep, or nothing.
enum class Split : std::uint8_t { none, tensor, expert };
[[nodiscard]] Split split_of(const Tensor& tensor, const Inventory& inventory, const Sharding& sharding);

/// MLA's: one vector for keys and values, of no single head.
[[nodiscard]] inline bool is_latent(const State& state) { return state.is_cache() && state.shape.size() == 1; }

}  // namespace paramcount
