// Pages for a terminal or a pipe. On a terminal: bars, grouped digits, folding at its width. In a pipe: the same words,
// rows and order, one record per line, digits ungrouped.
#include <algorithm>
#include <vector>

#include "base/text.hpp"
#include "report/direction.hpp"
#include "report/page_shape.hpp"
#include "report/plot_text.hpp"
#include "report/renderers.hpp"
#include "report/short_notes.hpp"
#include "report/shown_text.hpp"
#include "report/terminal_style.hpp"
#include "report/text_bar.hpp"
#include "report/text_grid.hpp"
#include "report/translation.hpp"

namespace paramcount {
namespace {

constexpr std::size_t kGap = kColumnGap;
constexpr std::size_t kIndent = kRowIndent;
constexpr std::size_t kShortLabel = 16;  ///< a longer one gets its own line if columns need the room
constexpr std::size_t kWidest = 240;     ///< a longer text makes its own line longer, not its column wider
constexpr std::size_t kWide = 120;       ///< from this width on a full bar is twice as long
constexpr std::size_t kNarrow = 72;      ///< below this width bars go
constexpr std::size_t kVeryNarrow = 56;  ///< below this width shares go too

class TextRenderer {
 public:
  explicit TextRenderer(const Surface& surface)
      : surface_(surface),
        texts_(surface),
        turned_(surface.terminal && surface.translation != nullptr && surface.translation->language().right_to_left) {}

  std::string render(const Report& report) {
    for (std::size_t i = 0; i < report.pages.size(); ++i) {
      if (i > 0) out_ += '\n';
      page(report.pages[i]);
    }
    return turned_ ? turned_lines(out_, surface_.color) : std::move(out_);
  }

 private:
  [[nodiscard]] std::string shown(const std::string& text) const { return texts_.shown(text); }

  void styled(std::string_view text, Style style) {
    const auto code = surface_.color ? style_begin(style) : std::string_view{};
    if (code.empty() || text.empty()) {
      out_ += text;
    } else {
      out_ += code;
      out_ += text;
      out_ += kStyleEnd;
    }
  }

  /// A figure's "~" is yellow everywhere: the whole of a cell, the "~" of a verdict, the word of a sentence.
  void marked(std::string_view text, Style style) {
    if (!surface_.color) {
      out_ += text;
      return;
    }
    const bool verdict = style == Style::good || style == Style::bad || style == Style::caution;
    for (auto at = text.find('~'); at != std::string_view::npos; at = text.find('~')) {
      styled(text.substr(0, at), style);
      text.remove_prefix(at);
      const auto end = verdict ? 1 : std::min(text.find(' '), text.size());
      styled(text.substr(0, end), Style::caution);
      text.remove_prefix(end);
    }
    styled(text, style);
  }
  void marked_cell(std::string_view text, Style style) {
    const bool figure = text.starts_with('~') && style != Style::good && style != Style::bad;
    figure ? styled(text, Style::caution) : marked(text, style);
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
    for (const auto& plot : page.plots) {
      const std::string drawn = plot_text(plot, surface_);
      out_ += "\n" + (turned_ ? drawn_lines(drawn) : drawn);
    }
    if (!page.notes.empty()) out_ += '\n';
    for (const auto& note : page.notes) this->note(note);
  }

  void draw_all(const std::vector<PageTable>& tables, bool first) {
    TextGrid shared;
    std::vector<TextGrid> grids;
    for (const auto& table : tables) {
      grids.push_back(measured(table, table.own_grid && (table.left || table.tight) ? 0 : kLeastLabel));
      if (!table.own_grid) widen(shared, grids.back());
    }
    const bool common = fits(shared);
    for (std::size_t i = 0; i < tables.size(); ++i) {
      if (!first) out_ += '\n';
      first = false;
      draw_fitting(tables[i], tables[i].own_grid || !common ? grids[i] : shared);
    }
  }

  [[nodiscard]] bool fits(const TextGrid& grid) const { return !surface_.terminal || grid.width() <= surface_.width; }

  /// Where the columns take too much, dim ones go; then labels get less room, and long ones lines of their own; then as
  /// many columns at a time are drawn as there is room for.
  void draw_fitting(const PageTable& table, TextGrid grid) {
    if (fits(grid) || table.left) return draw(table, grid);
    const TextGrid natural = measured(table, 0);
    const PageTable plain = fits(natural) ? table : without_dim_columns(table);
    if (shape_of(plain).cells < shape_of(table).cells) return draw_fitting(plain, measured(plain, 0));
    const std::size_t label = natural.label;
    const std::size_t columns = grid.width() - grid.label;
    if (columns + std::min(label, kShortLabel) <= surface_.width) {
      grid.label = surface_.width - columns;
      return draw(table, grid);
    }
    grid.label = std::min(label, std::max(kShortLabel, surface_.width / 2));
    bool first = true;
    for (const auto& [from, to] : parts_of(table, grid, surface_.width)) {
      if (!first) out_ += '\n';
      first = false;
      draw(slice(table, from, to), slice(grid, from, to));
    }
  }

