// JSON text to Value. The only reader of JSON text in the program; writing is the renderer's (src/report).
#pragma once

#include <cstddef>
#include <string_view>

#include "base/budgets.hpp"
#include "paramcount/base/value.hpp"

namespace paramcount {

/// Throws Error "line L, column C: what" when the text is no JSON, is longer than kMostJsonBytes, is nested deeper than
/// kDeepestJson levels, or gives one key two different values. NaN and Infinity, which Python writes, are read as
/// texts.
[[nodiscard]] Value parse_json(std::string_view text);

}  // namespace paramcount
