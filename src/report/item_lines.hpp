// Page lines that list tensors by their problem: the first names it, and the page shows a limited number.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "base/numbers.hpp"
#include "base/text.hpp"
#include "report/figures.hpp"

namespace paramcount {

class ItemLines {
 public:
  /// `all`: however many there are.
  ItemLines(PageTable& table, bool all) : table_(table), all_(all) {}

  /// For that many items: `show` fills in the cells of a line, and the details below it.
  template <class Show>
  void add(const std::string& label, std::size_t count, const Show& show) {
    constexpr std::size_t kMostItems = 20;
    const std::size_t shown = all_ ? count : std::min(count, kMostItems);
    for (std::size_t i = 0; i < shown; ++i) {
      Line line{{i == 0 ? label : ""}, {}};
      Cell below;
      show(i, line, below);
      table_.lines.push_back(std::move(line));
      if (!below.text.empty()) table_.lines.push_back({{""}, {{"  " + below.text, Style::dim, below.key}}});
    }
    if (shown < count) {
      table_.lines.push_back({{""}, {{"… " + grouped(count - shown) + " more; --all shows them", Style::dim}}});
    }
  }

 private:
  PageTable& table_;
  bool all_;
};

[[nodiscard]] inline Value shape_value(const std::vector<std::uint64_t>& shape) {
  Value::List list;
  for (const auto size : shape) list.push_back(count_value(size));
  return list;
}

/// The cell, the word and the other cell, which may be of one figure or of two.
[[nodiscard]] inline Cell joined(const Cell& one, std::string_view word, const Cell& other) {
  return {joined({one.text, word, other.text}), one.style, joined({one.key, " ", other.key})};
}

/// "32 × layers.{0–31}.norm.weight"
[[nodiscard]] inline Cell counted_name(const Figures& item) {
  return item.number("copies") > 1 ? joined(item.cell("copies"), " × ", item.cell("name")) : item.cell("name");
}

/// How the same is spelled in both files, and of how many tensors.
inline void add_spellings(ItemLines& lines, const Figures& figures, std::string_view one, std::string_view word,
                          std::string_view other, std::string_view end) {
  const auto told = figures.members("spellings");
  lines.add("spelled", told.size(), [&](std::size_t i, Line& line, Cell&) {
    const auto shown = [&](std::string_view key) {
      const Cell cell = told[i].cell(key);
      return cell.text.empty() ? Cell{"(nothing)", {}, cell.key} : cell;
    };
    Cell names = joined(shown(one), word, shown(other));
    names.text += end;
    const auto tensors = static_cast<std::uint64_t>(told[i].number("tensors"));
    line.cells = cells_of(std::move(names), told[i].dressed("tensors", several(tensors, "tensor")));
  });
}

}  // namespace paramcount
