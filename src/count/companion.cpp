#include "paramcount/count/companion.hpp"

#include "base/text.hpp"
#include "count/gguf_metadata.hpp"

namespace paramcount {
namespace {

std::optional<std::uint64_t> whole_of(const Checkpoint& checkpoint, std::string_view key) {
  const auto* whole = checkpoint.metadata.find<std::int64_t>(key);
  if (whole == nullptr || *whole < 0) return std::nullopt;
  return static_cast<std::uint64_t>(*whole);
}

void read_imatrix(const Checkpoint& checkpoint, CompanionSummary& summary) {
  for (const auto& tensor : checkpoint.tensors) {
    if (tensor.name.ends_with(".in_sum2")) ++summary.entries;
  }
  summary.chunks = whole_of(checkpoint, "imatrix.chunk_count");
  summary.chunk_size = whole_of(checkpoint, "imatrix.chunk_size");
  const auto* list = checkpoint.metadata.find<Value::List>("imatrix.datasets");
  if (list == nullptr) return;
  for (const auto& item : *list) {
    if (const auto* text = item.as<std::string>()) summary.datasets.push_back(printable(*text));
  }
}

void read_control_vector(const Checkpoint& checkpoint, CompanionSummary& summary) {
  summary.model_hint = checkpoint.metadata.text("controlvector.model_hint");
  for (const auto& tensor : checkpoint.tensors) {
    if (!tensor.name.starts_with("direction.")) continue;
    if (++summary.layers == 1) summary.width = tensor.elements;
    if (summary.width != tensor.elements) summary.width = 0;
  }
}

}  // namespace

CompanionSummary read_companion(const Checkpoint& checkpoint) {
  CompanionSummary summary;
  summary.tokenizer = checkpoint.metadata.text("tokenizer.ggml.model");
  summary.vocabulary = metadata_length(checkpoint, "tokenizer.ggml.tokens");
  if (checkpoint.kind == CheckpointKind::imatrix) read_imatrix(checkpoint, summary);
  if (checkpoint.kind == CheckpointKind::control_vector) read_control_vector(checkpoint, summary);
  return summary;
}

bool is_companion(CheckpointKind kind) {
  return kind == CheckpointKind::vocabulary || kind == CheckpointKind::imatrix ||
         kind == CheckpointKind::control_vector;
}

}  // namespace paramcount
