// Prepares page text for display: ungrouped digits, characters that the output can show, folded lines.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "paramcount/report/render.hpp"

namespace paramcount {

/// "405,853,388,800" without the grouping; commas of prose stay.
[[nodiscard]] std::string ungrouped(const std::string& text);
/// How many commas that leaves out.
[[nodiscard]] std::size_t groupings(const std::string& text);

struct ShownText {
  std::string_view text;
  std::size_t width;  ///< in columns
};

/// Texts as a surface shows them: in a pipe ungrouped, in ASCII where it has no more, nothing that drives a terminal.
class ShownTexts {
 public:
  explicit ShownTexts(const Surface& surface) : terminal_(surface.terminal), utf8_(surface.utf8) {}

  [[nodiscard]] std::string shown(const std::string& text) const;
  /// The same, copied only where it is shown otherwise.
  [[nodiscard]] ShownText shown(const std::string& text, std::string& copy) const;
  /// Columns that it takes.
  [[nodiscard]] std::size_t width(const std::string& text) const;

 private:
  /// The dash of a cell without a figure, which most lists are full of, as it is shown.
  [[nodiscard]] bool is_dash(const std::string& text) const;

  bool terminal_, utf8_;
};

/// A text folded between words: its first line of at most `first` columns, the others of `rest`. A word that is wider
/// has a line of its own.
[[nodiscard]] std::vector<std::string_view> folded_lines(std::string_view text, std::size_t first, std::size_t rest);

}  // namespace paramcount
