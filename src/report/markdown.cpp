// Pages as Markdown: a heading, tables as GitHub and pandoc read them, notes as a list.
#include "base/text.hpp"
#include "report/page_shape.hpp"
#include "report/renderers.hpp"

namespace paramcount {
namespace {

/// The text with what Markdown would read as markup taken literally.
std::string escaped(std::string_view text) {
  std::string result;
  for (const char c : printable(text)) {
    if (std::string_view("\\`*_[]<>|#~&").find(c) != std::string_view::npos) result += '\\';
    result += c;
  }
  return result;
}

std::string styled(const Cell& cell) {
  std::string text = escaped(trim(cell.text));
  if (text.empty() || cell.style != Style::strong) return text;
  return "**" + text + "**";
}

void row(std::string& out, const Line& line, const TableShape& shape) {
  out += "| " + styled(line.label);
  for (const auto& detail : line.details) out += (out.ends_with("| ") ? "" : "<br>") + escaped(detail);
  for (std::size_t i = 0; i < shape.cells; ++i)
    out += " | " + (i < line.cells.size() ? styled(line.cells[i]) : std::string());
  if (shape.remarks) out += " | " + styled(line.remark);
  out += " |\n";
}

void table(std::string& out, const PageTable& table) {
  const TableShape shape = shape_of(table);
  row(out, table.head, shape);
  out += "| :--";
  for (std::size_t i = 0; i < shape.cells; ++i) out += table.left ? " | :--" : " | --:";
  if (shape.remarks) out += " | :--";
  out += " |\n";
  for (const auto& line : table.lines) {
    if (!is_blank(line)) row(out, line, shape);
  }
}

}  // namespace

std::string render_markdown(const Report& report, const Surface&) {
  std::string out;
  const auto gap = [&] {
    if (!out.empty()) out += '\n';
  };
  for (const auto& page : report.pages) {
    if (!page.title.text.empty()) {
      gap();
      out += "## " + escaped(page.title.text) + "\n";
      if (!page.aside.text.empty()) out += "\n" + escaped(page.aside.text) + "\n";
    }
    if (!page.summary.empty()) {
      gap();
      out += escaped(summary_text(page)) + "\n";
    }
    for (const auto& part : joined_tables(page, false)) {
      gap();
      table(out, part);
    }
    if (!page.notes.empty()) gap();
    for (const auto& note : page.notes) out += "- " + escaped(note.line()) + "\n";
  }
  return out;
}

}  // namespace paramcount