  /// As many columns at a time as the terminal takes, the others below; long headings on two lines.
  void folded(const std::vector<PageTable>& tables, bool first) {
    std::vector<PageTable> narrow = tables;
    const WidthOf width = [this](const std::string& text) { return columns(shown(text)); };
    for (auto& table : narrow) {
      std::erase_if(table.lines, [&](const Line& line) { return line.wide_only && surface_.width < kWide; });
      fold_headings(table, width);
    }
    TextGrid grid;
    grid.label = 0;
    for (const auto& table : narrow) widen(grid, measured(table, 0));
    // Long labels on lines of their own, as in draw_fitting().
    const std::size_t columns = grid.width() - grid.label;
    if (!fits(grid) && columns + kShortLabel <= surface_.width) grid.label = surface_.width - columns;
    if (!fits(grid)) grid.label = std::min(grid.label, std::max(kShortLabel, surface_.width / 2));
    for (const auto& [from, to] : parts_of({}, grid, surface_.width)) {
      for (const auto& table : narrow) {
        const PageTable part = slice(table, from, to);
        // A table of fewer columns has none here.
        if (from > 0 && shape_of(part).cells == 0) continue;
        if (!first) out_ += '\n';
        first = false;
        draw(part, slice(grid, from, to));
      }
    }
  }

  /// What does not fit next to the title goes below it.
  void title(const Page& page) {
    if (page.title.text.empty()) return;
    const std::string left = shown(page.title.text);
    const std::string right = shown(page.aside.text);
    const auto used = columns(left) + columns(right);
    if (surface_.terminal && (right.empty() ? used : used + kGap) > surface_.width) {
      folded_text(left, 0, page.title.style);
      if (!right.empty()) folded_text(right, kIndent, page.aside.style);
      return;
    }
    marked(left, page.title.style);
    if (!right.empty()) {
      const std::size_t width = std::min<std::size_t>(surface_.width, 80);
      pad(surface_.terminal && used + kGap < width ? width - used : kGap);
      marked(right, page.aside.style);
    }
    end_line();
  }

  /// Facts joined by a middle dot, folded between facts.
  void facts(const std::vector<Cell>& facts) {
    std::string line;
    const std::size_t room = std::min<std::size_t>(surface_.width, 80) - kIndent;
    const auto flush = [&] {
      if (line.empty()) return;
      if (columns(line) > room) {
        folded_text(line, kIndent, Style::dim);
      } else {
        pad(kIndent);
        marked(line, Style::dim);
        end_line();
      }
      line.clear();
    };
    for (const auto& fact : facts) {
      const std::string text = shown(fact.text);
      const std::string_view dot = surface_.utf8 ? " · " : " | ";
      if (surface_.terminal && !line.empty() && columns(line) + 3 + columns(text) > room) flush();
      if (!line.empty()) line += dot;
      line += text;
    }
    flush();
  }

  [[nodiscard]] TextGrid measured(const PageTable& table, std::size_t least_label) const {
    return measure(table, least_label, surface_.terminal,
                   [this](const std::string& text) { return std::min(texts_.width(text), kWidest); });
  }

  [[nodiscard]] bool bars() const { return surface_.terminal && surface_.width >= kNarrow; }

