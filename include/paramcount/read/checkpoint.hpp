// What the header of a checkpoint says it holds: tensors and metadata, whatever the file format. Weights are never
// read, and nothing here knows an architecture.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "paramcount/base/value.hpp"

namespace paramcount {

enum class CheckpointFormat : std::uint8_t { safetensors, gguf };

struct StoredTensor {
  std::string_view name;             ///< owned by the checkpoint
  std::string_view dtype;            ///< as the format spells it: "BF16", "F8_E4M3", "q4_k"; static
  std::vector<std::uint64_t> shape;  ///< outermost first, as PyTorch prints it; empty for a scalar
  std::uint64_t elements{0};         ///< the product of the shape
  std::uint64_t bytes{0};
  std::uint64_t offset{0};  ///< from the start of its file
  std::uint32_t file{0};    ///< position in Checkpoint::files
};

struct Checkpoint {
  CheckpointFormat format{};
  std::string path;                   ///< as it was named
  std::vector<std::string> files;     ///< paths of the shards, in order
  std::vector<StoredTensor> tensors;  ///< in the order of the files, and within one of its header
  /// An object: of safetensors `__metadata__` of the first file that has one; of GGUF all key-value pairs, long arrays
  /// as {"type", "length"}.
  Value metadata;
  std::uint64_t header_bytes{0};      ///< of all files together
  std::uint64_t file_bytes{0};        ///< of all files together
  std::shared_ptr<const void> texts;  ///< what the names point into
};

/// Reads headers: a file, the index of several, a folder, or the first part of a split GGUF. Throws Error naming the
/// file, the byte and what is wrong. Never follows a length further than the file reaches.
[[nodiscard]] Checkpoint read_safetensors(const std::string& path);
[[nodiscard]] Checkpoint read_gguf(const std::string& path);

/// Whichever of the two the path is, by its first bytes (a folder: by what it holds). Pickled checkpoints are refused
/// by name.
[[nodiscard]] Checkpoint read_checkpoint(const std::string& path);

}  // namespace paramcount
