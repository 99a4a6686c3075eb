#include "read/gguf_kind.hpp"

#include <algorithm>
#include <array>
#include <initializer_list>

namespace paramcount {
namespace {

struct Kind {
  CheckpointKind kind;
  std::string_view name;  ///< of the types, as general.type spells it
  std::string_view noun;
};

/// Source of the types: llama.cpp, gguf-py/gguf/constants.py (GGUFType). Vocabularies have the type "model", control
/// vectors none.
constexpr std::array<Kind, 6> kKinds{{{CheckpointKind::model, "model", "a model"},
                                      {CheckpointKind::adapter, "adapter", "an adapter"},
                                      {CheckpointKind::mmproj, "mmproj", "a multimodal projector (mmproj)"},
                                      {CheckpointKind::vocabulary, "vocabulary", "a vocabulary without weights"},
                                      {CheckpointKind::imatrix, "imatrix", "an importance matrix (imatrix)"},
                                      {CheckpointKind::control_vector, "control_vector", "a control vector"}}};

bool has(const Checkpoint& checkpoint, std::string_view key) { return checkpoint.metadata.find(key) != nullptr; }

/// Whether there are tensors, and the name of each ends with one of these.
bool all_end(const Checkpoint& checkpoint, std::initializer_list<std::string_view> endings) {
  const auto& tensors = checkpoint.tensors;
  return !tensors.empty() && std::ranges::all_of(tensors, [&](const StoredTensor& tensor) {
    return std::ranges::any_of(endings, [&](std::string_view ending) { return tensor.name.ends_with(ending); });
  });
}

}  // namespace

std::string_view name_of(CheckpointKind kind) { return kKinds[static_cast<std::size_t>(kind)].name; }
std::string_view noun_of(CheckpointKind kind) { return kKinds[static_cast<std::size_t>(kind)].noun; }

CheckpointKind gguf_kind(const Checkpoint& checkpoint) {
  const auto* type = checkpoint.metadata.find<std::string>("general.type");
  const std::string architecture = checkpoint.metadata.text("general.architecture");
  if (type != nullptr && *type != "model") {
    const auto said = std::ranges::find_if(kKinds, [&](const Kind& kind) { return kind.name == *type; });
    if (said != kKinds.end()) return said->kind;
  }
  if (architecture == "clip") return CheckpointKind::mmproj;
  if (architecture == "controlvector") return CheckpointKind::control_vector;
  if (has(checkpoint, "imatrix.chunk_count") || all_end(checkpoint, {".in_sum2", ".in_sum", ".counts"})) {
    return CheckpointKind::imatrix;
  }
  if (has(checkpoint, "adapter.type") || all_end(checkpoint, {".lora_a", ".lora_b"})) return CheckpointKind::adapter;
  if (checkpoint.tensors.empty() && has(checkpoint, "tokenizer.ggml.tokens")) return CheckpointKind::vocabulary;
  return CheckpointKind::model;
}

}  // namespace paramcount
