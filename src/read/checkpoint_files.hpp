// The files of a checkpoint: a single one, the shards named by an index, or those of a folder; for every format with
// shards side by side.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "paramcount/read/checkpoint.hpp"
#include "read/source.hpp"

namespace paramcount {

/// What names of tensors point into.
using CheckpointTexts = std::vector<std::unique_ptr<char[]>>;

struct FileFormat {
  CheckpointFormat format{};
  std::string_view name;                      ///< "safetensors": in errors
  std::span<const std::string_view> endings;  ///< of its files: ".safetensors"
  std::string_view index_ending;              ///< ".safetensors.index.json"
  /// What the libraries that write such files call the one of a folder; other files next to it are other variants.
  std::span<const std::string_view> usual_stems;
  /// Whether a file of that name may hold weights.
  bool (*may_be)(std::string_view name);
  /// Adds the tensors of one file. Throws Error that names the file.
  void (*read_one)(const Source& source, Checkpoint& out, CheckpointTexts& texts);
};

/// Reads a file, the files that an index names, or those of a folder. Throws Error naming the file and what is wrong:
/// a shard that is missing, a name in two files, several checkpoints in a folder.
[[nodiscard]] Checkpoint read_checkpoint_files(const std::string& path, const FileFormat& format);

/// That many bytes of the source, and JsonScanner's padding.
[[nodiscard]] std::unique_ptr<char[]> read_padded(const Source& source, std::uint64_t offset, std::size_t count);

}  // namespace paramcount
