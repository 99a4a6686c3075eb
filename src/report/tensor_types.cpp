#include <algorithm>
#include <map>

#include "base/numbers.hpp"
#include "base/text.hpp"
#include "count/tensor_names.hpp"
#include "paramcount/base/checked.hpp"
#include "report/figures.hpp"
#include "report/inventory_report.hpp"

namespace paramcount {
namespace {

/// Tensors of one name pattern, one shape and one number format.
struct Typed {
  std::string name;
  const Tensor* tensor;
  const Dtype* dtype;
  std::uint64_t copies{1};
  Bytes bytes;  ///< of all copies
};

Report typed_report(const Model& model, const std::vector<Typed>& rows, const WeightMemory& memory,
                    ReportOptions wanted) {
  Report report;
  if (wanted.tree) {
    Row object = Row::group("");
    object.add(Row::leaf("id", "id", printable(model.id)));
    object.add(Row::leaf("name", "name", printable(model.name)));
    object.add(Row::leaf("dtype", "number format", memory.id));
    object.add(Row::leaf("bytes", "weights", memory.bytes, "", "sum over the tensors"));
    Row& list = object.add(Row::list("tensors", "tensors"));
    for (const auto& typed : rows) {
      Row row = Row::group("");
      row.add(Row::leaf("name", "name", typed.name));
      Value::List shape;
      for (const auto size : typed.tensor->shape) shape.push_back(count_value(size));
      row.add(Row::leaf("shape", "shape", std::move(shape)));
      row.add(Row::leaf("dtype", "number format", typed.dtype->id));
      row.add(Row::leaf("copies", "copies", count_value(typed.copies)));
      row.add(Row::leaf("elements", "elements", count_value(checked_mul(typed.tensor->elements(), typed.copies))));
      row.add(Row::leaf("bytes", typed.name, typed.bytes,
                        grouped(typed.copies) + " × " + shape_text(typed.tensor->shape) + " in " + typed.dtype->id,
                        printable(typed.dtype->source)));
      list.add(std::move(row));
    }
    report.models.push_back(std::move(object));
    report.records = "tensors";
  }
  if (!wanted.pages) return report;
  Page& page = report.pages.emplace_back();
  PageTable table;
  table.head = {
      {printable(model.name), Style::strong},
      {{"shape", Style::strong}, {"format", Style::strong}, {"copies", Style::strong}, {"bytes", Style::strong}}};
  std::uint64_t tensors = 0;
  for (const auto& typed : rows) {
    Line line{{printable(typed.name)}, {}};
    line.cells = {{shape_text(typed.tensor->shape)},
                  {typed.dtype->id, Style::dim},
                  {grouped(typed.copies)},
                  {grouped(typed.bytes.value)}};
    tensors += typed.copies;
    table.lines.push_back(std::move(line));
  }
  table.lines.push_back({{"total"}, {{""}, {""}, {grouped(tensors)}, {grouped(memory.bytes.value), Style::strong}}});
  page.tables.push_back(std::move(table));
  page.notes.push_back({memory.id, both_units(memory.bytes, wanted.style) + ", " +
                                       significant(memory.bits_per_weight, 3) + " bits a weight."});
  return report;
}

}  // namespace

Report tensor_types_report(const Model& model, const Inventory& inventory, const WeightFormat& format, bool all,
                           ReportOptions wanted) {
  std::vector<Typed> rows;
  for (const auto& tensor : inventory.tensors) {
    if (!tensor.counts()) continue;
    const Dtype& dtype = format.of(tensor.role);
    const Bytes one = dtype.bytes_of(tensor.shape);
    if (!all) {
      rows.push_back({pattern_of(tensor), &tensor, &dtype, tensor.copies, {checked_mul(one.value, tensor.copies)}});
      continue;
    }
    each_name(tensor, [&](const std::string& name) { rows.push_back({name, &tensor, &dtype, 1, one}); });
  }
  return typed_report(model, rows, weigh(inventory, format), wanted);
}

Report tensor_types_report(const Model& model, const GgufInventory& inventory, const GgufFile& file,
                           const WeightFormat& format, bool all, ReportOptions wanted) {
  std::vector<Typed> rows;
  // By pattern and format: where its row is, and the blocks that share it.
  std::map<std::pair<const Tensor*, const Dtype*>, std::pair<std::size_t, std::vector<Range>>> folded;
  for (const auto& tensor : file.tensors) {
    const bool single = all || tensor.pattern->axes.size() != 1;
    if (single) {
      rows.push_back({std::string(tensor.name), tensor.pattern, tensor.type, 1, tensor.bytes});
      continue;
    }
    const auto [at, added] = folded.try_emplace({tensor.pattern, tensor.type});
    auto& [row, ranges] = at->second;
    if (added) {
      row = rows.size();
      rows.push_back({"", tensor.pattern, tensor.type, 0, {}});
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
    // What one pattern was split into stands together, where its first tensor stands.
    std::map<const Tensor*, std::size_t> first;
    for (const auto& row : rows) first.emplace(row.tensor, first.size());
    std::stable_sort(rows.begin(), rows.end(),
                     [&](const Typed& a, const Typed& b) { return first.at(a.tensor) < first.at(b.tensor); });
  }
  return typed_report(model, rows, weigh(inventory, file, format), wanted);
}

}  // namespace paramcount
