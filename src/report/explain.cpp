#include "report/explain.hpp"

#include "base/numbers.hpp"
#include "base/text.hpp"
#include "report/keys.hpp"

namespace paramcount {
namespace {

bool explained(const Row& row, const Value& value) {
  return value.is_number() && !(row.formula.empty() && row.source.empty());
}

/// The digits people read, with the unit that the key ends in.
std::string figure(const std::string& key, const Value& value) {
  const auto* whole = value.as<std::int64_t>();
  std::string text = whole != nullptr && *whole >= 0 ? grouped(static_cast<std::uint64_t>(*whole)) : bare(value);
  const std::string last = key.substr(key.rfind('.') + 1);
  if (last == "bytes" || last.ends_with("_bytes")) text += " B";
  if (last.ends_with("_usd")) text.insert(0, "$");
  if (last.ends_with("_hours")) text += " h";
  return text;
}

Page page_of(const Row& object) {
  Page page;
  for (const auto& child : object.children) {
    if (child.key == "name") page.title = {bare(child.value), Style::strong};
    if (child.key == "family") page.aside = {bare(child.value)};
  }
  PageTable table;
  table.head.label = {"value", Style::dim};
  table.head.cells = {{"exactly", Style::dim}};
  each_value(object, [&](const std::string& key, const Row& row, const Value& value) {
    if (!explained(row, value)) return;
    Line line{{row.label.empty() ? key : row.label}, {{figure(key, value), Style::strong}}};
    line.remark = {key, Style::dim};
    if (!row.formula.empty()) line.details.push_back(row.formula);
    if (!row.source.empty()) line.details.push_back("from: " + row.source);
    table.lines.push_back(std::move(line));
  });
  if (!table.lines.empty()) page.tables.push_back(std::move(table));
  return page;
}

}  // namespace

void explain_in_pages(Report& report) {
  report.pages.clear();
  for (const auto& object : report.models) report.pages.push_back(page_of(object));
  for (const auto& extra : report.extras) {
    Page page = page_of(extra);
    page.title = {extra.label.empty() ? extra.key : extra.label, Style::strong};
    if (!page.tables.empty()) report.pages.push_back(std::move(page));
  }
}

void explain_in_tree(Report& report) {
  for (auto& object : report.models) {
    Row list = Row::list("explain", "where the numbers come from");
    each_value(object, [&](const std::string& key, const Row& row, const Value& value) {
      if (!explained(row, value)) return;
      Row one = Row::group("");
      one.add(Row::leaf("key", "key", key));
      one.add(Row::leaf("value", "value", value));
      if (!row.formula.empty()) one.add(Row::leaf("formula", "formula", row.formula));
      if (!row.source.empty()) one.add(Row::leaf("source", "source", row.source));
      list.add(std::move(one));
    });
    object.add(std::move(list));
  }
}

}  // namespace paramcount
