// Pages as one HTML file: no scripts, nothing fetched, bars as inline SVG, colours by prefers-color-scheme.
#include <algorithm>
#include <cmath>

#include "base/text.hpp"
#include "report/page_shape.hpp"
#include "report/renderers.hpp"

namespace paramcount {
namespace {

constexpr std::string_view kStyle = R"(:root {
  color-scheme: light dark;
  --paper: #fff; --ink: #1a1a1a; --dim: #666; --line: #e2e2e2; --bar: #0f7c90;
  --good: #1a7f37; --bad: #b3261e; --caution: #8a5a00;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #16181b; --ink: #e6e6e6; --dim: #9a9fa6; --line: #2f3338; --bar: #46b8cc;
    --good: #5cc97a; --bad: #f2877f; --caution: #d9ab52;
  }
}
body { margin: 0; background: var(--paper); color: var(--ink); font: 15px/1.5 system-ui, sans-serif; }
main { max-width: 60rem; margin: 0 auto; padding: 1rem 1.25rem 2rem; }
header { display: flex; flex-wrap: wrap; justify-content: space-between; align-items: baseline; gap: 0 1rem; }
h1 { font-size: 1.4rem; margin: 1rem 0 0; }
p { margin: 0.25rem 0 0; }
.table { overflow-x: auto; margin-top: 1.5rem; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { padding: 0.15rem 0.75rem 0.15rem 0; text-align: right; white-space: nowrap; vertical-align: baseline; }
th:first-child, td:first-child { min-width: 12rem; }
thead th { border-bottom: 1px solid var(--line); font-weight: normal; }
th:first-child, .left td, .left th, .remark { text-align: left; }
tbody th { font-weight: normal; white-space: pre; }
.remark { padding-left: 0.75rem; }
.detail th { padding: 0 0 0.35rem 1.5rem; white-space: normal; color: var(--dim); }
.section th { padding-top: 0.9rem; }
.fill { width: 100%; padding: 0; }
.strong { font-weight: 600; }
.dim, aside, .notes { color: var(--dim); }
.good { color: var(--good); }
.bad { color: var(--bad); }
.caution { color: var(--caution); }
.notes { margin: 1.5rem 0 0; padding: 0; list-style: none; font-size: 0.9rem; }
.notes li { margin-top: 0.2rem; }
svg { display: inline-block; vertical-align: -0.1em; }
svg rect { fill: var(--bar); }
)";

std::string escaped(std::string_view text) {
  std::string result;
  for (const char c : printable(text)) {
    switch (c) {
      case '&':
        result += "&amp;";
        break;
      case '<':
        result += "&lt;";
        break;
      case '>':
        result += "&gt;";
        break;
      case '"':
        result += "&quot;";
        break;
      default:
        result += c;
    }
  }
  return result;
}

std::string_view class_of(Style style) {
  switch (style) {
    case Style::strong:
      return "strong";
    case Style::dim:
      return "dim";
    case Style::good:
      return "good";
    case Style::bad:
      return "bad";
    case Style::caution:
      return "caution";
    case Style::plain:
      break;
  }
  return {};
}

/// A cell of a table; `more` are classes beside that of its style.
std::string cell(std::string_view tag, const Cell& cell, std::string_view more, std::string_view attributes = {}) {
  std::string classes(class_of(cell.style));
  if (!more.empty()) classes += (classes.empty() ? "" : " ") + std::string(more);
  std::string text = "<" + std::string(tag) + std::string(attributes);
  if (!classes.empty()) text += " class=\"" + classes + "\"";
  return text + ">" + escaped(cell.text);
}

constexpr double kFull = 240;       ///< pixels of the longest bar
constexpr double kMostCells = 100;  ///< beyond these, cells are too small to be told apart

std::string tenths(double pixels) { return shortest(std::round(pixels * 10) / 10); }

std::string rectangle(double from, double width) {
  const std::string x = from > 0 ? " x=\"" + tenths(from) + "\"" : "";
  return "<rect" + x + " width=\"" + tenths(width) + "\" height=\"12\" rx=\"1\"/>";
}

/// A bar of `part` of the full length; one of cells is cut where each ends.
std::string bar(double part, double cells) {
  const double width = std::clamp(part, 0.0, 1.0) * kFull;
  if (width < 0.5) return {};
  std::string text = "<svg width=\"" + tenths(width) + "\" height=\"12\" aria-hidden=\"true\">";
  const double cell = cells > 0 && cells <= kMostCells ? width / cells : width;
  const double gap = cell < width ? std::min(1.5, cell / 4) : 0;
  for (double from = 0; width - from > 0.25; from += cell) {
    text += rectangle(from, std::max(0.25, std::min(cell - gap, width - from)));
  }
  return text + "</svg>";
}

