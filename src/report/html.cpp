// Reports as one HTML file, without scripts or external resources. Tables fold on narrow screens, plots and bars are
// inline SVG, colours follow prefers-color-scheme, and print uses the light ones.
#include <algorithm>
#include <cmath>

#include "base/text.hpp"
#include "report/direction.hpp"
#include "report/html_style.hpp"
#include "report/markup.hpp"
#include "report/page_shape.hpp"
#include "report/plot_svg.hpp"
#include "report/renderers.hpp"
#include "report/translation.hpp"

namespace paramcount {
namespace {

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

/// A cell of a table; `more` are classes in addition to that of its style.
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
  std::string text = "<svg width=\"" + tenths(width) + "\" height=\"12\" class=\"bar\" aria-hidden=\"true\">";
  const double cell = cells > 0 && cells <= kMostCells ? width / cells : width;
  const double gap = cell < width ? std::min(1.5, cell / 4) : 0;
  for (double from = 0; width - from > 0.25; from += cell) {
    text += rectangle(from, std::max(0.25, std::min(cell - gap, width - from)));
  }
  return text + "</svg>";
}

class Table {
 public:
  /// `name`: what it is about where it has no heading.
  Table(const PageTable& table, std::string_view name) : table_(table), name_(name), shape_(shape_of(table)) {
    for (const auto& line : table.lines) longest_ = std::max(longest_, line.bar);
    bars_ = longest_ > 0;
    details_ = !table.head.details.empty() || std::any_of(table.lines.begin(), table.lines.end(),
                                                          [](const Line& line) { return !line.details.empty(); });
    folds_ = width() > kPhone;
  }

  [[nodiscard]] std::string html() const {
    std::string classes = table_.left ? "left" : "";
    if (folds_) classes += classes.empty() ? "fold" : " fold";
    if (folds_ && broad_) classes += " broad";
    std::string out = classes.empty() ? "<table>\n" : "<table class=\"" + classes + "\">\n";
    const auto label = trim(table_.head.label.text);
    if (!label.empty() && label != name_) {
      out += "<caption>" + escaped(label) + "</caption>\n";
    } else if (!name_.empty()) {
      out += "<caption class=\"unseen\">" + escaped(name_) + "</caption>\n";
    }
    Line head = table_.head;
    head.label = {};
    if (!is_blank(head)) out += "<thead>\n" + line(head, "th", " scope=\"col\"") + "</thead>\n";
    out += "<tbody>\n";
    for (const auto& row : table_.lines) {
      if (!is_blank(row)) out += line(row, "td", " scope=\"row\"");
    }
    return out + "</tbody>\n</table>\n";
  }

 private:
  static constexpr std::size_t kPhone = 44;  ///< columns of letters that a phone shows
  static constexpr std::size_t kHalf = 19;   ///< and half of one

  /// In columns of letters; a label of several words may take two lines.
  [[nodiscard]] std::size_t width() {
    constexpr std::size_t kGap = 2;
    constexpr std::size_t kFolded = 20;
    std::vector<std::size_t> widths(shape_.cells);
    std::size_t label = 0;
    std::size_t remark = 0;
    const auto take = [&](const Line& line) {
      label = std::max(label, columns(line.label.text));
      remark = std::max(remark, columns(line.remark.text));
      for (std::size_t i = 0; i < std::min(widths.size(), line.cells.size()); ++i) {
        widths[i] = std::max(widths[i], columns(line.cells[i].text));
      }
    };
    Line head = table_.head;
    head.label = {};
    take(head);
    const std::vector<std::size_t> heads = widths;
    for (const auto& line : table_.lines) take(line);
    for (std::size_t i = 0; i < widths.size(); ++i)
      broad_ = broad_ || (heads[i] > 0 && heads[i] + 1 + widths[i] > kHalf);
    std::size_t sum = std::min(label, kFolded) + (remark > 0 ? kGap + remark : 0);
    for (const auto one : widths) sum += kGap + one;
    return sum;
  }

