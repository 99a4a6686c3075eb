// Suggestions for a model's name that was not found.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "paramcount/catalog/catalog.hpp"

namespace paramcount {

/// The ids nearest to what was typed, at most three, the best first: by spelling, first word, beginning and size.
[[nodiscard]] std::vector<std::string> nearest_names(std::string_view typed, const Catalog& catalog);

}  // namespace paramcount