  void draw(const PageTable& table, const TextGrid& grid) {
    // A dash has three bytes.
    out_.reserve(out_.size() + (table.lines.size() + 1) * (grid.width() + kIndent + 1 + 2 * grid.columns.size()));
    if (!is_blank(table.head)) {
      Line head = table.head;
      // What is said of bars goes with them.
      const bool drawn = std::any_of(table.lines.begin(), table.lines.end(), [](const Line& l) { return l.bar > 0; });
      if (surface_.terminal && !bars() && drawn) head.remark = {};
      line(table, head, grid, 0);
    }
    for (const auto& drawn : table.drawing) {
      if (turned_) out_ += kDrawnLine;
      pad(2 * kIndent);
      styled(shown(drawn), Style::dim);
      end_line();
    }
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

  void line(const PageTable& table, const Line& line, const TextGrid& grid, std::size_t indent) {
    const bool narrow = surface_.terminal && surface_.width < kVeryNarrow;
    pad(indent);
    std::string copy;
    const ShownText label = texts_.shown(line.label.text, copy);
    marked(label.text, line.label.style);
    std::size_t used = indent + label.width;
    if (surface_.terminal && !table.left && used > grid.label && !line.cells.empty()) {
      end_line();
      used = 0;
    }
    std::size_t edge = grid.label;
    std::size_t begin = 0;  // of the cell before, in a table set left
    for (std::size_t i = 0; i < line.cells.size(); ++i) {
      if (narrow && line.cells[i].style == Style::dim) continue;
      const auto [text, width] = texts_.shown(line.cells[i].text, copy);
      edge += kGap + grid.columns[i];
      if (table.left) {
        std::size_t start = std::max(edge - grid.columns[i], used + kGap);
        if (surface_.terminal && i > 0 && !text.empty() && start + width > surface_.width) {
          end_line();
          used = 0;
          start = begin + kIndent;
        }
        begin = start;
        pad(start - used);
        used = start + width;
      } else {
        // Figures end where their column ends: the units stand below one another, in a line that is turned at its
        // start.
        const std::size_t end = turned_ ? edge - grid.columns[i] + width : edge;
        pad(end > used + width ? end - used - width : kGap);
        used = std::max(end, used + width);
      }
      const bool folds =
          table.left && surface_.terminal && used > surface_.width && begin + kShortLabel < surface_.width;
      if (folds) {
        // Beside a long label there is little room.
        if (2 * begin > surface_.width) {
          end_line();
          pad(begin = 2 * kIndent);
        }
        used = hanging(text, begin, line.cells[i].style);
      } else {
        marked_cell(text, line.cells[i].style);
      }
    }
    remark(table, line, grid, used);
    for (const auto& detail : line.details) folded_text(shown(detail), indent + kIndent, Style::dim);
  }

  /// A text continued below its first line; returns where its last line ends.
  std::size_t hanging(std::string_view text, std::size_t start, Style style) {
    std::size_t used = 0;
    for (const auto& line : folded_lines(text, surface_.width - start, surface_.width - start)) {
      if (used > 0) {
        end_line();
        pad(start);
      }
      marked_cell(line, style);
      used = start + columns(line);
    }
    return used;
  }

  /// What follows the last column, to the end of the line; where there is no room, on lines below.
  void remark(const PageTable& table, const Line& line, const TextGrid& grid, std::size_t used) {
    const bool bar = line.bar > 0 && bars();
    if (!bar && line.remark.text.empty()) return end_line();
    const std::size_t edge = grid.width();
    const std::size_t before = (edge > used ? edge - used : 0) + 3;
    std::size_t room = surface_.width > used + before ? surface_.width - used - before : 0;
    const std::string text = shown(line.remark.text);
    if (bar && !text.empty()) room -= std::min(room, columns(text) + kGap);
    if (surface_.terminal && !bar && columns(text) > room) {
      end_line();
      folded_text(text, kIndent + 4, line.remark.style);
      return;
    }
    pad(before);
    const double whole = table.bars == PageTable::Bars::shares ? (surface_.width >= kWide ? 48 : 24) : 1;
    if (bar) draw_bar(line.bar * whole, room);
    if (bar && !text.empty()) pad(kGap);
    marked(text, line.remark.style);
    end_line();
  }

  void draw_bar(double cells, std::size_t room) {
    const std::string bar = text_bar(cells, room, surface_.utf8 && !turned_);
    out_ += surface_.color && !bar.empty() ? joined({kBarBegin, bar, kStyleEnd}) : bar;
  }

  /// Folded between words on a terminal; the lines after the first are set in.
  void note(const Note& note) { folded_text(shown(note.line()), kIndent, Style::dim); }

  void folded_text(const std::string& text, std::size_t indent, Style style) {
    if (!surface_.terminal) {
      pad(indent);
      marked(text, style);
      end_line();
      return;
    }
    const std::size_t room = std::max<std::size_t>(std::min(surface_.width, kWidestText), 20);
    std::size_t at = indent;
    for (const auto& line : folded_lines(text, room - indent, room - indent - 2)) {
      marked(std::string(at, ' ').append(line), style);
      end_line();
      at = indent + 2;
    }
  }

  const Surface& surface_;
  ShownTexts texts_;
  bool turned_;  ///< lines go from right to left
  std::string out_;
};

}  // namespace

std::string render_text(const Report& report, const Surface& surface) { return TextRenderer(surface).render(report); }

}  // namespace paramcount
