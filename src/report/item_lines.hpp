// Lines of a page that list tensors by what is the matter with them: the first says what, the page shows so many.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "base/numbers.hpp"
#include "paramcount/report/report.hpp"

namespace paramcount {

class ItemLines {
 public:
  /// `all`: however many there are.
  ItemLines(PageTable& table, bool all) : table_(table), all_(all) {}

  /// `show` fills in the cells of a line, and what stands below it.
  template <class Items, class Show>
  void add(const std::string& label, const Items& items, const Show& show) {
    constexpr std::size_t kMostItems = 20;
    const std::size_t shown = all_ ? items.size() : std::min(items.size(), kMostItems);
    for (std::size_t i = 0; i < shown; ++i) {
      Line line{{i == 0 ? label : ""}, {}};
      std::string below;
      show(items[i], line, below);
      table_.lines.push_back(std::move(line));
      if (!below.empty()) table_.lines.push_back({{""}, {{"  " + below, Style::dim}}});
    }
    if (shown < items.size()) {
      table_.lines.push_back({{""}, {{"… " + grouped(items.size() - shown) + " more; --all shows them", Style::dim}}});
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

/// "32 × layers.{0–31}.norm.weight"
[[nodiscard]] inline std::string counted_name(const std::string& name, std::uint64_t copies) {
  return (copies > 1 ? grouped(copies) + " × " : "") + name;
}

}  // namespace paramcount
