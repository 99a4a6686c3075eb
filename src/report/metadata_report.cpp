#include "report/metadata_report.hpp"

#include "base/numbers.hpp"
#include "base/text.hpp"
#include "report/checkpoint_report.hpp"
#include "report/figures.hpp"

namespace paramcount {
namespace {

constexpr std::size_t kLongestText = 160;   ///< bytes of a text that a page shows
constexpr std::size_t kLongestItems = 100;  ///< bytes of a list that a page shows

/// A text on one line, cut between characters.
std::string shown_text(std::string text) {
  const auto size = text.size();
  const bool cut = size > kLongestText;
  if (cut) {
    auto end = kLongestText;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) --end;
    text.resize(end);
  }
  replace_all(text, "\n", "\\n");
  replace_all(text, "\t", "\\t");
  return printable(text) + (cut ? "… (" + grouped(size) + " bytes)" : "");
}

/// The shortest decimal that is the same number, as a float where it is one.
std::string shown_number(double value) {
  const auto narrow = static_cast<float>(value);
  return static_cast<double>(narrow) == value ? shortest_float(narrow) : shortest(value);
}

std::string shown_items(const Value::List& list);

std::string shown(const Value& value) {
  if (const auto* flag = value.as<bool>()) return *flag ? "true" : "false";
  if (const auto* whole = value.as<std::int64_t>()) return std::to_string(*whole);
  if (const auto* number = value.as<double>()) return shown_number(*number);
  if (const auto* text = value.as<std::string>()) return shown_text(*text);
  if (const auto* list = value.as<Value::List>()) return shown_items(*list);
  const auto* type = value.find("type");
  const auto* length = value.find("length");
  if (type != nullptr && length != nullptr && type->as<std::string>() && length->as<std::int64_t>()) {
    return "[" + printable(*type->as<std::string>()) + " × " +
           grouped(static_cast<std::uint64_t>(*length->as<std::int64_t>())) + "]";
  }
  return brief(value);
}

std::string shown_items(const Value::List& list) {
  std::string text;
  std::size_t count = 0;
  for (const auto& item : list) {
    if (text.size() > kLongestItems) break;
    text += (count++ == 0 ? "" : ", ") + shown(item);
  }
  return "[" + text + (count < list.size() ? ", …] × " + grouped(list.size()) : "]");
}

}  // namespace

Report metadata_report(const Checkpoint& checkpoint, ReportOptions wanted) {
  Report report;
  Row& row = report.models.emplace_back(Row::group(""));
  row.add(Row::leaf("source", "source", printable(checkpoint.path)));
  row.add(Row::leaf("format", "format", lower(name_of(checkpoint.format))));
  row.add(Row::leaf("tensors", "tensors", count_value(checkpoint.tensors.size())));
  row.add(Row::leaf("header_bytes", "header", Bytes{checkpoint.header_bytes}));
  row.add(Row::leaf("file_bytes", "file", Bytes{checkpoint.file_bytes}));
  row.add(Row::leaf("files", "files", count_value(checkpoint.files.size())));
  row.add(Row::leaf("metadata", "metadata", checkpoint.metadata));
  if (!wanted.pages) return report;
  const Figures figures(row, wanted.style);
  Page& page = report.pages.emplace_back();
  page.title = {printable(checkpoint.path), Style::strong};
  page.aside = {std::string(name_of(checkpoint.format))};
  page.summary.push_back(figures.dressed("tensors", several(checkpoint.tensors.size(), "tensor")));
  page.summary.push_back(figures.dressed("header_bytes", "header " + grouped(checkpoint.header_bytes) + " bytes"));
  if (checkpoint.files.size() > 1) page.summary.push_back(figures.dressed("files", figures.text("files") + " files"));
  PageTable& table = page.tables.emplace_back();
  table.left = true;
  table.head.label = {"Metadata", Style::strong};
  const auto* pairs = checkpoint.metadata.as<Value::Object>();
  if (pairs == nullptr || pairs->empty()) {
    table.lines.push_back({{"none"}, {}});
    return report;
  }
  for (const auto& [key, value] : *pairs) {
    table.lines.push_back({{printable(key)}, {{shown(value), Style::plain, "metadata." + key}}});
  }
  return report;
}

}  // namespace paramcount
