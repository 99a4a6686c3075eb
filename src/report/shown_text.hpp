// How a page's texts read where digits are not grouped, or there is only ASCII.
#pragma once

#include <cstddef>
#include <string>

namespace paramcount {

/// "405,853,388,800" without the grouping; commas of prose stay.
[[nodiscard]] std::string ungrouped(const std::string& text);
/// How many commas that leaves out.
[[nodiscard]] std::size_t groupings(const std::string& text);

/// The same text in ASCII, for terminals without UTF-8.
[[nodiscard]] std::string in_ascii(std::string text);

}  // namespace paramcount
