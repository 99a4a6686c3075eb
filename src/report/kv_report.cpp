#include "report/kv_report.hpp"

#include <algorithm>

#include "base/numbers.hpp"
#include "base/text.hpp"
#include "report/family_line.hpp"
#include "report/figures.hpp"
#include "report/memory_report.hpp"

namespace paramcount {
namespace {

using Rows = std::vector<std::vector<CacheCell>>;

Row kv_tree(const Model& model, const Inventory& inventory, const Rows& rows) {
  Row tree = Row::group("");
  tree.add(Row::leaf("id", "id", printable(model.id)));
  tree.add(Row::leaf("name", "name", printable(model.name)));
  tell_family(inventory, tree);
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
  const auto& style = figures.style();
  if (!figures.has(key)) return figures.cell(key);
  if (style.precise) return figures.bytes(key).back();
  return figures.gibibytes(key, 3);
}

std::string key_of(const Rows& rows, std::size_t row, std::size_t column, const char* figure) {
  return "kv." + std::to_string(row * rows.front().size() + column) + "." + figure;
}

PageTable caches_table(const Figures& figures, const Rows& rows) {
  PageTable table;
  table.folds = true;
  table.head.label = {"Runtime", Style::strong};
  for (std::size_t c = 0; c < rows.front().size(); ++c) {
    table.head.cells.push_back(figures.cell(key_of(rows, 0, c, "context"), Style::strong));
  }
  for (std::size_t r = 0; r < rows.size(); ++r) {
    Line line{{rows[r].front().request.runtime.id}, {}};
    for (std::size_t c = 0; c < rows[r].size(); ++c)
      line.cells.push_back(cache_cell(figures, key_of(rows, r, c, "bytes")));
    table.lines.push_back(std::move(line));
  }
  return table;
}

/// What the caches of the longest context are made of; no lines where that is full attention alone.
PageTable parts_table(const Figures& figures, const Rows& rows) {
  PageTable table;
  table.folds = true;
  table.own_grid = true;
  const std::size_t last = rows.front().size() - 1;
  table.head = {{"Of " + figures.text(key_of(rows, 0, last, "context")) + " tokens", Style::strong},
                {{"full layers"}, {"windows"}, {"state"}}};
  bool several = false;
  for (std::size_t r = 0; r < rows.size(); ++r) {
    if (!rows[r][last].cache) continue;
    Line line{{rows[r][last].request.runtime.id}, {}};
    for (const char* part : {"full_bytes", "window_bytes", "state_bytes"}) {
      line.cells.push_back(cache_cell(figures, key_of(rows, r, last, part)));
    }
    const auto& kv = *rows[r][last].cache;
    several = several || kv.window.value > 0 || kv.state.value > 0;
    table.lines.push_back(std::move(line));
  }
  if (!several) table.lines.clear();
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
      notes.push_back({std::string(profile.name), reasons(profile, *row.front().cache, inventory) + "."});
    }
  }
  return notes;
}

}  // namespace

Report kv_report(const Model& model, const Inventory& inventory, const Rows& rows, const LayoutChoice& layout,
                 const ReportOptions& wanted) {
  Report report;
  report.models.push_back(kv_tree(model, inventory, rows));
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
  page.tables.push_back(caches_table(figures, rows));
  PageTable parts = parts_table(figures, rows);
  if (!parts.lines.empty()) page.tables.push_back(std::move(parts));
  page.notes = kv_notes(inventory, rows);
  return report;
}

}  // namespace paramcount
