// Pages for a terminal or a pipe. On a terminal: bars, grouped digits, folding at its width. In a pipe the same words,
// rows and order, a record a line, digits ungrouped.
#include <algorithm>
#include <vector>

#include "base/symbols.hpp"
#include "base/text.hpp"
#include "report/page_shape.hpp"
#include "report/plot_text.hpp"
#include "report/renderers.hpp"
#include "report/shown_text.hpp"
#include "report/text_bar.hpp"

namespace paramcount {
namespace {

constexpr std::size_t kGap = 2;
constexpr std::size_t kIndent = 2;
constexpr std::size_t kLeastLabel = 23;  ///< so that short labels leave room for the eye
constexpr std::size_t kWidest = 240;     ///< a longer text makes its own line longer, not its column wider
constexpr std::size_t kWide = 120;       ///< from this width on a full bar is twice as long
constexpr std::size_t kNarrow = 72;      ///< below this width bars and remarks go
constexpr std::size_t kVeryNarrow = 56;  ///< below this width shares go too

std::string_view escape(Style style) {
  switch (style) {
    case Style::strong:
      return "\x1b[1m";
    case Style::dim:
      return "\x1b[2m";
    case Style::good:
      return "\x1b[32m";
    case Style::bad:
      return "\x1b[31m";
    case Style::caution:
      return "\x1b[33m";
    case Style::plain:
      break;
  }
  return "";
}

class TextRenderer {
 public:
  explicit TextRenderer(const Surface& surface) : surface_(surface) {}

  std::string render(const Report& report) {
    for (std::size_t i = 0; i < report.pages.size(); ++i) {
      if (i > 0) out_ += '\n';
      page(report.pages[i]);
    }
    return std::move(out_);
  }

 private:
  struct Grid {
    std::size_t label{kLeastLabel};
    std::vector<std::size_t> columns;
  };

  [[nodiscard]] std::string shown(const std::string& text) const {
    std::string result = surface_.terminal ? text : ungrouped(text);
    if (!is_printable(result)) result = printable(result);
    return surface_.utf8 ? result : in_ascii(std::move(result));
  }
  struct Shown {
    std::string_view text;
    std::size_t width;  ///< in columns
  };
  /// The same, copied only where it is shown otherwise.
  [[nodiscard]] Shown shown(const std::string& text, std::string& copy) const {
    const bool grouped = !surface_.terminal && text.find(',') != std::string::npos;
    if (!grouped && is_plain(text)) return {text, text.size()};
    copy = shown(text);
    return {copy, columns(copy)};
  }

  void styled(std::string_view text, Style style) {
    const auto code = surface_.color ? escape(style) : std::string_view{};
    if (code.empty() || text.empty()) {
      out_ += text;
    } else {
      out_ += code;
      out_ += text;
      out_ += "\x1b[0m";
    }
  }

  void pad(std::size_t n) { out_.append(n, ' '); }

  void end_line() {
    while (!out_.empty() && out_.back() == ' ') out_.pop_back();
    out_ += '\n';
  }

  void page(const Page& page) {
    title(page);
    facts(page.summary);
    const std::vector<PageTable>& tables = page.tables;
    const bool first = page.title.text.empty() && page.summary.empty();
    if (const bool folds = surface_.terminal && !tables.empty() && tables.front().folds; folds) {
      folded(tables, first);
    } else {
      draw_all(tables, first);
    }
    for (const auto& plot : page.plots) out_ += "\n" + plot_text(plot, surface_);
    if (!page.notes.empty()) out_ += '\n';
    for (const auto& note : page.notes) this->note(note);
  }

  void draw_all(const std::vector<PageTable>& tables, bool first) {
    Grid shared;
    std::vector<Grid> grids;
    for (const auto& table : tables) {
      grids.push_back(measure(table, table.own_grid && (table.left || table.tight) ? 0 : kLeastLabel));
      if (!table.own_grid) widen(shared, grids.back());
    }
    for (std::size_t i = 0; i < tables.size(); ++i) {
      if (!first) out_ += '\n';
      first = false;
      draw(tables[i], tables[i].own_grid ? grids[i] : shared);
    }
  }

