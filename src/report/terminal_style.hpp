// Terminal escape sequences for bold, dim and colours (ECMA-48, select graphic rendition).
#pragma once

#include <string_view>

#include "paramcount/report/report.hpp"

namespace paramcount {

/// What begins a style; empty for plain text.
[[nodiscard]] std::string_view style_begin(Style style);

inline constexpr std::string_view kBarBegin = "\x1b[36m";  ///< what is drawn in bars: cyan
inline constexpr std::string_view kStyleEnd = "\x1b[0m";

}  // namespace paramcount
