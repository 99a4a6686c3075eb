#include "report/stored_report.hpp"

#include "base/numbers.hpp"
#include "base/text.hpp"
#include "report/figures.hpp"

namespace paramcount {

PageTable stored_table(const StoredModel& stored) {
  PageTable table;
  table.own_grid = true;
  table.head = {{"File", Style::strong}, {{"GB"}, {"GiB"}, {"bits"}, {"parameters"}}};
  const auto line = [&](const std::string& label, Bytes bytes, double bits, std::uint64_t elements,
                        const std::string& remark) {
    Line made{{label}, {{gb(bytes)}, {gib(bytes)}}};
    if (elements > 0) {
      made.cells.push_back({fixed(bits, 3)});
      made.cells.push_back({grouped(elements)});
    }
    made.remark = {remark, Style::dim};
    table.lines.push_back(std::move(made));
  };
  if (stored.tensors > 0) {
    const std::string name = stored.file_type.empty() ? "weights" : "weights, " + stored.file_type;
    line(name, stored.tensor_bytes, stored.bits_per_weight(), stored.elements, several(stored.tensors, "tensor"));
    for (const auto& share : stored.shares) {
      const double bits =
          share.elements > 0 ? 8.0 * static_cast<double>(share.bytes.value) / static_cast<double>(share.elements) : 0;
      line("  " + share.type, share.bytes, bits, share.elements, several(share.tensors, "tensor"));
    }
  }
  std::string remark = stored.vocabulary > 0 ? "vocabulary of " + several(stored.vocabulary, "token") : "";
  if (!stored.tokenizer.empty()) remark += (remark.empty() ? "tokenizer " : ", ") + printable(stored.tokenizer);
  line("header", stored.header_bytes, 0, 0, remark);
  line("together", stored.file_bytes, 0, 0, stored.files > 1 ? several(stored.files, "file") : "");
  return table;
}

Row stored_tree(const StoredModel& stored) {
  Row group = Row::group("file", "file");
  group.add(Row::leaf("format", "format", stored.format));
  group.add(Row::leaf("architecture", "architecture", printable(stored.arch)));
  group.add(Row::leaf("file_type", "file type", stored.file_type.empty() ? Value{} : Value(stored.file_type)));
  group.add(Row::leaf("unverified", "unverified", stored.unverified));
  group.add(Row::leaf("files", "files", count_value(stored.files)));
  group.add(Row::leaf("file_bytes", "file", count_value(stored.file_bytes.value)));
  group.add(Row::leaf("header_bytes", "header", count_value(stored.header_bytes.value)));
  group.add(Row::leaf("tensors", "tensors", count_value(stored.tensors)));
  group.add(Row::leaf("elements", "elements of all tensors", count_value(stored.elements)));
  group.add(Row::leaf("tensor_bytes", "weights", count_value(stored.tensor_bytes.value)));
  group.add(Row::leaf("bits_per_weight", "bits per weight", stored.bits_per_weight(),
                      "8 × " + grouped(stored.tensor_bytes.value) + " B / " + grouped(stored.elements)));
  Row& types = group.add(Row::list("types", "tensor types"));
  for (const auto& share : stored.shares) {
    Row row = Row::group("");
    row.add(Row::leaf("type", "type", share.type));
    row.add(Row::leaf("tensors", "tensors", count_value(share.tensors)));
    row.add(Row::leaf("elements", "elements", count_value(share.elements)));
    row.add(Row::leaf("bytes", "bytes", count_value(share.bytes.value)));
    types.add(std::move(row));
  }
  if (!stored.tokenizer.empty()) group.add(Row::leaf("tokenizer", "tokenizer", printable(stored.tokenizer)));
  if (stored.vocabulary > 0)
    group.add(Row::leaf("vocabulary", "tokens of the tokenizer", count_value(stored.vocabulary)));
  return group;
}

void stored_notes(const StoredModel& stored, std::vector<Note>& notes) {
  for (const auto& note : stored.notes) notes.push_back({stored.unverified ? "unverified" : "file", note});
}

}  // namespace paramcount