  /// As many columns at a time as the terminal takes, the others below; long headings on two lines.
  void folded(const std::vector<PageTable>& tables, bool first) {
    std::vector<PageTable> narrow = tables;
    for (auto& table : narrow) {
      std::erase_if(table.lines, [&](const Line& line) { return line.wide_only && surface_.width < kWide; });
      fold_headings(table);
    }
    Grid grid;
    grid.label = 0;
    for (const auto& table : narrow) widen(grid, measure(table, 0));
    const std::size_t count = grid.columns.size();
    for (std::size_t from = 0; from < count;) {
      std::size_t to = from;
      std::size_t width = grid.label;
      while (to < count && (to == from || width + kGap + grid.columns[to] <= surface_.width))
        width += kGap + grid.columns[to++];
      for (const auto& table : narrow) {
        if (!first) out_ += '\n';
        first = false;
        Grid part{grid.label, {}};
        for (std::size_t i = from; i < to; ++i) part.columns.push_back(grid.columns[i]);
        draw(slice(table, from, to), part);
      }
      from = to;
    }
  }

  static PageTable slice(const PageTable& table, std::size_t from, std::size_t to) {
    PageTable part = table;
    const auto cut = [&](Line& line) {
      std::vector<Cell> cells;
      for (std::size_t i = from; i < to && i < line.cells.size(); ++i) cells.push_back(std::move(line.cells[i]));
      line.cells = std::move(cells);
    };
    cut(part.head);
    for (auto& line : part.lines) cut(line);
    return part;
  }

  /// A heading wider than what stands under it continues on a line of its own.
  void fold_headings(PageTable& table) const {
    constexpr std::size_t kEnough = 12;
    Line second;
    bool any = false;
    for (std::size_t i = 0; i < table.head.cells.size(); ++i) {
      auto& cell = table.head.cells[i];
      std::size_t widest = kEnough;
      for (const auto& line : table.lines) {
        if (i < line.cells.size()) widest = std::max(widest, columns(shown(line.cells[i].text)));
      }
      Cell rest{"", cell.style};
      if (columns(cell.text) > widest) {
        auto at = cell.text.rfind(' ', widest);
        if (at == std::string::npos || at == 0) at = cell.text.rfind('-', widest - 1);
        if (at != std::string::npos && at > 0) {
          rest.text = cell.text.substr(at + 1);
          cell.text.resize(cell.text[at] == ' ' ? at : at + 1);
          any = true;
        }
      }
      second.cells.push_back(std::move(rest));
    }
    if (any) table.lines.insert(table.lines.begin(), std::move(second));
  }

  void title(const Page& page) {
    if (page.title.text.empty()) return;
    const std::string left = shown(page.title.text);
    const std::string right = shown(page.aside.text);
    styled(left, page.title.style);
    if (!right.empty()) {
      const auto used = columns(left) + columns(right);
      if (surface_.terminal && used + kGap > surface_.width) {
        out_ += '\n';
        pad(kIndent);
      } else {
        const std::size_t width = std::min<std::size_t>(surface_.width, 80);
        pad(surface_.terminal && used < width ? width - used : kGap);
      }
      styled(right, page.aside.style);
    }
    end_line();
  }

  /// Facts joined by a middle dot, folded between facts.
  void facts(const std::vector<Cell>& facts) {
    std::string line;
    const auto flush = [&] {
      if (line.empty()) return;
      pad(kIndent);
      styled(line, Style::dim);
      end_line();
      line.clear();
    };
    const std::size_t room = std::min<std::size_t>(surface_.width, 80) - kIndent;
    for (const auto& fact : facts) {
      const std::string text = shown(fact.text);
      const std::string_view dot = surface_.utf8 ? " · " : " | ";
      if (surface_.terminal && !line.empty() && columns(line) + 3 + columns(text) > room) flush();
      if (!line.empty()) line += dot;
      line += text;
    }
    flush();
  }

  Grid measure(const PageTable& table, std::size_t least_label = kLeastLabel) const {
    Grid grid;
    grid.label = least_label;
    const auto take = [&](const Line& line, std::size_t indent) {
      if (surface_.terminal && line.shared > 0) {
        grid.label = std::max(grid.label, width_of(line.label.text.substr(line.shared)) + 2 * kIndent);
      } else {
        grid.label = std::max(grid.label, width_of(line.label.text) + indent);
      }
      if (grid.columns.size() < line.cells.size()) grid.columns.resize(line.cells.size());
      for (std::size_t i = 0; i < line.cells.size(); ++i) {
        grid.columns[i] = std::max(grid.columns[i], width_of(line.cells[i].text));
      }
    };
    take(table.head, 0);
    for (const auto& line : table.lines) take(line, kIndent);
    return grid;
  }

  static void widen(Grid& grid, const Grid& other) {
    grid.label = std::max(grid.label, other.label);
    if (grid.columns.size() < other.columns.size()) grid.columns.resize(other.columns.size());
    for (std::size_t i = 0; i < other.columns.size(); ++i)
      grid.columns[i] = std::max(grid.columns[i], other.columns[i]);
  }

