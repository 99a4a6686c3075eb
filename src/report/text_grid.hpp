// Columns of a text table: their widths, and what happens to those that do not fit the terminal.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

#include "paramcount/report/report.hpp"

namespace paramcount {

constexpr std::size_t kColumnGap = 2;
constexpr std::size_t kRowIndent = 2;
constexpr std::size_t kLeastLabel = 23;  ///< so that short labels leave room for the eye

struct TextGrid {
  std::size_t label{kLeastLabel};
  std::vector<std::size_t> columns;

  /// Columns of the terminal that a line takes, without its remark.
  [[nodiscard]] std::size_t width() const;
};

/// Columns of the terminal that a text takes.
using WidthOf = std::function<std::size_t(const std::string&)>;

/// Wide enough for every line. `shared`: a terminal shows what labels share on a line of its own.
[[nodiscard]] TextGrid measure(const PageTable& table, std::size_t least_label, bool shared, const WidthOf& width_of);
void widen(TextGrid& grid, const TextGrid& other);

/// The columns of a table by parts that a terminal of that width takes, the label beside each: first and one past the
/// last. A column without a heading stays with the one before it.
[[nodiscard]] std::vector<std::pair<std::size_t, std::size_t>> parts_of(const PageTable& table, const TextGrid& grid,
                                                                        std::size_t width);
/// Some of a table's columns: the first keeps what is below lines, the last what follows them.
[[nodiscard]] PageTable slice(const PageTable& table, std::size_t from, std::size_t to);
[[nodiscard]] TextGrid slice(const TextGrid& grid, std::size_t from, std::size_t to);

/// Without the columns that have a heading and nothing but dim texts below it.
[[nodiscard]] PageTable without_dim_columns(const PageTable& table);

/// Continues a heading that is wider than its column on a second line.
void fold_headings(PageTable& table, const WidthOf& width_of);

}  // namespace paramcount
