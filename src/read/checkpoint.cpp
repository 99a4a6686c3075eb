// Detects checkpoint formats by their first bytes.
#include "paramcount/read/checkpoint.hpp"

#include <algorithm>

#include "base/file.hpp"
#include "base/text.hpp"
#include "paramcount/base/error.hpp"
#include "read/packed_widths.hpp"
#include "read/shards.hpp"
#include "read/source.hpp"
#include "read/torch_files.hpp"

namespace paramcount {
namespace {

/// With what the configs next to it say about packed weights, if there may be any.
Checkpoint read_packed(const std::string& path, Checkpoint (*read)(const std::string&)) {
  Checkpoint checkpoint = read(path);
  const bool integers = std::ranges::any_of(checkpoint.tensors, [](const auto& tensor) {
    return tensor.dtype.front() == 'U' || tensor.dtype.front() == 'I';
  });
  if (integers) {
    checkpoint.packed_settings = read_packed_settings(path);
    checkpoint.packed_widths = packed_widths(checkpoint.packed_settings);
  }
  return checkpoint;
}

bool holds_torch(const std::string& folder) {
  const auto names = files_in(folder, "");
  return std::ranges::any_of(
      names, [](const auto& name) { return is_torch_name(name) || is_torch_index(name) || is_distributed_name(name); });
}

Checkpoint read_folder(const std::string& path) {
  const std::string folder = with_slash(path);
  if (!files_in(folder, ".safetensors").empty() || !files_in(folder, ".safetensors.index.json").empty()) {
    return read_packed(path, read_safetensors);
  }
  // A config.json belongs to PyTorch's files, not to a GGUF.
  const bool torch = has_torch_weights(folder) && is_file(folder + "config.json");
  const auto ggufs = files_in(folder, ".gguf");
  if (!ggufs.empty() && !torch) {
    const auto shard = shard_of(ggufs.front());
    const std::size_t parts = shard ? static_cast<std::size_t>(shard->count) : 1;
    if (ggufs.size() > parts) {
      throw Error(printable(path) + ": several GGUF files, including " + printable(ggufs.front()) + " and " +
                  printable(ggufs.back()) + ". Name one");
    }
    return read_gguf(folder + ggufs.front());
  }
  if (has_torch_weights(folder)) return read_packed(path, read_torch);
  const auto graphs = files_in(folder, ".onnx");
  if (graphs.size() > 1) {
    throw Error(printable(path) + ": several ONNX graphs, including " + printable(graphs.front()) + " and " +
                printable(graphs.back()) + ". Name one");
  }
  if (!graphs.empty()) return read_onnx(folder + graphs.front());
  if (holds_torch(folder)) return read_packed(path, read_torch);
  throw Error(printable(path) + ": a folder without a checkpoint (.safetensors, .gguf, .onnx, .bin, .pt, .pth, .ckpt)");
}

}  // namespace

Checkpoint read_checkpoint(const std::string& path) {
  if (is_folder(path)) return read_folder(path);
  const std::string start = first_bytes(open_source(path), 16);
  const std::string_view first = start;
  if (first.starts_with("GGUF") || path.ends_with(".gguf")) return read_gguf(path);
  if (path.ends_with(".safetensors") || path.ends_with(".safetensors.index.json"))
    return read_packed(path, read_safetensors);
  if (path.ends_with(".onnx")) return read_onnx(path);
  // A zip archive is how PyTorch stores pickles; 0x80 begins a bare one.
  if (first.starts_with("PK\x03\x04") || first.front() == '\x80' || is_torch_name(path) || is_torch_index(path) ||
      is_distributed_name(path)) {
    return read_packed(path, read_torch);
  }
  if (first[8] == '{') return read_packed(path, read_safetensors);
  throw Error(printable(path) + ": not a checkpoint: neither safetensors, GGUF, PyTorch nor ONNX");
}

}  // namespace paramcount
