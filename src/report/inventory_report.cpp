#include "report/inventory_report.hpp"

#include <algorithm>
#include <map>
#include <unordered_map>
#include <utility>

#include "base/budgets.hpp"
#include "base/numbers.hpp"
#include "base/text.hpp"
#include "count/tensor_names.hpp"
#include "paramcount/base/checked.hpp"
#include "paramcount/base/error.hpp"
#include "paramcount/count/params.hpp"
#include "report/family_line.hpp"
#include "report/figures.hpp"
#include "report/item_lines.hpp"

namespace paramcount {
namespace {

/// Tensors of one name or pattern of names; where a number format was asked for, all in that.
struct Listed {
  std::string name;
  const Tensor* tensor;
  std::uint64_t copies;
  const Dtype* dtype{nullptr};
  Bytes bytes{};  ///< of all copies
};

/// The part of a name up to its layer number, which neighbours share.
std::size_t shared_part(const std::string& name, const Tensor& tensor) {
  if (tensor.layer_axis < 0) return 0;
  // Up to the layer's index, the name has the text of the pattern and, for indices, numbers or ranges in braces.
  std::size_t at = 0;
  std::size_t from = 0;
  for (int i = 0; i <= tensor.layer_axis; ++i) {
    const auto& index = tensor.name.indices()[static_cast<std::size_t>(i)];
    at += index.at - from;
    from = index.at + index.size;
    at = name[at] == '{' ? name.find('}', at) + 1 : name.find_first_not_of("0123456789", at);
    if (at >= name.size()) return 0;
  }
  at = name.find('.', at);
  return at == std::string::npos ? 0 : at;
}

/// The order of a page: tables of the input, the layers with equal prefixes together, what follows them, and
/// multi-token prediction last.
void sort_for_page(std::vector<Listed>& rows) {
  std::unordered_map<std::string, std::size_t> prefixes;
  std::vector<std::size_t> keys;
  for (const auto& row : rows) {
    const Tensor& tensor = *row.tensor;
    const bool input = tensor.role.kind == RoleKind::embedding || tensor.role.kind == RoleKind::position;
    std::size_t key = tensor.layer_axis < 0 && input ? 0 : SIZE_MAX / 4;
    if (tensor.layer_axis >= 0) {
      key = 1 + prefixes.try_emplace(row.name.substr(0, shared_part(row.name, tensor)), prefixes.size()).first->second;
    }
    keys.push_back(key + (tensor.mtp ? SIZE_MAX / 2 : 0));
  }
  std::vector<std::size_t> order(rows.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return keys[a] < keys[b]; });
  std::vector<Listed> sorted;
  sorted.reserve(rows.size());
  for (const auto i : order) sorted.push_back(std::move(rows[i]));
  rows = std::move(sorted);
}

Row tensor_tree(const Listed& listed) {
  const Tensor& tensor = *listed.tensor;
  const std::uint64_t elements = checked_mul(tensor.elements(), listed.copies);
  const std::string formula = grouped(listed.copies) + " × " + shape_text(tensor.shape);
  Row row = Row::group("");
  row.add(Row::leaf("name", "name", listed.name));
  row.add(Row::leaf("shape", "shape", shape_value(tensor.shape)));
  row.add(listed.dtype != nullptr ? Row::leaf("dtype", "number format", listed.dtype->id)
                                  : Row::leaf("role", "role", name_of(tensor.role)));
  row.add(Row::leaf("copies", "copies", listed.copies));
  row.add(Row::leaf("elements", listed.name + ", elements", elements, formula));
  if (listed.dtype != nullptr) {
    row.add(Row::leaf("bytes", listed.name, listed.bytes, formula + " in " + listed.dtype->id,
                      printable(listed.dtype->source)));
    return row;
  }
  row.add(Row::leaf("params", listed.name, tensor.counts() ? elements : 0, formula));
  if (tensor.mtp) row.add(Row::leaf("mtp", "multi-token prediction", true));
  return row;
}

/// With --all there are too many to make rows where only a page is asked for. What is stored and not in the total
/// stands in brackets.
Line tensor_line(const Listed& listed) {
  const Tensor& tensor = *listed.tensor;
  const bool typed = listed.dtype != nullptr;
  const std::string amount = grouped(typed ? listed.bytes.value : tensor.elements() * listed.copies);
  const bool counted = typed || tensor.counts();
  Line line{{printable(listed.name)}, {}};
  line.shared = typed ? 0 : shared_part(listed.name, tensor);
  line.cells = {{shape_text(tensor.shape)},
                {typed ? listed.dtype->id : (tensor.mtp ? "mtp " : "") + name_of(tensor.role), Style::dim},
                {grouped(listed.copies)},
                {amount}};
  if (!counted) line.cells.back() = {"(" + amount + ")", Style::dim, "tensors.N.elements"};
  return line;
}

/// For the model in `object`; `sum` is shown in the total's line.
Report list_of(Row object, const std::vector<Listed>& rows, bool typed, Cell sum, const ReportOptions& wanted) {
  Report report;
  report.records = "tensors";
  PageTable table;
  table.head = {{Figures(object, wanted.style).text("name"), Style::strong}, {}};
  using Heading = std::pair<const char*, const char*>;  // and the key
  for (const auto& [heading, key] :
       {Heading{"shape", "shape"}, typed ? Heading{"format", "dtype"} : Heading{"role", "role"},
        Heading{"copies", "copies"}, typed ? Heading{"bytes", "bytes"} : Heading{"parameters", "params"}}) {
    table.head.cells.push_back({heading, Style::strong, joined({"tensors.N.", key})});
  }
  std::uint64_t tensors = 0;
  for (const auto& row : rows) tensors += row.copies;
  object.add(Row::group("total", "together")).add(Row::leaf("tensors", "tensors", tensors));
  Row& list = object.add(Row::list("tensors", "tensors"));
  for (const auto& row : rows) {
    if (wanted.pages) table.lines.push_back(tensor_line(row));
    if (wanted.tree) list.add(tensor_tree(row));
  }
  if (wanted.pages) {
    const Figures figures(object, wanted.style);
    table.lines.push_back({{"total"}, cells_of(Cell{}, Cell{}, figures.cell("total.tensors"), std::move(sum))});
    report.pages.emplace_back().tables.push_back(std::move(table));
  }
  if (wanted.tree) report.models.push_back(std::move(object));
  return report;
}

}  // namespace

