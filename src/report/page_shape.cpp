#include "report/page_shape.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace paramcount {

TableShape shape_of(const PageTable& table) {
  TableShape shape;
  const auto take = [&](const Line& line) {
    std::size_t used = line.cells.size();
    while (used > 0 && line.cells[used - 1].text.empty()) --used;
    shape.cells = std::max(shape.cells, used);
    shape.remarks = shape.remarks || !line.remark.text.empty();
  };
  take(table.head);
  for (const auto& line : table.lines) take(line);
  return shape;
}

std::vector<PageTable> joined_tables(const Page& page, bool bars) {
  std::vector<PageTable> tables;
  for (const auto& table : page.tables) {
    const bool headless = std::all_of(table.head.cells.begin(), table.head.cells.end(),
                                      [](const Cell& cell) { return cell.text.empty(); }) &&
                          table.head.remark.text.empty();
    if (tables.empty() || !headless || table.own_grid || tables.back().own_grid || table.left != tables.back().left) {
      tables.push_back(table);
      const bool drawn = std::any_of(table.lines.begin(), table.lines.end(), [](const Line& l) { return l.bar > 0; });
      if (!bars && drawn && table.bars == PageTable::Bars::cells) tables.back().head.remark = {};
      continue;
    }
    tables.back().lines.push_back(table.head);
    tables.back().lines.insert(tables.back().lines.end(), table.lines.begin(), table.lines.end());
  }
  return tables;
}

bool is_blank(const Line& line) {
  return line.label.text.empty() && line.remark.text.empty() && line.details.empty() &&
         std::all_of(line.cells.begin(), line.cells.end(), [](const Cell& cell) { return cell.text.empty(); });
}

std::string summary_text(const Page& page) {
  std::string text;
  for (const auto& fact : page.summary) text += (text.empty() ? "" : " · ") + fact.text;
  return text;
}

std::string name_of(const Page& page) {
  if (!page.title.text.empty()) return page.title.text;
  if (!page.heading.empty()) return page.heading;
  for (const auto& table : page.tables) {
    if (!table.head.label.text.empty()) return std::string(trim(table.head.label.text));
  }
  return {};
}

}  // namespace paramcount
