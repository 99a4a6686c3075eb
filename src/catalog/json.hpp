// Parses JSON text into a Value: the program's only parser for whole JSON texts. Writing JSON is up to the renderer
// (src/report).
#pragma once

#include <string>
#include <string_view>

#include "base/budgets.hpp"
#include "paramcount/base/value.hpp"

namespace paramcount {

/// Throws Error "line L, column C: what" when the text is no JSON, is longer than kMostJsonBytes, is nested deeper than
/// kDeepestJson levels, or gives one key two different values. NaN and Infinity, which Python writes, are read as
/// texts.
[[nodiscard]] Value parse_json(std::string_view text);

/// The same of a file. Throws Error "<path>: ...".
[[nodiscard]] Value read_json(const std::string& path);

}  // namespace paramcount