Row inventory_tree(const Model& model, const Inventory& inventory) {
  Row row = Row::group("");
  row.add(Row::leaf("id", "id", printable(model.id)));
  row.add(Row::leaf("name", "name", printable(model.name)));
  tell_family(inventory, row);
  row.add(Row::group("params", "parameters"))
      .add(Row::leaf("total", "parameters", count_params(inventory).total.value, "",
                     "sum over the tensors; buffers and multi-token prediction left out"));
  return row;
}

Report tensors_report(const Model& model, const Inventory& inventory, bool all, ReportOptions wanted) {
  std::vector<Listed> rows;
  bool uncounted = false;
  for (const auto& tensor : inventory.tensors) {
    uncounted = uncounted || !tensor.counts();
    if (all) {
      if (tensor.copies > kMostRows - rows.size()) throw Error("more than 250,000 tensors; leave out --all");
      each_name(tensor, [&](const std::string& name) { rows.push_back({name, &tensor, 1}); });
    } else {
      rows.push_back({pattern_of(tensor), &tensor, tensor.copies});
    }
  }
  if (!all) sort_for_page(rows);
  Row object = inventory_tree(model, inventory);
  Cell sum = Figures(object, wanted.style).cell("params.total", Style::strong);
  Report report = list_of(std::move(object), rows, false, std::move(sum), wanted);
  for (auto& page : report.pages) {
    add_family_notes(inventory, page.notes);
    if (uncounted)
      page.notes.push_back({"", "In brackets: stored, but not in the total (buffers, multi-token prediction)."});
  }
  return report;
}

