#include "report/text_grid.hpp"

#include <algorithm>
#include <utility>

namespace paramcount {

std::size_t TextGrid::width() const {
  std::size_t width = label;
  for (const auto column : columns) width += kColumnGap + column;
  return width;
}

TextGrid measure(const PageTable& table, std::size_t least_label, bool shared, const WidthOf& width_of) {
  TextGrid grid;
  grid.label = least_label;
  const auto take = [&](const Line& line, std::size_t indent) {
    if (shared && line.shared > 0) {
      grid.label = std::max(grid.label, width_of(line.label.text.substr(line.shared)) + 2 * kRowIndent);
    } else {
      grid.label = std::max(grid.label, width_of(line.label.text) + indent);
    }
    if (grid.columns.size() < line.cells.size()) grid.columns.resize(line.cells.size());
    for (std::size_t i = 0; i < line.cells.size(); ++i) {
      grid.columns[i] = std::max(grid.columns[i], width_of(line.cells[i].text));
    }
  };
  take(table.head, 0);
  for (const auto& line : table.lines) take(line, kRowIndent);
  return grid;
}

void widen(TextGrid& grid, const TextGrid& other) {
  grid.label = std::max(grid.label, other.label);
  if (grid.columns.size() < other.columns.size()) grid.columns.resize(other.columns.size());
  for (std::size_t i = 0; i < other.columns.size(); ++i) grid.columns[i] = std::max(grid.columns[i], other.columns[i]);
}

std::vector<std::pair<std::size_t, std::size_t>> parts_of(const PageTable& table, const TextGrid& grid,
                                                          std::size_t width) {
  const auto& heads = table.head.cells;
  const bool headed = std::any_of(heads.begin(), heads.end(), [](const Cell& cell) { return !cell.text.empty(); });
  std::vector<std::pair<std::size_t, std::size_t>> parts;
  std::vector<std::size_t> starts{0};  // of each column with a heading, and the end
  std::size_t used = 0;
  for (std::size_t i = 0; i < grid.columns.size();) {
    // A column and those without a heading that follow it.
    std::size_t end = i + 1;
    std::size_t wide = kColumnGap + grid.columns[i];
    while (headed && end < grid.columns.size() && (end >= heads.size() || heads[end].text.empty()))
      wide += kColumnGap + grid.columns[end++];
    if (parts.empty() || used + wide > width) {
      parts.emplace_back(i, end);
      used = grid.label + wide;
    } else {
      parts.back().second = end;
      used += wide;
    }
    i = end;
    starts.push_back(end);
  }
  // A column alone in the last part takes the one before it along.
  if (parts.size() > 1 && starts.size() > 2 && parts.back().first == starts[starts.size() - 2]) {
    const std::size_t before = starts[starts.size() - 3];
    std::size_t taken = grid.label;
    for (std::size_t i = before; i < grid.columns.size(); ++i) taken += kColumnGap + grid.columns[i];
    auto& whole = parts[parts.size() - 2];
    if (taken <= width && before > whole.first) whole.second = parts.back().first = before;
  }
  return parts;
}

PageTable slice(const PageTable& table, std::size_t from, std::size_t to) {
  PageTable part = table;
  std::size_t all = table.head.cells.size();
  for (const auto& line : table.lines) all = std::max(all, line.cells.size());
  const auto cut = [&](Line& line) {
    if (from > 0) line.details.clear();
    if (to < all) {
      line.remark = {};
      line.bar = 0;
    }
    std::vector<Cell> cells;
    for (std::size_t i = from; i < to && i < line.cells.size(); ++i) cells.push_back(std::move(line.cells[i]));
    line.cells = std::move(cells);
  };
  cut(part.head);
  for (auto& line : part.lines) cut(line);
  return part;
}

TextGrid slice(const TextGrid& grid, std::size_t from, std::size_t to) {
  TextGrid part{grid.label, {}};
  for (std::size_t i = from; i < to; ++i) part.columns.push_back(grid.columns[i]);
  return part;
}

PageTable without_dim_columns(const PageTable& table) {
  PageTable kept = table;
  for (std::size_t i = table.head.cells.size(); i > 0; --i) {
    const std::size_t column = i - 1;
    if (table.head.cells[column].text.empty()) continue;
    const auto blank_or_dim = [&](const Line& line) {
      return line.cells.size() <= column || line.cells[column].text.empty() || line.cells[column].style == Style::dim;
    };
    if (!std::all_of(table.lines.begin(), table.lines.end(), blank_or_dim)) continue;
    const auto cut = [&](Line& line) {
      if (line.cells.size() > column) line.cells.erase(line.cells.begin() + static_cast<std::ptrdiff_t>(column));
    };
    cut(kept.head);
    for (auto& line : kept.lines) cut(line);
  }
  return kept;
}

void fold_headings(PageTable& table, const WidthOf& width_of) {
  constexpr std::size_t kEnough = 12;
  Line second;
  bool any = false;
  for (std::size_t i = 0; i < table.head.cells.size(); ++i) {
    auto& cell = table.head.cells[i];
    std::size_t widest = kEnough;
    for (const auto& line : table.lines) {
      if (i < line.cells.size()) widest = std::max(widest, width_of(line.cells[i].text));
    }
    Cell rest{"", cell.style};
    if (width_of(cell.text) > widest) {
      auto at = cell.text.rfind(' ', widest);
      if (at == std::string::npos || at == 0) at = cell.text.rfind('-', widest - 1);
      if (at != std::string::npos && at > 0) {
        rest.text = cell.text.substr(at + 1);
        cell.text.resize(cell.text[at] == ' ' ? at : at + 1);
        any = true;
      }
    }
    second.cells.push_back(std::move(rest));
  }
  if (any) table.lines.insert(table.lines.begin(), std::move(second));
}

}  // namespace paramcount
