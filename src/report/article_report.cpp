#include "report/article_report.hpp"

#include "base/numbers.hpp"
#include "base/text.hpp"
#include "report/figures.hpp"

namespace paramcount {
namespace {

std::string command_line(const ArticleClaim::Figure& figure) { return "paramcount " + printable(figure.command); }

Row claim_tree(const CheckedClaim& checked) {
  const auto& claim = checked.claim;
  Row object = Row::group("");
  object.add(Row::leaf("id", "id", printable(claim.id)));
  object.add(Row::leaf("title", "title", printable(claim.title)));
  object.add(Row::leaf("claim", "claim", printable(claim.claim)));
  Row& figures = object.add(Row::list("figures", "figures"));
  for (std::size_t i = 0; i < claim.figures.size(); ++i) {
    const auto& figure = claim.figures[i];
    Row& row = figures.add(Row::group(""));
    row.add(Row::leaf("label", "figure", printable(figure.label)));
    Row value = checked.figures[i];
    value.key = "value";
    value.label = Label(printable(figure.label));
    value.source = Label(command_line(figure));
    row.add(std::move(value));
    row.add(Row::leaf("command", "command", command_line(figure)));
    row.add(Row::leaf("key", "key", printable(figure.key)));
  }
  Row& said = object.add(Row::list("said", "what others say"));
  for (const auto& remark : claim.said) {
    Row& row = said.add(Row::group(""));
    row.add(Row::leaf("text", "what they say", printable(remark.text)));
    row.add(Row::leaf("source", "source", printable(remark.source)));
  }
  return object;
}

/// As other pages write it; a plain ratio to three digits, and few bytes as such.
std::string shown_figure(const Row& row, const FigureStyle& style) {
  const auto* ratio = row.value.as<double>();
  const auto* whole = row.value.as<std::int64_t>();
  const std::string mark = is_uncertain(row.said) ? "~" : "";
  if (row.unit == Unit::none && ratio != nullptr && !style.precise) return mark + significant(*ratio, 3);
  if (row.unit == Unit::bytes && whole != nullptr && *whole < 1000) return mark + std::to_string(*whole) + " B";
  return figure_text(row, style);
}

PageTable claim_table(const CheckedClaim& checked, std::size_t number, const ReportOptions& wanted) {
  const auto& claim = checked.claim;
  PageTable table;
  table.head.label = {std::to_string(number) + "  " + printable(claim.title), Style::strong};
  table.head.details = {printable(claim.claim)};
  for (std::size_t i = 0; i < claim.figures.size(); ++i) {
    const auto& row = checked.figures[i];
    Line line{{printable(claim.figures[i].label)},
              cells_of(Cell{shown_figure(row, wanted.style), is_uncertain(row.said) ? Style::caution : Style::strong,
                            "figures." + std::to_string(i) + ".value"})};
    // Consecutive figures of one command show it once.
    const bool last = i + 1 == claim.figures.size() || claim.figures[i + 1].command != claim.figures[i].command;
    if (last) line.details = {"$ " + command_line(claim.figures[i])};
    table.lines.push_back(std::move(line));
  }
  for (const auto& remark : claim.said) {
    table.lines.back().details.push_back(printable(remark.text) + " (" + printable(remark.source) + ")");
  }
  return table;
}

}  // namespace

Report article_report(const std::vector<CheckedClaim>& claims, const ReportOptions& wanted) {
  Report report;
  report.collection = "article";
  for (const auto& claim : claims) report.models.push_back(claim_tree(claim));
  if (!wanted.pages) return report;
  Page& page = report.pages.emplace_back();
  page.title = {"Parameters: what an article says and what we count", Style::strong};
  for (std::size_t i = 0; i < claims.size(); ++i) page.tables.push_back(claim_table(claims[i], i + 1, wanted));
  page.notes.push_back({"~", "depends on an assumption, which the command's page names."});
  page.notes.push_back(
      {"",
       "Claims are in the article's order. paramcount explain MODEL goes through one model; paramcount "
       "help glossary explains the terms."});
  return report;
}

}  // namespace paramcount
