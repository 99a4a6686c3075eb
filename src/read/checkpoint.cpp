// Telling checkpoints apart by their first bytes.
#include "paramcount/read/checkpoint.hpp"

#include <algorithm>
#include <array>

#include "base/file.hpp"
#include "base/text.hpp"
#include "paramcount/base/error.hpp"
#include "read/packed_widths.hpp"
#include "read/shards.hpp"
#include "read/source.hpp"

namespace paramcount {
namespace {

constexpr std::array<std::string_view, 6> kPickleEndings{".bin", ".pth", ".pt", ".ckpt", ".pkl", ".pickle"};

[[noreturn]] void refuse_pickle(const std::string& path) {
  throw Error(printable(path) +
              ": a pickled checkpoint: reading one runs the code in it. Convert it to safetensors, or give the "
              "config.json beside it");
}

bool is_pickle_name(std::string_view path) {
  return std::any_of(kPickleEndings.begin(), kPickleEndings.end(),
                     [&](std::string_view ending) { return path.ends_with(ending); });
}

/// With what the configs beside it say of packed weights, where there may be any.
Checkpoint read_packed(const std::string& path) {
  Checkpoint checkpoint = read_safetensors(path);
  const bool integers = std::any_of(checkpoint.tensors.begin(), checkpoint.tensors.end(), [](const auto& tensor) {
    return tensor.dtype.front() == 'U' || tensor.dtype.front() == 'I';
  });
  if (integers) checkpoint.packed_widths = read_packed_widths(path);
  return checkpoint;
}

Checkpoint read_folder(const std::string& path) {
  const std::string folder = path + (path.ends_with('/') ? "" : "/");
  if (!files_in(folder, ".safetensors").empty() || !files_in(folder, ".safetensors.index.json").empty()) {
    return read_packed(path);
  }
  const auto ggufs = files_in(folder, ".gguf");
  if (!ggufs.empty()) {
    const auto shard = shard_of(ggufs.front());
    const std::size_t parts = shard ? static_cast<std::size_t>(shard->count) : 1;
    if (ggufs.size() > parts) {
      throw Error(printable(path) + ": several GGUF files, " + printable(ggufs.front()) + " and " +
                  printable(ggufs.back()) + " among them. Name one");
    }
    return read_gguf(folder + ggufs.front());
  }
  for (const auto ending : kPickleEndings) {
    if (const auto names = files_in(folder, ending); !names.empty()) refuse_pickle(folder + names.front());
  }
  throw Error(printable(path) + ": a folder without a checkpoint (.safetensors, .gguf)");
}

}  // namespace

Checkpoint read_checkpoint(const std::string& path) {
  if (is_folder(path)) return read_folder(path);
  const std::string start = first_bytes(open_source(path), 16);
  const std::string_view first = start;
  if (first.starts_with("GGUF") || path.ends_with(".gguf")) return read_gguf(path);
  if (path.ends_with(".safetensors") || path.ends_with(".safetensors.index.json")) return read_packed(path);
  // A zip archive is how PyTorch stores pickles; 0x80 begins a bare one.
  if (first.starts_with("PK\x03\x04") || first.front() == '\x80' || is_pickle_name(path)) refuse_pickle(path);
  if (first[8] == '{') return read_packed(path);
  throw Error(printable(path) + ": no checkpoint: neither safetensors nor GGUF");
}

}  // namespace paramcount
