#include "report/checkpoint_report.hpp"

#include "base/numbers.hpp"
#include "base/text.hpp"
#include "read/shards.hpp"
#include "report/figures.hpp"

namespace paramcount {
namespace {

std::string_view name_of(CheckpointFormat format) {
  return format == CheckpointFormat::safetensors ? "safetensors" : "GGUF";
}

Row share_tree(const StoredSummary::Share& share, const Label& name_key) {
  Row row = Row::group("");
  row.add(Row::leaf(name_key, name_key, share.name));
  row.add(Row::leaf("tensors", "tensors", count_value(share.tensors)));
  row.add(Row::leaf("elements", "elements", count_value(share.elements)));
  row.add(Row::leaf("bytes", "bytes", count_value(share.bytes.value)));
  return row;
}

}  // namespace

PageTable checkpoint_table(const StoredSummary& stored) {
  PageTable table;
  table.own_grid = true;
  table.head = {{"Stored", Style::strong}, {{"elements"}, {"GB"}, {"GiB"}}};
  const auto line = [&](const std::string& label, const StoredSummary::Share& share) {
    Line made{{label}, {{grouped(share.elements)}, {gb(share.bytes)}, {gib(share.bytes)}}};
    made.remark = {several(share.tensors, "tensor"), Style::dim};
    table.lines.push_back(std::move(made));
  };
  for (const auto& share : stored.weights) line("weights, " + share.name, share);
  for (const auto& share : stored.beside) line(share.name, share);
  Line all{{"together"}, {{""}, {gb(stored.bytes)}, {gib(stored.bytes)}}};
  all.remark = {significant(stored.bits_per_weight, 3) + " bits a weight", Style::dim};
  table.lines.push_back(std::move(all));
  return table;
}

Row checkpoint_tree(const Answer& answer) {
  const auto& stored = *answer.inventory.stored;
  Row group = Row::group("checkpoint", "checkpoint");
  group.add(Row::leaf("format", "format", lower(name_of(stored.format))));
  group.add(Row::leaf("files", "files", count_value(stored.files)));
  group.add(Row::leaf("tensors", "tensors", count_value(stored.tensors)));
  group.add(Row::leaf("header_bytes", "bytes of headers", count_value(stored.header_bytes)));
  group.add(Row::leaf("file_bytes", "bytes of files", count_value(stored.file_bytes)));
  group.add(Row::leaf("weight_bytes", "bytes of the weights and their scales", count_value(stored.bytes.value)));
  group.add(Row::leaf("bits_per_weight", "bits a weight", stored.bits_per_weight));
  Row& weights = group.add(Row::list("weights", "weights"));
  for (const auto& share : stored.weights) weights.add(share_tree(share, "dtype"));
  Row& beside = group.add(Row::list("beside", "beside the weights"));
  for (const auto& share : stored.beside) beside.add(share_tree(share, "what"));
  const auto& model = answer.model;
  if (!model.config_file.empty()) group.add(Row::leaf("config", "config read with it", printable(model.config_file)));
  if (stored.explained) {
    group.add(Row::leaf("missing", "tensors the family has and the files lack", count_value(stored.missing)));
    group.add(Row::leaf("unexpected", "tensors the family does not have", count_value(stored.unexpected)));
  }
  group.add(Row::leaf("unnamed_params", "parameters of unknown role", count_value(stored.unnamed)));
  return group;
}

std::vector<Note> checkpoint_notes(const Answer& answer) {
  const auto& stored = *answer.inventory.stored;
  const auto& model = answer.model;
  std::vector<Note> notes;
  notes.push_back({"read", "the " + std::string(name_of(stored.format)) + " headers of " +
                               several(stored.files, "file") + ", " + several(stored.tensors, "tensor") +
                               (model.config_file.empty() || !stored.explained
                                    ? std::string()
                                    : "; " + printable(model.config_file) + " gives the architecture") +
                               ". Counts are of what the files hold."});
  const auto shard = shard_of(model.origin);
  if (shard && shard->count > stored.files) {
    notes.push_back({"file", "number " + grouped(shard->number) + " of " + grouped(shard->count) +
                                 "; the folder or the index counts them all."});
  }
  if (!stored.explained) {
    const std::string config = printable(model.config_file);
    const std::string why = stored.other_model ? (config.empty() ? "the metadata" : config) + " is of another model"
                            : config.empty()   ? "there is no config.json"
                                               : config + " is not used: " + model.config_problem;
    notes.push_back({"roles", "by names alone, as " + why + "; of experts, all are taken for active."});
  } else if (stored.missing + stored.unexpected > 0) {
    notes.push_back({"files", several(stored.missing, "tensor") + " of the architecture missing, " +
                                  several(stored.unexpected, "tensor") +
                                  " not its own; paramcount verify names them."});
  }
  if (stored.unnamed > 0) {
    notes.push_back({"other", grouped(stored.unnamed) + " parameters whose names no known family has."});
  }
  return notes;
}

}  // namespace paramcount
