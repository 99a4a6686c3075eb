// CSV (RFC 4180) and TSV: a header of keys, then a line per model, or per member of the report's list of records.
#include <algorithm>
#include <array>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/text.hpp"
#include "report/keys.hpp"
#include "report/renderers.hpp"

namespace paramcount {
namespace {

struct Table {
  std::vector<std::string> columns;
  std::unordered_map<std::string, std::size_t> positions;
  std::vector<std::vector<std::string>> lines;
};

/// Whether a spreadsheet would run the text as a formula: Excel and LibreOffice take the full-width signs of Chinese
/// and Japanese keyboards too, and look behind a tab or a line break (owasp.org/www-community/attacks/CSV_Injection).
bool is_formula(std::string_view text) {
  constexpr std::array<std::string_view, 11> kStarts{"=",  "+",      "-",      "@",      "\t",    "\r",
                                                     "\n", "\uFF1D", "\uFF0B", "\uFF0D", "\uFF20"};
  return std::any_of(kStarts.begin(), kStarts.end(), [&](std::string_view start) { return text.starts_with(start); });
}

/// A formula gets an apostrophe before it. Line breaks stay, for render() to quote.
std::string harmless_text(std::string_view text) {
  std::string result = is_formula(text) ? "'" : "";
  bool first = true;
  for (auto line : split(text, '\n')) {
    if (!std::exchange(first, false)) result += '\n';
    if (line.ends_with('\r')) line.remove_suffix(1);
    result += printable(line);
  }
  return result;
}

/// Numbers are numbers, negative ones too.
std::string harmless(const Value& value) {
  std::string text = bare(value);
  return value.as<std::string>() != nullptr ? harmless_text(text) : text;
}

void put(Table& table, std::vector<std::string>& line, const std::string& key, std::string text) {
  const auto [at, added] = table.positions.try_emplace(key, table.columns.size());
  if (added) table.columns.push_back(harmless_text(key));
  if (line.size() <= at->second) line.resize(at->second + 1);
  line[at->second] = std::move(text);
}

void put_all(Table& table, std::vector<std::string>& line, const Row& row) {
  each_value(row,
             [&](const std::string& key, const Row&, const Value& value) { put(table, line, key, harmless(value)); });
}

void add_object(Table& table, const Row& object, const std::string& records) {
  const Row* const members = records.empty() ? nullptr : find_value(object, records).row;
  if (members == nullptr || members->kind != Row::Kind::list || members->children.empty()) {
    put_all(table, table.lines.emplace_back(), object);
    return;
  }
  const auto in_members = [&](std::string_view key) {
    return std::any_of(members->children.begin(), members->children.end(),
                       [&](const Row& member) { return find_value(member, key).row != nullptr; });
  };
  std::vector<const Row*> own;
  for (const auto& child : object.children) {
    if (child.kind == Row::Kind::value && !in_members(child.key)) own.push_back(&child);
  }
  for (const auto& member : members->children) {
    auto& line = table.lines.emplace_back();
    for (const auto* child : own) put(table, line, child->key.text(), harmless(child->value));
    put_all(table, line, member);
  }
}

Table table_of(const Report& report) {
  Table table;
  for (const auto& model : report.models) add_object(table, model, report.records);
  for (const auto& extra : report.extras) {
    if (report.collection.empty()) {
      add_object(table, extra, report.records);
    } else if (extra.kind == Row::Kind::list) {
      for (const auto& member : extra.children) put_all(table, table.lines.emplace_back(), member);
    } else {
      // Totals come last, under their own name.
      auto& line = table.lines.emplace_back();
      put(table, line, "id", harmless_text(extra.key));
      put_all(table, line, extra);
    }
  }
  return table;
}

std::string quoted(const std::string& text) {
  if (text.find_first_of("\",\r\n") == std::string::npos) return text;
  std::string result = "\"";
  for (const char c : text) result += c == '"' ? "\"\"" : std::string(1, c);
  return result + "\"";
}

/// Tab-separated values have no quotes: a line break becomes a space.
std::string flat(std::string text) {
  std::replace(text.begin(), text.end(), '\n', ' ');
  return text;
}

std::string render(const Report& report, char separator, std::string_view end) {
  const Table table = table_of(report);
  std::string out;
  const auto add = [&](const std::vector<std::string>& line) {
    for (std::size_t i = 0; i < table.columns.size(); ++i) {
      if (i > 0) out += separator;
      if (i < line.size()) out += separator == ',' ? quoted(line[i]) : flat(line[i]);
    }
    out += end;
  };
  if (table.columns.empty()) return out;
  add(table.columns);
  for (const auto& line : table.lines) add(line);
  return out;
}

}  // namespace

std::string render_csv(const Report& report, const Surface&) { return render(report, ',', "\r\n"); }
std::string render_tsv(const Report& report, const Surface&) { return render(report, '\t', "\n"); }

}  // namespace paramcount