  [[nodiscard]] std::string line(const Line& line, std::string_view tag, std::string_view scope) const {
    const bool head = tag == "th";
    const bool section =
        !head && line.label.style == Style::strong && line.cells.size() <= shape_.cells &&
        std::all_of(line.cells.begin(), line.cells.end(), [](const Cell& c) { return c.text.empty(); });
    std::string out = section ? "<tr class=\"section\">" : "<tr>";
    // A heading without words would be announced as one.
    const bool named = !head && !line.label.text.empty();
    out += named ? cell("th", line.label, {}, scope) + "</th>" : "<td></td>";
    for (std::size_t i = 0; i < shape_.cells; ++i) {
      const Cell one = i < line.cells.size() ? line.cells[i] : Cell{};
      const bool words = head && !one.text.empty();
      out += cell(words ? "th" : "td", one, {}, words ? std::string(scope) : called(i, head || one.text.empty()));
      out += words ? "</th>" : "</td>";
    }
    if (shape_.remarks || bars_) {
      // Cells are drawn to the longest bar, shares to the whole.
      const bool shares = table_.bars == PageTable::Bars::shares;
      std::string drawn;
      if (line.bar > 0) drawn = shares ? bar(line.bar, 0) : bar(line.bar / std::max(longest_, 1.0), line.bar);
      if (!drawn.empty() && !line.remark.text.empty()) drawn += ' ';
      const std::string_view kind = head && !line.remark.text.empty() ? "th" : "td";
      out += cell(kind, {"", line.remark.style}, "remark", kind == "th" ? scope : std::string_view{}) + drawn +
             escaped(line.remark.text) + "</" + std::string(kind) + ">";
    }
    if (details_) out += "<td class=\"fill\"></td>";
    out += "</tr>\n";
    const std::size_t span = 1 + shape_.cells + (shape_.remarks || bars_ ? 1 : 0) + (details_ ? 1 : 0);
    for (const auto& detail : line.details) {
      out += "<tr class=\"detail\"><td colspan=\"" + std::to_string(span) + "\">" + escaped(detail) + "</td></tr>\n";
    }
    return out;
  }

  /// The heading of a column, next to its cells where the table is folded.
  [[nodiscard]] std::string called(std::size_t column, bool empty) const {
    if (!folds_ || empty || column >= table_.head.cells.size()) return {};
    const std::string& text = table_.head.cells[column].text;
    return text.empty() ? std::string() : " data-label=\"" + escaped(text) + "\"";
  }

