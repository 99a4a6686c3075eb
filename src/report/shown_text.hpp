// How a page's texts read where digits are not grouped.
#pragma once

#include <cstddef>
#include <string>

namespace paramcount {

/// "405,853,388,800" without the grouping; commas of prose stay.
[[nodiscard]] std::string ungrouped(const std::string& text);
/// How many commas that leaves out.
[[nodiscard]] std::size_t groupings(const std::string& text);

}  // namespace paramcount
