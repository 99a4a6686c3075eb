#include "report/diff_report.hpp"

#include "base/numbers.hpp"
#include "base/text.hpp"
#include "report/item_lines.hpp"
#include "report/tables.hpp"

namespace paramcount {
namespace {

using Item = CheckpointDiff::Item;

void items_tree(Row& tree, const Label& key, const Label& label, const std::vector<Item>& items) {
  Row& list = tree.add(Row::list(key, label));
  for (const auto& item : items) {
    Row row = Row::group("");
    row.add(Row::leaf("name", "name", item.name));
    row.add(Row::leaf("copies", "copies", count_value(item.copies)));
    if (!item.first_format.empty()) {
      row.add(Row::leaf("first_shape", "shape in the first", shape_value(item.first_shape)));
      row.add(Row::leaf("first_dtype", "format in the first", item.first_format));
    }
    if (!item.second_format.empty()) {
      row.add(Row::leaf("second_shape", "shape in the second", shape_value(item.second_shape)));
      row.add(Row::leaf("second_dtype", "format in the second", item.second_format));
    }
    list.add(std::move(row));
  }
}

Row diff_tree(const Checkpoint& first, const Checkpoint& second, const CheckpointDiff& diff) {
  Row tree = Row::group("");
  tree.add(Row::leaf("first", "first", printable(first.path)));
  tree.add(Row::leaf("second", "second", printable(second.path)));
  tree.add(Row::leaf("same", "the same", diff.none()));
  Row& params = tree.add(Row::group("params", "parameters"));
  params.add(Row::leaf("first", "in the first", count_value(diff.first.value)));
  params.add(Row::leaf("second", "in the second", count_value(diff.second.value)));
  tree.add(Row::leaf("same_tensors", "tensors that agree", count_value(diff.same)));
  items_tree(tree, "only_first", "only in the first", diff.only_first);
  items_tree(tree, "only_second", "only in the second", diff.only_second);
  items_tree(tree, "reshaped", "of other shapes", diff.reshaped);
  items_tree(tree, "retyped", "in other formats", diff.retyped);
  if (diff.first_vocabulary > 0) {
    Row& vocabulary = tree.add(Row::group("vocabulary", "vocabulary"));
    vocabulary.add(Row::leaf("first", "rows in the first", count_value(diff.first_vocabulary)));
    vocabulary.add(Row::leaf("second", "rows in the second", count_value(diff.second_vocabulary)));
  }
  Row& spellings = tree.add(Row::list("spellings", "spellings"));
  for (const auto& spelling : diff.spellings) {
    Row row = Row::group("");
    row.add(Row::leaf("first", "in the first", spelling.first));
    row.add(Row::leaf("second", "in the second", spelling.second));
    row.add(Row::leaf("tensors", "tensors", count_value(spelling.tensors)));
    spellings.add(std::move(row));
  }
  return tree;
}

/// What is otherwise in the second: shapes, formats or both.
Cell change(const Figures& item) {
  Cell all;
  const auto add = [&](const Cell& first, const Cell& second) {
    if (first.text == second.text) return;
    const Cell both = joined(first, " → ", second);
    all = all.text.empty() ? both : joined(all, ", ", both);
  };
  add(item.shape("first_shape"), item.shape("second_shape"));
  add(item.cell("first_dtype"), item.cell("second_dtype"));
  return all;
}

Cell held(const Figures& item) {
  const std::string file = item.has("first_dtype") ? "first" : "second";
  return joined(item.shape(file + "_shape"), ", ", item.cell(file + "_dtype"));
}

std::string signed_difference(std::uint64_t from, std::uint64_t to) {
  if (from == to) return "no difference";
  return to > from ? "+ " + grouped(to - from) : "- " + grouped(from - to);
}

}  // namespace

Report diff_report(const Checkpoint& first, const Checkpoint& second, const CheckpointDiff& diff, bool all,
                   ReportOptions wanted) {
  Report report;
  report.models.push_back(diff_tree(first, second, diff));
  if (!wanted.pages) return report;
  const Figures figures(report.models.front(), wanted.style);
  Page& page = report.pages.emplace_back();
  page.title = {printable(first.path) + " and " + printable(second.path), Style::strong};
  page.aside = diff.none() ? Cell{"the same", Style::good} : Cell{"they differ", Style::caution};
  PageTable table;
  table.own_grid = true;
  table.left = true;
  table.head = {{"same"}, cells_of(figures.dressed("same_tensors", several(diff.same, "tensor")))};
  ItemLines lines(table, all);
  const auto items = [&](const char* label, const char* list, const auto& shown) {
    const auto told = figures.members(list);
    lines.add(label, told.size(),
              [&](std::size_t i, Line& line, Cell&) { line.cells = cells_of(counted_name(told[i]), shown(told[i])); });
  };
  items("only in the first", "only_first", held);
  items("only in the second", "only_second", held);
  items("other shape", "reshaped", change);
  items("other format", "retyped", change);
  add_spellings(lines, figures, "first", " in the first, ", "second", " in the second");
  page.tables.push_back(std::move(table));
  PageTable sums = own_table("Parameters");
  sums.lines = {figures.line("params.first", "first"), figures.line("params.second", "second")};
  sums.lines.back().remark = {signed_difference(diff.first.value, diff.second.value), Style::dim,
                              "params.first params.second"};
  page.tables.push_back(std::move(sums));
  if (diff.first_vocabulary > 0) {
    page.notes.push_back({"vocabulary", grouped(diff.first_vocabulary) + " rows in the first, " +
                                            grouped(diff.second_vocabulary) + " in the second: " +
                                            signed_difference(diff.first_vocabulary, diff.second_vocabulary) + "."});
  }
  page.notes.push_back({"diff", "of names, shapes and number formats; values are not read."});
  return report;
}

}  // namespace paramcount
