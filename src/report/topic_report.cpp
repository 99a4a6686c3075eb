#include "report/topic_report.hpp"

#include <algorithm>
#include <set>

#include "base/text.hpp"
#include "report/keys.hpp"

namespace paramcount {
namespace {

bool is_number(std::string_view text) { return !text.empty() && std::all_of(text.begin(), text.end(), is_digit); }

/// "memory.weights.0.bytes" as "memory.weights.N.bytes".
std::string pattern_of(const std::string& key) {
  std::string pattern;
  for (const auto part : split(key, '.')) {
    if (!pattern.empty()) pattern += '.';
    pattern += is_number(part) ? "N" : std::string(part);
  }
  return pattern;
}

}  // namespace

Report topic_report(const Topic& topic, ReportOptions wanted) {
  Report report;
  report.collection = topic.collection;
  if (wanted.tree) {
    for (const auto& section : topic.sections) {
      for (const auto& entry : section.entries) {
        Row row = Row::group("");
        row.add(Row::leaf("id", "name", entry.name));
        if (!section.title.empty()) row.add(Row::leaf("section", "section", section.title));
        row.add(Row::leaf("text", "meaning", entry.text));
        if (!entry.source.empty()) row.add(Row::leaf("source", "source", entry.source));
        report.models.push_back(std::move(row));
      }
    }
  }
  if (!wanted.pages) return report;
  Page& page = report.pages.emplace_back();
  page.title = {topic.title, Style::strong};
  for (const auto& section : topic.sections) {
    PageTable table;
    table.head.label = {section.title, Style::strong};
    for (const auto& entry : section.entries) {
      Line line{{entry.name}, {}};
      line.details.push_back(entry.text);
      if (!entry.source.empty()) line.details.back() += " (" + entry.source + ")";
      table.lines.push_back(std::move(line));
    }
    page.tables.push_back(std::move(table));
  }
  for (const auto& note : topic.notes) page.notes.push_back({"", note});
  return report;
}

std::vector<Entry> keys_of(const std::vector<Report>& reports) {
  std::vector<Entry> entries;
  std::set<std::string> seen;
  const auto take = [&](const std::string& before, const Row& object) {
    each_value(object, [&](const std::string& key, const Row& row, const Value& value) {
      std::string pattern = pattern_of(before + key);
      if (!seen.insert(pattern).second) return;
      const std::string example = bare(value);
      entries.push_back({std::move(pattern), row.label.text(), columns(example) > 30 ? std::string() : example});
    });
  };
  for (const auto& report : reports) {
    for (const auto& object : report.models) take("", object);
    for (const auto& extra : report.extras) take(extra.key.text() + ".", extra);
  }
  return entries;
}

}  // namespace paramcount
