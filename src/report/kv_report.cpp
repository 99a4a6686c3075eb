#include "report/kv_report.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "base/numbers.hpp"
#include "base/text.hpp"
#include "report/family_line.hpp"
#include "report/figures.hpp"
#include "report/media_report.hpp"
#include "report/memory_report.hpp"
#include "report/tables.hpp"

namespace paramcount {
namespace {

using Rows = std::vector<std::vector<CacheCell>>;

Row kv_tree(const Model& model, const Inventory& inventory, const Rows& rows, const std::optional<MediaInput>& media) {
  Row tree = Row::group("");
  tree.add(Row::leaf("id", "id", printable(model.id)));
  tree.add(Row::leaf("name", "name", printable(model.name)));
  tell_family(inventory, tree);
  if (media) {
    RowTree members(tree);
    tell_media(*media, members);
  }
  Row& list = tree.add(Row::list("kv", "caches"));
  RowTree members(list);
  for (const auto& row : rows) {
    for (const auto& cell : row) {
      if (cell.cache) {
        tell_cache(cell.request, *cell.cache, inventory, true, members);
        continue;
      }
      Row& refused = list.add(Row::group(""));
      refused.add(Row::leaf("runtime", "runtime", cell.request.runtime.id));
      refused.add(Row::leaf("context", "context", cell.request.context));
      refused.add(Row::leaf("refused", "refused", cell.refusal));
    }
  }
  return tree;
}

/// In GiB to three decimals, or in GB where that was asked for.
Cell cache_cell(const Figures& figures, const std::string& key) {
  if (!figures.has(key)) return figures.cell(key);
  return figures.gibibytes(key, 3);
}

std::string key_of(const Rows& rows, std::size_t row, std::size_t column, const char* figure) {
  return "kv." + std::to_string(row * rows.front().size() + column) + "." + figure;
}

/// "ideal, transformers"; of all of them where they are several: "all runtimes".
std::string runtimes_text(const Rows& rows, const std::vector<std::size_t>& of) {
  if (of.size() > 1 && of.size() == rows.size()) return "all runtimes";
  std::string text;
  for (const auto row : of) text += (text.empty() ? "" : ", ") + rows[row].front().request.runtime.id;
  return text;
}

/// Lines of runtimes whose figures read the same become one.
class Folded {
 public:
  explicit Folded(const Rows& rows) : rows_(rows) {}

  void add(std::size_t row, std::vector<Cell> cells) {
    const auto same = [&](const auto& one) {
      return std::equal(one.cells.begin(), one.cells.end(), cells.begin(), cells.end(),
                        [](const Cell& a, const Cell& b) { return a.text == b.text; });
    };
    const auto found = std::find_if(lines_.begin(), lines_.end(), same);
    if (found != lines_.end()) return found->rows.push_back(row);
    lines_.push_back({{row}, std::move(cells)});
  }
  void take_lines(PageTable& table) {
    for (auto& one : lines_) table.lines.push_back({{runtimes_text(rows_, one.rows)}, std::move(one.cells)});
  }