  [[nodiscard]] bool remarks() const { return !surface_.terminal || surface_.width >= kNarrow; }

  void draw(const PageTable& table, const Grid& grid) {
    if (!is_blank(table.head)) line(table, table.head, grid, 0);
    std::string_view last;
    for (const auto& row : table.lines) {
      if (is_blank(row)) continue;
      if (!surface_.terminal || row.shared == 0) {
        line(table, row, grid, kIndent);
        continue;
      }
      const auto shared = std::string_view(row.label.text).substr(0, row.shared);
      if (shared != last) {
        pad(kIndent);
        styled(shown(std::string(shared)), Style::dim);
        end_line();
        last = shared;
      }
      Line rest = row;
      rest.label.text.erase(0, row.shared);
      line(table, rest, grid, 2 * kIndent);
    }
  }

  /// Columns a text takes as it will be shown, as far as a column of a table takes them.
  [[nodiscard]] std::size_t width_of(const std::string& text) const {
    std::size_t width = columns(surface_.utf8 ? text : shown(text));
    if (surface_.utf8 && !surface_.terminal) width -= groupings(text);
    return std::min(width, kWidest);
  }

  void line(const PageTable& table, const Line& line, const Grid& grid, std::size_t indent) {
    const bool narrow = surface_.terminal && surface_.width < kVeryNarrow;
    pad(indent);
    std::string copy;
    const Shown label = shown(line.label.text, copy);
    styled(label.text, line.label.style);
    std::size_t used = indent + label.width;
    std::size_t edge = grid.label;
    for (std::size_t i = 0; i < line.cells.size(); ++i) {
      if (narrow && line.cells[i].style == Style::dim) continue;
      const auto [text, width] = shown(line.cells[i].text, copy);
      edge += kGap + grid.columns[i];
      if (table.left) {
        const std::size_t start = std::max(edge - grid.columns[i], used + kGap);
        pad(start - used);
        used = start + width;
      } else {
        pad(edge > used + width ? edge - used - width : kGap);
        used = std::max(edge, used + width);
      }
      styled(text, line.cells[i].style);
    }
    if (remarks()) remark(table, line, grid, used);
    end_line();
    for (const auto& detail : line.details) folded_text(shown(detail), indent + kIndent, Style::dim);
  }

  void remark(const PageTable& table, const Line& line, const Grid& grid, std::size_t used) {
    const bool bar = line.bar > 0 && surface_.terminal;
    if (!bar && line.remark.text.empty()) return;
    std::size_t edge = grid.label;
    for (const auto width : grid.columns) edge += kGap + width;
    pad((edge > used ? edge - used : 0) + 3);
    const std::size_t room = surface_.width > edge + 3 ? surface_.width - edge - 3 : 0;
    const double whole = table.bars == PageTable::Bars::shares ? (surface_.width >= kWide ? 48 : 24) : 1;
    if (bar) draw_bar(line.bar * whole, room);
    if (line.remark.text.empty()) return;
    if (bar) pad(kGap);
    const std::string text = shown(line.remark.text);
    if (surface_.terminal && !bar && columns(text) > room) {
      end_line();
      pad(kIndent + 4);
    }
    styled(text, line.remark.style);
  }

  void draw_bar(double cells, std::size_t room) {
    const std::string bar = text_bar(cells, room, surface_.utf8);
    out_ += surface_.color && !bar.empty() ? "\x1b[36m" + bar + "\x1b[0m" : bar;
  }

  /// Folded between words on a terminal; the lines after the first are set in.
  void note(const Note& note) { folded_text(shown(note.line()), kIndent, Style::dim); }

  void folded_text(const std::string& text, std::size_t indent, Style style) {
    if (!surface_.terminal) {
      pad(indent);
      out_ += text;
      end_line();
      return;
    }
    const std::size_t room = std::max<std::size_t>(std::min<std::size_t>(surface_.width, 80), 20);
    std::string line(indent, ' ');
    bool empty = true;
    for (const auto word : split(text, ' ')) {
      if (!empty && columns(line) + 1 + columns(word) > room) {
        styled(line, style);
        end_line();
        line.assign(indent + 2, ' ');
        empty = true;
      }
      if (!empty) line += ' ';
      line += word;
      empty = false;
    }
    styled(line, style);
    end_line();
  }

  const Surface& surface_;
  std::string out_;
};

}  // namespace

std::string render_text(const Report& report, const Surface& surface) { return TextRenderer(surface).render(report); }

}  // namespace paramcount
