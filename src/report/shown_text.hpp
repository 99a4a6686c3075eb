// How texts of a page read: digits without grouping, lines folded.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace paramcount {

/// "405,853,388,800" without the grouping; commas of prose stay.
[[nodiscard]] std::string ungrouped(const std::string& text);
/// How many commas that leaves out.
[[nodiscard]] std::size_t groupings(const std::string& text);

/// A text folded between words: its first line of at most `first` columns, the others of `rest`. A word that is wider
/// has a line of its own.
[[nodiscard]] std::vector<std::string> folded_lines(std::string_view text, std::size_t first, std::size_t rest);

}  // namespace paramcount