 private:
  struct One {
    std::vector<std::size_t> rows;
    std::vector<Cell> cells;
  };
  const Rows& rows_;
  std::vector<One> lines_;
};

/// What one more token takes: of layers that keep all, in KiB, or in KB where that was asked for.
Cell growth_cell(const Figures& figures, const Rows& rows, std::size_t row) {
  const std::string key = key_of(rows, row, rows.front().size() - 1, "");
  const double tokens = figures.number(key + "context") * figures.number(key + "batch");
  if (!figures.has(key + "full_bytes") || tokens == 0) return {kNone};
  const bool si = figures.style().units == FigureStyle::Units::si;
  return {fixed(figures.number(key + "full_bytes") / tokens / (si ? 1000 : 1024), 1), Style::plain,
          key + "full_bytes " + key + "context " + key + "batch"};
}

PageTable caches_table(const Figures& figures, const Rows& rows) {
  PageTable table;
  table.folds = true;
  table.head.label = {"Runtime", Style::strong};
  for (std::size_t c = 0; c < rows.front().size(); ++c) {
    table.head.cells.push_back(figures.cell(key_of(rows, 0, c, "context"), Style::strong));
  }
  table.head.cells.push_back({figures.style().units == FigureStyle::Units::si ? "KB per token" : "KiB per token"});
  Folded folded(rows);
  for (std::size_t r = 0; r < rows.size(); ++r) {
    std::vector<Cell> cells;
    for (std::size_t c = 0; c < rows[r].size(); ++c) cells.push_back(cache_cell(figures, key_of(rows, r, c, "bytes")));
    cells.push_back(growth_cell(figures, rows, r));
    folded.add(r, std::move(cells));
  }
  folded.take_lines(table);
  return table;
}

/// What the caches of the longest context are made of; no lines where that is full attention alone.
PageTable parts_table(const Figures& figures, const Rows& rows) {
  const std::size_t last = rows.front().size() - 1;
  PageTable table = own_table("Of " + figures.text(key_of(rows, 0, last, "context")) + " tokens");
  table.folds = true;
  constexpr std::array<std::pair<const char*, const char*>, 3> kParts{
      {{"full_bytes", "full layers"}, {"window_bytes", "windows"}, {"state_bytes", "state"}}};
  const auto any = [&](const char* part) {
    for (std::size_t r = 0; r < rows.size(); ++r) {
      if (figures.number(key_of(rows, r, last, part)) > 0) return true;
    }
    return false;
  };
  if (!any("window_bytes") && !any("state_bytes")) return table;
  for (const auto& [part, label] : kParts) {
    if (any(part)) table.head.cells.push_back({label});
  }
  Folded folded(rows);
  for (std::size_t r = 0; r < rows.size(); ++r) {
    if (!rows[r][last].cache) continue;
    std::vector<Cell> cells;
    for (const auto& [part, label] : kParts) {
      if (any(part)) cells.push_back(cache_cell(figures, key_of(rows, r, last, part)));
    }
    folded.add(r, std::move(cells));
  }
  folded.take_lines(table);
  return table;
}

std::vector<Note> kv_notes(const Inventory& inventory, const Rows& rows) {
  std::vector<Note> notes;
  add_family_notes(inventory, notes);
  std::uint64_t longest = 0;
  for (const auto& cell : rows.front()) longest = std::max(longest, cell.request.context);
  note_long_context(inventory, longest, notes);
  std::string said;
  for (const auto& row : rows) {
    for (const auto& cell : row) {
      if (cell.refusal.empty() || cell.refusal == said) continue;
      said = cell.refusal;
      notes.push_back({cell.request.runtime.id, cell.refusal + "."});
    }
    if (row.front().cache) {
      const auto& profile = *row.front().request.runtime.profile;
      notes.push_back(
          {std::string(profile.name), reasons(profile, *row.front().cache, inventory) + ".", Note::Weight::basis});
    }
  }
  return notes;
}

}  // namespace

Report kv_report(const Model& model, const Inventory& inventory, const Rows& rows, const LayoutChoice& layout,
                 const ReportOptions& wanted, const std::optional<MediaInput>& media) {
  Report report;
  report.models.push_back(kv_tree(model, inventory, rows, media));
  if (layout.given()) {
    report.models.front().add(Row::leaf("of_one_device", "of one device of", layout_text(layout.layout())));
  }
  report.records = "kv";
  if (!wanted.pages) return report;
  const Figures figures(report.models.front(), wanted.style);
  Page& page = report.pages.emplace_back();
  page.title = {printable(model.name), Style::strong};
  const auto& first = rows.front().front().request;
  page.aside = {(layout.given() ? "of one device of " + layout_text(layout.layout()) + ": " : std::string()) +
                "KV cache and recurrent state, " + byte_unit(wanted.style) + ", " + cache_dtype(first) + ", " +
                grouped(first.sequences) + (first.sequences == 1 ? " sequence" : " sequences")};
  if (media) page.tables.push_back(media_table(*media, figures));
  page.tables.push_back(caches_table(figures, rows));
  PageTable parts = parts_table(figures, rows);
  if (!parts.lines.empty()) page.tables.push_back(std::move(parts));
  page.notes = kv_notes(inventory, rows);
  if (media) media_notes(*media, page.notes);
  return report;
}

}  // namespace paramcount
