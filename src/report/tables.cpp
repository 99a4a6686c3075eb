#include "report/tables.hpp"

#include <algorithm>
#include <utility>

#include "base/numbers.hpp"
#include "base/text.hpp"
#include "report/keys.hpp"

namespace paramcount {
namespace {

/// Whether the source of that fact was not verified: the record says so under `unverified`, by the names of data files.
bool is_unverified(const Row& record, std::string_view key) {
  const Row* told = find_value(record, "unverified").row;
  const auto* facts = told != nullptr ? told->value.as<Value::List>() : nullptr;
  return facts != nullptr && std::any_of(facts->begin(), facts->end(), [&](const Value& fact) {
           return fact == Value("all") ? key != "name" : key.starts_with(bare(fact));
         });
}

}  // namespace

void tell_unverified(Row& row, std::string_view unverified) {
  if (unverified.empty()) return;
  const auto keys = split(unverified, ',');
  row.add(Row::leaf("unverified", "facts whose source was not opened", Value::List(keys.begin(), keys.end())));
}

PageTable own_table(std::string heading, std::vector<Cell> columns) {
  PageTable table;
  table.own_grid = true;
  table.head = {{std::move(heading), Style::strong}, std::move(columns)};
  return table;
}

Cell rounded(const Figures& record, std::string_view key) { return record.rounded(key, fixed(record.number(key), 0)); }

PageTable record_table(std::string heading, const std::vector<Column>& columns, const std::vector<Row>& records,
                       const FigureStyle& style, std::string_view remark, std::string_view label) {
  PageTable table;
  table.folds = true;
  table.head.label = {std::move(heading), Style::strong};
  for (const auto& column : columns) {
    table.head.cells.push_back({column.heading, Style::strong, std::string(column.key)});
  }
  for (const auto& record : records) {
    const Figures figures(record, style);
    Line& line = table.lines.emplace_back(Line{figures.cell(label), {}});
    for (const auto& [title, key, show] : columns) {
      Cell& cell = line.cells.emplace_back(show != nullptr ? show(figures, key) : figures.cell(key));
      if (!cell.key.empty() && is_unverified(record, key)) cell.text += kUnverified;
    }
    if (!remark.empty() && figures.has(remark)) line.remark = figures.cell(remark, Style::dim);
  }
  return table;
}

}  // namespace paramcount