class Table {
 public:
  explicit Table(const PageTable& table) : table_(table), shape_(shape_of(table)) {
    for (const auto& line : table.lines) longest_ = std::max(longest_, line.bar);
    bars_ = longest_ > 0;
    details_ = !table.head.details.empty() || std::any_of(table.lines.begin(), table.lines.end(),
                                                          [](const Line& line) { return !line.details.empty(); });
  }

  [[nodiscard]] std::string html() const {
    std::string out = table_.left ? "<div class=\"table\"><table class=\"left\">\n" : "<div class=\"table\"><table>\n";
    out += "<thead>\n" + line(table_.head, "th", " scope=\"col\"") + "</thead>\n<tbody>\n";
    for (const auto& row : table_.lines) {
      if (!is_blank(row)) out += line(row, "td", " scope=\"row\"");
    }
    return out + "</tbody>\n</table></div>\n";
  }

 private:
  [[nodiscard]] std::string line(const Line& line, std::string_view tag, std::string_view scope) const {
    const bool section =
        tag == "td" && line.label.style == Style::strong && line.cells.size() <= shape_.cells &&
        std::all_of(line.cells.begin(), line.cells.end(), [](const Cell& c) { return c.text.empty(); });
    std::string out = section ? "<tr class=\"section\">" : "<tr>";
    out += cell("th", line.label, {}, scope) + "</th>";
    const std::string_view cell_scope = tag == "th" ? scope : std::string_view{};
    const std::string end = "</" + std::string(tag) + ">";
    for (std::size_t i = 0; i < shape_.cells; ++i)
      out += cell(tag, i < line.cells.size() ? line.cells[i] : Cell{}, {}, cell_scope) + end;
    if (shape_.remarks || bars_) {
      // Cells are drawn to the longest bar, shares to the whole.
      const bool shares = table_.bars == PageTable::Bars::shares;
      std::string drawn;
      if (line.bar > 0) drawn = shares ? bar(line.bar, 0) : bar(line.bar / std::max(longest_, 1.0), line.bar);
      if (!drawn.empty() && !line.remark.text.empty()) drawn += ' ';
      const std::string head = cell(tag, {"", line.remark.style}, "remark", cell_scope);
      out += head + drawn + escaped(line.remark.text) + end;
    }
    if (details_) out += "<td class=\"fill\"></td>";
    out += "</tr>\n";
    const std::size_t span = 1 + shape_.cells + (shape_.remarks || bars_ ? 1 : 0) + (details_ ? 1 : 0);
    for (const auto& detail : line.details) {
      out += "<tr class=\"detail\"><th colspan=\"" + std::to_string(span) + "\">" + escaped(detail) + "</th></tr>\n";
    }
    return out;
  }

  const PageTable& table_;
  TableShape shape_;
  double longest_{0};
  bool bars_{false};
  bool details_{false};  ///< then an empty last column takes what their texts need beyond the others
};

}  // namespace

std::string render_html(const Report& report, const Surface&) {
  if (report.pages.empty()) return {};
  std::string title = "paramcount";
  for (const auto& page : report.pages) {
    if (page.title.text.empty()) continue;
    title = page.title.text;
    break;
  }
  std::string out =
      "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>" +
      escaped(title) + "</title>\n<style>\n" + std::string(kStyle) + "</style>\n</head>\n<body>\n<main>\n";
  for (const auto& page : report.pages) {
    if (!page.title.text.empty()) {
      out += "<header><h1>" + escaped(page.title.text) + "</h1>";
      const Style style = page.aside.style == Style::plain ? Style::dim : page.aside.style;
      if (!page.aside.text.empty()) out += cell("p", {page.aside.text, style}, {}) + "</p>";
      out += "</header>\n";
    }
    if (!page.summary.empty()) out += "<p class=\"dim\">" + escaped(summary_text(page)) + "</p>\n";
    for (const auto& table : joined_tables(page, true)) out += Table(table).html();
    if (page.notes.empty()) continue;
    out += "<ul class=\"notes\">\n";
    for (const auto& note : page.notes) out += "<li>" + escaped(note.line()) + "</li>\n";
    out += "</ul>\n";
  }
  return out + "</main>\n</body>\n</html>\n";
}

}  // namespace paramcount