  const PageTable& table_;
  std::string_view name_;
  TableShape shape_;
  double longest_{0};
  bool bars_{false};
  bool details_{false};  ///< then an empty last column takes what their texts need beyond the others
  bool broad_{false};    ///< a cell with its heading takes more than half of a phone
  bool folds_{false};    ///< on a narrow screen each line becomes a small table of its own
};

std::string said(std::string_view text, const Surface& surface) {
  return surface.translation != nullptr ? surface.translation->of(text) : std::string(text);
}

/// The plot's figures in words, for those who do not see it.
PageTable figures_of(const Plot& plot, const Surface& surface) {
  PageTable table;
  if (plot.kind == Plot::Kind::curves) {
    std::vector<double> places;
    for (const auto& series : plot.series) table.head.cells.push_back({series.name});
    for (std::size_t s = 0; s < plot.series.size(); ++s) {
      for (const auto& point : plot.series[s].points) {
        auto at = static_cast<std::size_t>(std::find(places.begin(), places.end(), point.x.value) - places.begin());
        if (at == places.size()) {
          places.push_back(point.x.value);
          table.lines.push_back({{point.x.text}, std::vector<Cell>(plot.series.size(), Cell{"–"})});
        }
        table.lines[at].cells[s] = {point.y.text};
      }
    }
    return table;
  }
  const bool stacked = plot.series.size() > 1;
  for (std::size_t s = 0; stacked && s < plot.series.size(); ++s) table.head.cells.push_back({plot.series[s].name});
  table.head.cells.push_back({stacked ? said("together", surface) : plot.y.label});
  for (const auto& bar : plot.bars) {
    Line line{{bar.label}, {}};
    if (stacked) line.cells.assign(plot.series.size(), Cell{"–"});
    for (const auto& part : bar.parts) {
      if (stacked) line.cells[part.series] = {part.mark.text};
    }
    line.cells.push_back({bar.text});
    if (!bar.verdict.empty()) line.cells.push_back({bar.verdict});
    table.lines.push_back(std::move(line));
  }
  if (!plot.limit.empty()) table.head.cells.push_back({plot.limit});
  return table;
}

std::string figure(const Plot& plot, std::size_t number, const std::string& heading, const Surface& surface) {
  return "<figure>\n<figcaption><" + heading + ">" + escaped(plot.title) + "</" + heading + "><p class=\"dim\">" +
         escaped(plot.note) + "</p></figcaption>\n" + inline_svg(plot, "plot" + std::to_string(number)) +
         "<details><summary>" + said("The same in figures", surface) + "</summary>\n" +
         Table(figures_of(plot, surface), plot.title).html() + "</details>\n</figure>\n";
}

}  // namespace

std::string render_html(const Report& report, const Surface& surface) {
  if (report.pages.empty()) return {};
  const Language* const language = surface.translation != nullptr ? &surface.translation->language() : nullptr;
  const bool turned = language != nullptr && language->right_to_left;
  std::string title = name_of(report.pages.front());
  if (title.empty()) title = "paramcount";
  std::string out = "<!DOCTYPE html>\n<html lang=\"" + (language != nullptr ? language->id : "en") + "\"" +
                    (turned ? " dir=\"rtl\"" : "") +
                    ">\n<head>\n<meta charset=\"utf-8\">\n"
                    "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>" +
                    escaped(title) + "</title>\n<style>\n" + html_style();
  const bool plots =
      std::any_of(report.pages.begin(), report.pages.end(), [](const Page& p) { return !p.plots.empty(); });
  if (plots) out += plot_style();
  if (turned) out += right_to_left_style();
  out += "</style>\n</head>\n<body>\n<main>\n";
  std::size_t figures = 0;
  for (const auto& page : report.pages) {
    const bool first = &page == &report.pages.front();
    const std::string name = first ? title : name_of(page);
    const std::string heading = first ? "h1" : "h2";
    const std::string below = first ? "h2" : "h3";
    if (!name.empty()) {
      out += "<header><" + heading + ">" + escaped(name) + "</" + heading + ">";
      const Style style = page.aside.style == Style::plain ? Style::dim : page.aside.style;
      if (!page.aside.text.empty()) out += cell("p", {page.aside.text, style}, {}) + "</p>";
      out += "</header>\n";
    }
    if (!page.summary.empty()) out += "<p class=\"dim\">" + escaped(summary_text(page)) + "</p>\n";
    if (!page.tables.empty()) {
      out += "<div class=\"tables\">\n";
      for (const auto& table : joined_tables(page, true)) out += Table(table, name).html();
      out += "</div>\n";
    }
    if (!page.plots.empty()) {
      out += "<div class=\"plots\">\n";
      for (const auto& plot : page.plots) out += figure(plot, ++figures, below, surface);
      out += "</div>\n";
    }
    if (page.notes.empty()) continue;
    out += "<ul class=\"notes\">\n";
    for (const auto& note : page.notes) out += "<li>" + escaped(note.line()) + "</li>\n";
    out += "</ul>\n";
  }
  out += "</main>\n</body>\n</html>\n";
  return turned ? isolated_html(out) : out;
}

}  // namespace paramcount
