#include "report/explain.hpp"

#include <functional>

#include "base/numbers.hpp"
#include "base/text.hpp"
#include "report/keys.hpp"

namespace paramcount {
namespace {

using Visit =
    std::function<void(const std::string& key, const Row& row, const Value& value, const std::string& source)>;

/// Every number that says where it comes from. One that does not takes the source its object names for all it holds.
void each_explained(const Row& object, const Visit& visit) {
  const Found named = find_value(object, "source");
  const auto* text = named.value != nullptr ? named.value->as<std::string>() : nullptr;
  const std::string shared = text != nullptr && *text != "catalog" ? *text : "";
  each_value(object, [&](const std::string& key, const Row& row, const Value& value) {
    if (!value.is_number()) return;
    const std::string source = row.source.empty() && row.formula.empty() ? shared : row.source.text();
    if (!row.formula.empty() || !source.empty()) visit(key, row, value, source);
  });
}

/// All digits that the value has, with its unit.
std::string digits(const Row& row, const Value& value) {
  const auto* whole = value.as<std::int64_t>();
  const std::string text = whole != nullptr && *whole >= 0 ? grouped(static_cast<std::uint64_t>(*whole)) : bare(value);
  switch (row.unit) {
    case Unit::bytes:
      return text + " B";
    case Unit::bytes_per_s:
      return text + " B/s";
    case Unit::usd:
      return "$" + text;
    case Unit::hours:
      return text + " h";
    default:
      return text;
  }
}

Page page_of(const Row& object) {
  Page page;
  for (const auto& child : object.children) {
    if (child.key == "name") page.title = {bare(child.value), Style::strong};
    if (child.key == "family") page.aside = {bare(child.value)};
  }
  PageTable table;
  std::string said;
  each_explained(object, [&](const std::string& key, const Row& row, const Value& value, const std::string& source) {
    // That there is none of something needs no derivation.
    if (value == Value(0)) return;
    Line line{{row.label.empty() ? key : row.label.text()}, {{digits(row, value), Style::strong, key}}};
    if (!row.formula.empty()) line.details.push_back(row.formula.text());
    // Neighbours that are only taken over from one source name it once.
    if (!row.formula.empty() || source != said) line.details.push_back(key + (source.empty() ? "" : ": " + source));
    said = source;
    table.lines.push_back(std::move(line));
  });
  if (!table.lines.empty()) page.tables.push_back(std::move(table));
  return page;
}

}  // namespace

void explain_in_pages(Report& report) {
  report.pages.clear();
  for (const auto& object : report.models) {
    Page page = page_of(object);
    const Found disclosed = find_value(object, "disclosed");
    const bool withheld = disclosed.value != nullptr && *disclosed.value == Value(false);
    if (withheld) page.aside = {"not disclosed"};
    if (!page.tables.empty() || (withheld && report.models.size() > 1)) report.pages.push_back(std::move(page));
  }
  for (const auto& extra : report.extras) {
    Page page = page_of(extra);
    page.title = {(extra.label.empty() ? extra.key : extra.label).text(), Style::strong};
    if (!page.tables.empty()) report.pages.push_back(std::move(page));
  }
}

void explain_in_tree(Report& report) {
  for (auto& object : report.models) {
    Row list = Row::list("explain", "where the numbers come from");
    each_explained(object, [&](const std::string& key, const Row& row, const Value& value, const std::string& source) {
      Row one = Row::group("");
      one.add(Row::leaf("key", "key", key));
      one.add(Row::leaf("value", "value", value));
      if (!row.formula.empty()) one.add(Row::leaf("formula", "formula", row.formula.view()));
      if (!source.empty()) one.add(Row::leaf("source", "source", source));
      list.add(std::move(one));
    });
    object.add(std::move(list));
  }
}

}  // namespace paramcount
