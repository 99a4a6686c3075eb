#include "report/checkpoint_report.hpp"

#include <algorithm>
#include <map>

#include "base/numbers.hpp"
#include "base/text.hpp"
#include "paramcount/base/checked.hpp"
#include "paramcount/count/companion.hpp"
#include "report/figures.hpp"
#include "report/tables.hpp"

namespace paramcount {
std::string_view name_of(CheckpointFormat format) {
  switch (format) {
    case CheckpointFormat::safetensors:
      return "safetensors";
    case CheckpointFormat::pytorch:
      return "PyTorch";
    case CheckpointFormat::onnx:
      return "ONNX";
    case CheckpointFormat::gguf:
      break;
  }
  return "GGUF";
}

namespace {

Row share_tree(const StoredSummary::Share& share, const Label& name_key) {
  Row row = Row::group("");
  row.add(Row::leaf(name_key, name_key, share.name));
  row.add(Row::leaf("tensors", "tensors", share.tensors));
  row.add(Row::leaf("elements", "elements", share.elements));
  row.add(Row::leaf("bytes", "bytes", share.bytes));
  return row;
}

/// All tensors by type, as a GGUF spells them.
std::vector<StoredSummary::Share> shares_by_type(const Checkpoint& checkpoint) {
  std::vector<StoredSummary::Share> shares;
  std::map<std::string_view, std::size_t> places;
  for (const auto& tensor : checkpoint.tensors) {
    const auto [place, added] = places.emplace(tensor.dtype, shares.size());
    if (added) shares.push_back({std::string(tensor.dtype), 0, 0, {}});
    auto& share = shares[place->second];
    ++share.tensors;
    share.elements += tensor.elements;
    share.bytes += Bytes{tensor.bytes};
  }
  std::stable_sort(shares.begin(), shares.end(), [](const auto& a, const auto& b) { return a.bytes > b.bytes; });
  return shares;
}

/// What a PyTorch file holds besides its weights.
void torch_rows(const Checkpoint& checkpoint, Row& group) {
  if (!checkpoint.tied.empty()) {
    Row& list = group.add(Row::list("tied", "tied tensors, counted once"));
    for (const auto& tied : checkpoint.tied) {
      Row row = Row::group("");
      row.add(Row::leaf("name", "name", printable(tied.name)));
      row.add(Row::leaf("of", "the tensor they are tied to", printable(tied.of)));
      list.add(std::move(row));
    }
  }
  if (!checkpoint.others.empty()) {
    Row& list = group.add(Row::list("others", "tensors that are not weights"));
    for (const auto& others : checkpoint.others) {
      Row row = Row::group("");
      row.add(Row::leaf("key", "key", printable(others.key)));
      row.add(Row::leaf("what", "what they are", others.what.empty() ? Value{} : Value(std::string(others.what))));
      row.add(Row::leaf("tensors", "tensors", others.tensors));
      row.add(Row::leaf("elements", "elements", others.elements));
      row.add(Row::leaf("bytes", "bytes", Bytes{others.bytes}));
      list.add(std::move(row));
    }
  }
  if (!checkpoint.calls.empty()) {
    Row& list = group.add(Row::list("calls", "what loading the files with Python would call, except for weights"));
    for (const auto name : checkpoint.calls) list.add(Row::leaf("", "", printable(name)));
  }
}

}  // namespace

PageTable checkpoint_table(const StoredSummary& stored, const Figures& figures) {
  PageTable table = own_table("Stored", {{"elements"}, {"bits"}});
  for (auto& head : figures.byte_heads()) table.head.cells.push_back(std::move(head));
  const auto line = [&](std::string label, const std::string& bytes, Cell elements, Cell bits) -> Line& {
    table.lines.push_back(figures.bytes_line(bytes, std::move(label)));
    auto& cells = table.lines.back().cells;
    cells.insert(cells.begin(), {std::move(elements), std::move(bits)});
    return table.lines.back();
  };
  const auto bits_cell = [&](const std::string& group) {
    const std::string key = group + ".bits_per_weight";
    return figures.rounded(key, fixed(figures.number(key), 3));
  };
  const auto share_line = [&](std::string label, const std::string& key, const StoredSummary::Share& share, Cell bits) {
    Line& made = line(std::move(label), key + ".bytes", figures.cell(key + ".elements"), std::move(bits));
    made.remark = {several(share.tensors, "tensor"), Style::dim, key + ".tensors"};
  };
  for (std::size_t i = 0; i < stored.weights.size(); ++i) {
    const auto& share = stored.weights[i];
    const std::string key = "checkpoint.weights." + std::to_string(i);
    share_line("weights, " + share.name, key, share, bits_cell(key));
  }
  for (std::size_t i = 0; i < stored.beside.size(); ++i) {
    const auto& share = stored.beside[i];
    share_line(share.name, "checkpoint.beside." + std::to_string(i), share, {""});
  }
  if (!stored.weights.empty()) {
    line("together", "checkpoint.tensor_bytes", figures.cell("checkpoint.tensor_elements"), bits_cell("checkpoint"));
  }
  std::string remark = several(stored.files, "file") + ", header " + grouped(stored.header_bytes) + " bytes";
  std::string keys = "checkpoint.files checkpoint.header_bytes";
  if (stored.vocabulary > 0) {
    remark += ", vocabulary of " + several(stored.vocabulary, "token");
    keys += " checkpoint.vocabulary";
  }
  if (!stored.tokenizer.empty()) remark += ", tokenizer " + printable(stored.tokenizer);
  line("files", "checkpoint.file_bytes", {""}, {""}).remark = {std::move(remark), Style::dim, std::move(keys)};
  return table;
}

Row checkpoint_tree(const Answer& answer) {
  const auto& stored = *answer.inventory.stored;
  const auto bytes = [](std::uint64_t count) { return Measure(count, Unit::bytes); };
  Row group = Row::group("checkpoint", "checkpoint");
  group.add(Row::leaf("format", "format", lower(name_of(stored.format))));
  group.add(Row::leaf("type", "what it holds", name_of(answer.model.kind())));
  if (stored.format == CheckpointFormat::gguf) {
    const auto& architecture = stored.architecture;
    group.add(Row::leaf("architecture", "architecture", architecture.empty() ? Value{} : printable(architecture)));
    group.add(Row::leaf("file_type", "file type", stored.file_type.empty() ? Value{} : Value(stored.file_type)));
    if (!stored.tokenizer.empty()) group.add(Row::leaf("tokenizer", "tokenizer", printable(stored.tokenizer)));
    if (stored.vocabulary > 0) {
      group.add(Row::leaf("vocabulary", "vocabulary of the tokenizer", Measure(stored.vocabulary, Unit::tokens)));
    }
  }
  group.add(Row::leaf("files", "files", stored.files));
  group.add(Row::leaf("tensors", "tensors", stored.tensors));
  group.add(Row::leaf("header_bytes", "bytes of headers", bytes(stored.header_bytes)));
  group.add(Row::leaf("file_bytes", "bytes of files", bytes(stored.file_bytes)));
  if (is_companion(answer.model.kind())) return group;
  group.add(Row::leaf("elements", "weights", stored.together.elements));
  group.add(Row::leaf("weight_bytes", "bytes of the weights and their scales", bytes(stored.together.bytes.value)));
  group.add(Row::leaf("bits_per_weight", "bits per weight", {stored.together.bits(), Unit::bits},
                      "8 × " + grouped(stored.together.bytes.value) + " B / " + grouped(stored.together.elements)));
  group.add(Row::leaf("tensor_elements", "elements of all tensors", stored.all.elements));
  group.add(Row::leaf("tensor_bytes", "bytes of all tensors", bytes(stored.all.bytes.value)));
  Row& weights = group.add(Row::list("weights", "weights"));
  for (const auto& share : stored.weights) {
    weights.add(share_tree(share, "dtype"))
        .add(Row::leaf("bits_per_weight", "bits per weight", {share.bits(), Unit::bits}));
  }
  Row& beside = group.add(Row::list("beside", "other than weights"));
  for (const auto& share : stored.beside) beside.add(share_tree(share, "what"));
  if (stored.by_family > 0) {
    group.add(Row::leaf("not_understood", "packed tensors whose shapes are from the config", stored.by_family));
  }
  if (!stored.layers.empty()) {
    Row& list = group.add(Row::list("layers", "layers on which config and files disagree"));
    for (const auto& layers : stored.layers) {
      Row row = Row::group("");
      row.add(Row::leaf("config", "layers by the config", layers.config));
      row.add(Row::leaf("files", "layers in the files", layers.held));
      row.add(Row::leaf("numbers", "their numbers", layers.numbers));
      row.add(Row::leaf("followed", "the answer follows the files", layers.followed));
      list.add(std::move(row));
    }
  }
  const auto& model = answer.model;
  if (model.checkpoint) torch_rows(*model.checkpoint, group);
  if (!model.config_file.empty()) group.add(Row::leaf("config", "config read with it", printable(model.config_file)));
  group.add(Row::leaf("unverified", "no family explains every tensor", stored.unverified()));
  if (stored.unexplained.empty() && answer.model.kind() == CheckpointKind::model) {
    group.add(Row::leaf("missing", "tensors of the family missing from the files", stored.missing));
    group.add(Row::leaf("unexpected", "tensors that the family does not have", stored.unexpected));
  }
  group.add(Row::leaf("unnamed_params", "parameters of unknown role", stored.unnamed));
  return group;
}

Row file_tree(const Answer& answer) {
  const auto& stored = *answer.inventory.stored;
  const auto types = shares_by_type(*answer.model.checkpoint);
  StoredSummary::Share all;
  for (const auto& share : types) {
    all.elements += share.elements;
    all.bytes += share.bytes;
  }
  Row group = Row::group("file", "file");
  group.add(Row::leaf("format", "format", "gguf"));
  group.add(Row::leaf("architecture", "architecture", printable(stored.architecture)));
  group.add(Row::leaf("file_type", "file type", stored.file_type.empty() ? Value{} : Value(stored.file_type)));
  group.add(Row::leaf("unverified", "unverified", stored.unverified()));
  group.add(Row::leaf("files", "files", stored.files));
  group.add(Row::leaf("file_bytes", "file", Bytes{stored.file_bytes}));
  group.add(Row::leaf("header_bytes", "header", Bytes{stored.header_bytes}));
  group.add(Row::leaf("tensors", "tensors", stored.tensors));
  group.add(Row::leaf("elements", "elements of all tensors", all.elements));
  group.add(Row::leaf("tensor_bytes", "weights", all.bytes));
  group.add(Row::leaf("bits_per_weight", "bits per weight", all.bits()));
  Row& list = group.add(Row::list("types", "tensor types"));
  for (const auto& share : types) list.add(share_tree(share, "type"));
  if (!stored.tokenizer.empty()) group.add(Row::leaf("tokenizer", "tokenizer", printable(stored.tokenizer)));
  if (stored.vocabulary > 0) {
    group.add(Row::leaf("vocabulary", "vocabulary of the tokenizer", stored.vocabulary));
  }
  return group;
}

std::vector<Note> unverified_notes(const Answer& answer) {
  const auto& stored = *answer.inventory.stored;
  const std::string& family = answer.inventory.family;
  std::vector<Note> notes;
  if (!stored.unexplained.empty()) {
    std::string rest = "and all experts count as active.";
    if (answer.inventory.gguf) {
      const auto& tensors = answer.inventory.tensors;
      const bool all_active = std::any_of(tensors.begin(), tensors.end(), [](const Tensor& tensor) {
        return tensor.role.kind == RoleKind::expert && tensor.active_numerator == tensor.active_denominator;
      });
      rest =
          all_active ? "all experts count as active, and the KV cache is not known." : "and the KV cache is not known.";
    }
    notes.push_back(
        {"unverified", stored.unexplained + ": roles are inferred from tensor names, " + rest, Note::Weight::answer});
  }
  if (!stored.difference.empty()) {
    notes.push_back({"unverified",
                     "counted as stored, but family " + family + " differs: " + stored.difference +
                         ". paramcount verify names them.",
                     Note::Weight::answer});
  }
  if (stored.by_family > 0) {
    notes.push_back({"unverified",
                     "unknown packed format: " + several(stored.by_family, "tensor") + ", " + stored.by_family_first +
                         " first; counted with the shapes that " + printable(answer.model.config_file) + " gives them.",
                     Note::Weight::answer});
  }
  if (!stored.rivals.empty()) {
    notes.push_back({"unverified",
                     "assumed to be " + family + "; the same tensors, with a different KV cache, would also fit " +
                         stored.rivals + ".",
                     Note::Weight::answer});
  }
  return notes;
}

namespace {

/// What a PyTorch file holds besides its weights.
void torch_notes(const Checkpoint& checkpoint, std::vector<Note>& notes) {
  if (!checkpoint.tied.empty()) {
    const auto& first = checkpoint.tied.front();
    std::string text = printable(first.name) + " shares its storage with " + printable(first.of);
    if (checkpoint.tied.size() > 1) text += ", and " + several(checkpoint.tied.size() - 1, "tensor") + " with others";
    notes.push_back({"tied", text + ": counted once."});
  }
  if (!checkpoint.others.empty()) {
    constexpr std::size_t kFew = 3;
    std::string text;
    std::uint64_t elements = 0;
    for (std::size_t i = 0; i < checkpoint.others.size(); ++i) {
      const auto& others = checkpoint.others[i];
      elements = checked_add(elements, others.elements);
      if (i >= kFew) continue;
      text += (text.empty() ? "" : ", ") + printable(others.key);
      if (!others.what.empty()) text += " (" + std::string(others.what) + ")";
    }
    if (checkpoint.others.size() > kFew) text += " and " + grouped(checkpoint.others.size() - kFew) + " more";
    notes.push_back({"not counted", text + ": " + grouped(elements) + " numbers.", Note::Weight::answer});
  }
  if (!checkpoint.calls.empty()) {
    std::string text = "loading the file with Python calls " + printable(checkpoint.calls.front());
    if (checkpoint.calls.size() > 1) text += " and " + grouped(checkpoint.calls.size() - 1) + " more";
    notes.push_back({"calls", text + "; paramcount calls nothing.", Note::Weight::answer});
  }
}

/// Types that llama.cpp does not have, and bytes that belong to nothing.
void layout_notes(const Checkpoint& checkpoint, std::vector<Note>& notes) {
  for (const auto& foreign : checkpoint.foreign_types) {
    const std::string name = "type " + std::to_string(foreign.number);
    std::string text = "not a llama.cpp tensor type";
    if (!foreign.known_as.empty()) {
      text = std::string(foreign.known_as) + " in llama.cpp, which takes " + grouped(foreign.known_bytes) +
             " bytes; the offsets leave " + grouped(foreign.bytes) + ": a different program's type with that number";
    }
    notes.push_back({name,
                     text + ". " + several(foreign.tensors, "tensor") +
                         ": parameters follow the shapes, bytes the offsets, including padding.",
                     Note::Weight::answer});
  }
  if (checkpoint.unclaimed_bytes > 0) {
    notes.push_back({"gaps", grouped(checkpoint.unclaimed_bytes) + " bytes between tensors belong to no tensor.",
                     Note::Weight::answer});
  }
}

}  // namespace

std::vector<Note> checkpoint_notes(const Answer& answer) {
  const auto& stored = *answer.inventory.stored;
  std::string read = "the " + std::string(name_of(stored.format)) + " headers of " + several(stored.files, "file") +
                     ", " + several(stored.tensors, "tensor");
  if (!stored.file_type.empty()) read += ", mostly " + stored.file_type;
  if (stored.unexplained.empty() && answer.model.kind() == CheckpointKind::model &&
      (answer.inventory.gguf || !answer.model.config_file.empty())) {
    read += answer.inventory.gguf ? "; its metadata gives the architecture"
                                  : "; " + printable(answer.model.config_file) + " gives the architecture";
  }
  read += stored.tensors > 0 || answer.model.kind() != CheckpointKind::model ? ". Counts are of what the files contain."
                                                                             : ". It contains metadata but no weights.";
  std::vector<Note> notes{{"read", std::move(read)}};
  if (stored.shards > 0) {
    notes.push_back({"file",
                     "number " + grouped(stored.shard) + " of " + grouped(stored.shards) +
                         "; the folder or the index counts them all.",
                     Note::Weight::answer});
  }
  for (auto& note : unverified_notes(answer)) notes.push_back(std::move(note));
  if (answer.model.checkpoint) {
    layout_notes(*answer.model.checkpoint, notes);
    torch_notes(*answer.model.checkpoint, notes);
  }
  if (!answer.not_applied.empty()) {
    notes.push_back({"not applied",
                     answer.not_applied + ": " + std::string(noun_of(answer.model.kind())) +
                         " has no context, cache or training run of its own.",
                     Note::Weight::answer});
  }
  for (const auto& layers : stored.layers) {
    notes.push_back({"layers",
                     printable(answer.model.config_file) + " says " + grouped(layers.config) + ", the files hold " +
                         grouped(layers.held) + " (" + layers.numbers + "): " +
                         (layers.followed ? "layers and KV cache follow the files."
                                          : "the KV cache follows the config's layers and is too small."),
                     Note::Weight::answer});
  }
  if (stored.doubtful_biases > 0) {
    notes.push_back({"biases", grouped(stored.doubtful_biases) +
                                   " parameters are biases of GPTQ weights, which AutoGPTQ writes as "
                                   "zeros if a model has none: a config.json would tell."});
  }
  if (stored.unnamed > 0 && !answer.inventory.adapter) {
    notes.push_back(
        {"other", grouped(stored.unnamed) + " parameters have names that no known family has.", Note::Weight::answer});
  }
  return notes;
}

}  // namespace paramcount