namespace {

Report typed_report(const Model& model, const std::vector<Listed>& rows, const WeightMemory& memory,
                    const ReportOptions& wanted) {
  Row object = Row::group("");
  object.add(Row::leaf("id", "id", printable(model.id)));
  object.add(Row::leaf("name", "name", printable(model.name)));
  object.add(Row::leaf("dtype", "number format", memory.id));
  object.add(Row::leaf("bytes", "weights", memory.bytes, "", "sum over the tensors"));
  Report report = list_of(std::move(object), rows, true, {grouped(memory.bytes.value), Style::strong, "bytes"}, wanted);
  for (auto& page : report.pages) {
    page.notes.push_back({memory.id, both_units(memory.bytes, wanted.style) + ", " +
                                         significant(memory.bits_per_weight, 3) + " bits per weight."});
  }
  return report;
}

}  // namespace

Report tensor_types_report(const Model& model, const Inventory& inventory, const WeightFormat& format, bool all,
                           ReportOptions wanted) {
  std::vector<Listed> rows;
  for (const auto& tensor : inventory.tensors) {
    if (!tensor.counts()) continue;
    const Dtype& dtype = format.of(tensor.role);
    const Bytes one = dtype.bytes_of(tensor.shape);
    if (!all) {
      rows.push_back({pattern_of(tensor), &tensor, tensor.copies, &dtype, {checked_mul(one.value, tensor.copies)}});
      continue;
    }
    each_name(tensor, [&](const std::string& name) { rows.push_back({name, &tensor, 1, &dtype, one}); });
  }
  return typed_report(model, rows, weigh(inventory, format), wanted);
}

Report tensor_types_report(const Model& model, const GgufInventory& inventory, const GgufFile& file,
                           const WeightFormat& format, bool all, ReportOptions wanted) {
  std::vector<Listed> rows;
  // By pattern and format: where its row is, and the blocks that share it.
  std::map<std::pair<const Tensor*, const Dtype*>, std::pair<std::size_t, std::vector<Range>>> folded;
  for (const auto& tensor : file.tensors) {
    const bool single = all || tensor.pattern->axes.size() != 1;
    if (single) {
      rows.push_back({std::string(tensor.name), tensor.pattern, 1, tensor.type, tensor.bytes});
      continue;
    }
    const auto [at, added] = folded.try_emplace({tensor.pattern, tensor.type});
    auto& [row, ranges] = at->second;
    if (added) {
      row = rows.size();
      rows.push_back({"", tensor.pattern, 0, tensor.type, {}});
    }
    ++rows[row].copies;
    rows[row].bytes += tensor.bytes;
    const auto block = index_of(std::string(tensor.name), *tensor.pattern);
    if (!ranges.empty() && ranges.back().last + 1 == block) {
      ranges.back().last = block;
    } else {
      ranges.push_back({block, block});
    }
  }
  for (auto& [key, entry] : folded) {
    const auto& ranges = entry.second;
    const bool one = ranges.size() == 1 && ranges[0].first == ranges[0].last;
    rows[entry.first].name = key.first->name.with(
        [&](std::size_t) { return one ? std::to_string(ranges[0].first) : "{" + ranges_text(ranges) + "}"; });
  }
  if (!all) {
    // The rows that a pattern was split into stay together, at the place of its first tensor.
    std::map<const Tensor*, std::size_t> first;
    for (const auto& row : rows) first.emplace(row.tensor, first.size());
    std::stable_sort(rows.begin(), rows.end(),
                     [&](const Listed& a, const Listed& b) { return first.at(a.tensor) < first.at(b.tensor); });
  }
  return typed_report(model, rows, weigh(inventory, file, format), wanted);
}

}  // namespace paramcount
