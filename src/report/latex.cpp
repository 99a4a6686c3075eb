// Pages as LaTeX: sections, tabulars and lists to \\input, with the kernel's own commands only.
#include <utility>

#include "base/symbols.hpp"
#include "base/text.hpp"
#include "report/page_shape.hpp"
#include "report/renderers.hpp"

namespace paramcount {
namespace {

std::string escaped(std::string_view text) {
  std::string result;
  for (const char c : printable(text)) {
    switch (c) {
      case '\\':
        result += "\\textbackslash{}";
        break;
      case '~':
        result += "$\\sim$";
        break;
      case '^':
        result += "\\textasciicircum{}";
        break;
      case '[':
      case '*':
        // After the end of a line, these would be its argument.
        result += std::string("{") + c + "}";
        break;
      case '<':
      case '>':
      case '|':
        result += std::string("$") + (c == '|' ? "\\vert" : std::string(1, c)) + "$";
        break;
      case '&':
      case '%':
      case '$':
      case '#':
      case '_':
      case '{':
      case '}':
        result += '\\';
        result += c;
        break;
      default:
        result += c;
    }
  }
  return respelled(std::move(result), &Symbol::latex);
}

std::string styled(const Cell& cell) {
  const std::string text = escaped(trim(cell.text));
  return text.empty() || cell.style != Style::strong ? text : "\\textbf{" + text + "}";
}

void row(std::string& out, const Line& line, const TableShape& shape) {
  out += "  " + styled(line.label);
  for (std::size_t i = 0; i < shape.cells; ++i)
    out += " & " + (i < line.cells.size() ? styled(line.cells[i]) : std::string());
  if (shape.remarks) out += " & " + styled(line.remark);
  out += " \\\\\n";
  const std::size_t span = 1 + shape.cells + (shape.remarks ? 1 : 0);
  for (const auto& detail : line.details) {
    out += "  \\multicolumn{" + std::to_string(span) + "}{p{0.9\\linewidth}}{" + escaped(detail) + "} \\\\\n";
  }
}

void table(std::string& out, const PageTable& table) {
  const TableShape shape = shape_of(table);
  out += "\\begin{tabular}{l" + std::string(shape.cells, table.left ? 'l' : 'r') + (shape.remarks ? "l" : "") + "}\n";
  row(out, table.head, shape);
  out += "  \\hline\n";
  for (const auto& line : table.lines) {
    if (!is_blank(line)) row(out, line, shape);
  }
  out += "\\end{tabular}\n";
}

}  // namespace

std::string render_latex(const Report& report, const Surface&) {
  std::string out;
  const auto gap = [&] {
    if (!out.empty()) out += '\n';
  };
  for (const auto& page : report.pages) {
    if (!page.title.text.empty()) {
      gap();
      out += "\\section*{" + escaped(page.title.text) + "}\n";
      if (!page.aside.text.empty()) out += escaped(page.aside.text) + "\n";
    }
    if (!page.summary.empty()) {
      gap();
      out += escaped(summary_text(page)) + "\n";
    }
    for (const auto& part : joined_tables(page, false)) {
      gap();
      table(out, part);
    }
    if (page.notes.empty()) continue;
    gap();
    out += "\\begin{itemize}\n";
    for (const auto& note : page.notes) out += "  \\item " + escaped(note.line()) + "\n";
    out += "\\end{itemize}\n";
  }
  return out;
}

}  // namespace paramcount
