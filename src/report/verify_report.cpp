#include "report/verify_report.hpp"

#include <algorithm>
#include <utility>

#include "base/numbers.hpp"
#include "base/text.hpp"
#include "report/item_lines.hpp"
#include "report/tables.hpp"

namespace paramcount {
namespace {

using Item = Verification::Item;

void items_tree(Row& tree, const Label& key, const std::vector<Item>& items) {
  Row& list = tree.add(Row::list(key, key));
  for (const auto& item : items) {
    Row row = Row::group("");
    row.add(Row::leaf("name", "name", item.name));
    row.add(Row::leaf("copies", "copies", count_value(item.copies)));
    row.add(Row::leaf("shape", "shape", shape_value(item.shape)));
    if (!item.found.empty()) row.add(Row::leaf("found_shape", "shape found", shape_value(item.found)));
    if (!item.remark.empty()) row.add(Row::leaf("remark", "remark", item.remark));
    list.add(std::move(row));
  }
}

Row verify_tree(const Model& model, const Verification& verification) {
  Row tree = Row::group("");
  tree.add(Row::leaf("id", "id", printable(model.id)));
  tree.add(Row::leaf("name", "name", printable(model.name)));
  tree.add(Row::leaf("family", "family", verification.family));
  tree.add(Row::leaf("checkpoint", "checkpoint", printable(model.checkpoint->path)));
  tree.add(Row::leaf("files", "files", count_value(model.checkpoint->files.size())));
  tree.add(Row::leaf("reconciles", "reconciles", verification.reconciles()));
  Row& tensors = tree.add(Row::group("tensors", "tensors"));
  tensors.add(Row::leaf("expected", "expected", count_value(verification.expected_tensors)));
  tensors.add(Row::leaf("as_expected", "as expected", count_value(verification.agreeing_tensors)));
  Row& params = tree.add(Row::group("params", "parameters"));
  params.add(Row::leaf("expected", "expected", count_value(verification.expected.value)));
  params.add(Row::leaf("found", "found", count_value(verification.found.value)));
  items_tree(tree, "missing", verification.missing);
  items_tree(tree, "unexpected", verification.unexpected);
  items_tree(tree, "misshapen", verification.misshapen);
  items_tree(tree, "known", verification.known);
  Row& spellings = tree.add(Row::list("spellings", "spellings"));
  for (const auto& spelling : verification.spellings) {
    Row row = Row::group("");
    row.add(Row::leaf("file", "in the file", spelling.from));
    row.add(Row::leaf("family", "in the family", spelling.to));
    row.add(Row::leaf("tensors", "tensors", count_value(spelling.tensors)));
    spellings.add(std::move(row));
  }
  return tree;
}

/// What is known, a line for each kind: the layers' copies together, a quantiser's tensors and modules of
/// multi-token prediction by what they are. With the keys of their copies.
std::vector<std::pair<Item, std::string>> folded(const std::vector<Item>& items) {
  std::vector<std::pair<Item, std::string>> result;
  for (std::size_t i = 0; i < items.size(); ++i) {
    Item kind{items[i].name, items[i].copies, {}, {}, items[i].remark};
    const std::string key = "known." + std::to_string(i) + ".copies";
    const auto number = kind.name.find_last_of("0123456789}");
    const auto dot = kind.name.find('.', number == std::string::npos ? 0 : number);
    if (number != std::string::npos && dot != std::string::npos) kind.name.erase(0, dot + 1);
    if (kind.remark.starts_with("multi-token")) kind.name.clear();
    if (kind.remark.starts_with("scales")) kind.name.erase(0, kind.name.rfind('.') + 1);
    const auto same = std::find_if(result.begin(), result.end(), [&](const auto& other) {
      return other.first.name == kind.name && other.first.remark == kind.remark;
    });
    if (same == result.end()) {
      result.emplace_back(std::move(kind), key);
    } else {
      same->first.copies += kind.copies;
      same->second += " " + key;
    }
  }
  return result;
}

/// The shape expected, and of the one found what is otherwise.
Cell misshape(const Figures& item) {
  const Cell expected = item.shape("shape");
  Cell found = item.shape("found_shape");
  const auto rest = [](const std::string& shape) { return shape.substr(std::min(shape.find(" × "), shape.size())); };
  const auto same = rest(found.text);
  if (rest(expected.text) == same) found.text.resize(found.text.size() - same.size());
  found.text += " found";
  return joined(expected, " expected, ", found);
}

/// "+ 32,768", and where one tensor explains it, how: "= 8 × 4096".
std::string difference_text(const Verification& v) {
  const bool more = v.found.value > v.expected.value;
  const std::uint64_t by = more ? v.found.value - v.expected.value : v.expected.value - v.found.value;
  if (by == 0) return "no difference";
  std::string text = (more ? "+ " : "- ") + grouped(by);
  if (v.misshapen.size() != 1 || v.misshapen.front().copies != 1) return text;
  const auto& item = v.misshapen.front();
  if (item.shape.size() != item.found.size() || item.shape.size() < 2) return text;
  std::uint64_t rest = 1;
  for (std::size_t i = 1; i < item.shape.size(); ++i) {
    if (item.shape[i] != item.found[i]) return text;
    rest *= item.shape[i];
  }
  const std::uint64_t rows =
      item.found[0] > item.shape[0] ? item.found[0] - item.shape[0] : item.shape[0] - item.found[0];
  if (rows * rest != by) return text;
  return text + " = " + std::to_string(rows) +
         shape_text(item.shape, " × ").substr(std::to_string(item.shape[0]).size());
}

}  // namespace

Report verify_report(const Model& model, const Verification& verification, bool all, ReportOptions wanted) {
  Report report;
  report.models.push_back(verify_tree(model, verification));
  if (!wanted.pages) return report;
  const Figures figures(report.models.front(), wanted.style);
  Page& page = report.pages.emplace_back();
  const auto files = model.checkpoint->files.size();
  page.title = {printable(model.name) + " against " + printable(model.checkpoint->path) +
                    (files > 1 ? ", " + grouped(files) + " files" : ""),
                Style::strong};
  const bool good = verification.reconciles();
  page.aside = {good ? "reconciles" : "does not reconcile", good ? Style::good : Style::bad};
  PageTable table;
  table.own_grid = true;
  table.left = true;
  table.head = {{"as expected"},
                cells_of(joined(figures.cell("tensors.as_expected"), " of ", figures.cell("tensors.expected")))};
  table.head.cells.back().text += " tensors";
  ItemLines lines(table, all);
  const auto items = [&](const char* list, const auto& shape) {
    const auto told = figures.members(list);
    lines.add(list, told.size(), [&](std::size_t i, Line& line, Cell& below) {
      const Figures& item = told[i];
      line.cells = cells_of(counted_name(item), shape(item));
      if (item.has("remark")) below = item.cell("remark");
    });
  };
  const auto expected = [](const Figures& item) { return item.shape("shape"); };
  items("missing", expected);
  items("unexpected", expected);
  items("misshapen", misshape);
  const auto known = folded(verification.known);
  lines.add("known", known.size(), [&](std::size_t i, Line& line, Cell&) {
    const auto& [item, keys] = known[i];
    std::string text = item.name.empty() ? several(item.copies, "tensor") : item.name;
    if (!item.name.empty() && item.copies > 1) text = grouped(item.copies) + " × " + text;
    line.cells = cells_of(Cell{text, Style::plain, keys}, Cell{item.remark});
  });
  add_spellings(lines, figures, "file", " for ", "family", "");
  page.tables.push_back(std::move(table));
  PageTable sums = own_table("Parameters");
  sums.lines = {figures.line("params.expected"), figures.line("params.found")};
  sums.lines.back().cells.back().style = Style::strong;
  sums.lines.back().remark = {difference_text(verification), Style::dim, "params.expected params.found"};
  page.tables.push_back(std::move(sums));
  return report;
}

}  // namespace paramcount
