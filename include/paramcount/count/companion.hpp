// A GGUF that goes with a model but contains none of its parameters: a vocabulary, an importance matrix, a control
// vector.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "paramcount/read/checkpoint.hpp"

namespace paramcount {

/// Each kind fills what it has.
struct CompanionSummary {
  std::string tokenizer;                            ///< of a vocabulary: tokenizer.ggml.model
  std::uint64_t vocabulary{0};                      ///< tokens
  std::uint64_t entries{0};                         ///< of an importance matrix: weights that it has statistics for
  std::optional<std::uint64_t> chunks, chunk_size;  ///< of text it was made from; tokens of one
  std::vector<std::string> datasets;                ///< files of text it was made from
  std::uint64_t layers{0};                          ///< of a control vector: layers with a direction
  std::uint64_t width{0};                           ///< of a direction: the model's hidden size; 0 where they differ
  std::string model_hint;                           ///< the architecture it was made for
};

/// Sources: llama.cpp, tools/imatrix/imatrix.cpp, tools/cvector-generator/cvector-generator.cpp.
[[nodiscard]] CompanionSummary read_companion(const Checkpoint& checkpoint);

/// Whether the kind is one of these: it has no parameters.
[[nodiscard]] bool is_companion(CheckpointKind kind);

}  // namespace paramcount
