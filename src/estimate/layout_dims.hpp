// What of a model's dimensions decides how it is divided.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "paramcount/count/inventory.hpp"

namespace paramcount {

/// A dimension that may differ between layers: every value it has above 0, ascending.
[[nodiscard]] std::vector<std::uint64_t> values_of(const Inventory& inventory, std::string_view name);

/// MLA's: one vector for keys and values, of no single head.
[[nodiscard]] inline bool is_latent(const State& state) { return state.is_cache() && state.shape.size() == 1; }

}  // namespace paramcount
