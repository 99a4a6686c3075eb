#include "report/verify_report.hpp"

#include <algorithm>

#include "base/numbers.hpp"
#include "base/text.hpp"
#include "report/item_lines.hpp"

namespace paramcount {
namespace {

using Item = Verification::Item;

std::string counted(const Item& item) { return counted_name(item.name, item.copies); }

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
/// multi-token prediction by what they are.
std::vector<Item> folded(const std::vector<Item>& items) {
  std::vector<Item> result;
  for (const auto& item : items) {
    Item kind{item.name, item.copies, {}, {}, item.remark};
    const auto number = kind.name.find_last_of("0123456789}");
    const auto dot = kind.name.find('.', number == std::string::npos ? 0 : number);
    if (number != std::string::npos && dot != std::string::npos) kind.name.erase(0, dot + 1);
    if (kind.remark.starts_with("multi-token")) kind.name.clear();
    if (kind.remark.starts_with("scales")) kind.name.erase(0, kind.name.rfind('.') + 1);
    const auto same = std::find_if(result.begin(), result.end(), [&](const Item& other) {
      return other.name == kind.name && other.remark == kind.remark;
    });
    if (same == result.end()) {
      result.push_back(std::move(kind));
    } else {
      same->copies += kind.copies;
    }
  }
  return result;
}

std::string misshape_text(const Item& item) {
  const bool first_only = item.shape.size() == item.found.size() && !item.shape.empty() &&
                          std::equal(item.shape.begin() + 1, item.shape.end(), item.found.begin() + 1);
  return shape_text(item.shape, " × ") + " expected, " +
         (first_only ? std::to_string(item.found.front()) : shape_text(item.found, " × ")) + " found";
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
  if (wanted.tree) report.models.push_back(verify_tree(model, verification));
  if (!wanted.pages) return report;
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
  table.head = {
      {"as expected"},
      {{grouped(verification.agreeing_tensors) + " of " + grouped(verification.expected_tensors) + " tensors"}}};
  ItemLines lines(table, all);
  const auto named = [](const Item& item, Line& line, std::string& below) {
    line.cells = {{counted(item)}, {shape_text(item.shape, " × ")}};
    below = item.remark;
  };
  lines.add("missing", verification.missing, named);
  lines.add("unexpected", verification.unexpected, named);
  lines.add("misshapen", verification.misshapen, [](const Item& item, Line& line, std::string& below) {
    line.cells = {{counted(item)}, {misshape_text(item)}};
    below = item.remark;
  });
  lines.add("known", folded(verification.known), [](const Item& item, Line& line, std::string&) {
    line.cells = {{item.name.empty() ? grouped(item.copies) + " tensors" : counted(item)}, {item.remark}};
  });
  lines.add("spelled", verification.spellings, [](const Verification::Spelling& s, Line& line, std::string&) {
    const auto shown = [](const std::string& text) { return text.empty() ? std::string("(nothing)") : text; };
    line.cells = {{shown(s.from) + " for " + shown(s.to)},
                  {grouped(s.tensors) + (s.tensors == 1 ? " tensor" : " tensors")}};
  });
  page.tables.push_back(std::move(table));
  PageTable sums;
  sums.own_grid = true;
  sums.head = {{"Parameters", Style::strong}, {}};
  sums.lines.push_back({{"expected"}, {{grouped(verification.expected.value)}}});
  sums.lines.push_back({{"found"}, {{grouped(verification.found.value), Style::strong}}});
  sums.lines.back().remark = {difference_text(verification), Style::dim};
  page.tables.push_back(std::move(sums));
  return report;
}

}  // namespace paramcount
