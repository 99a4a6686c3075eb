// A checkpoint's contents from its header: tensors and metadata, whatever the file format. Weights are never read, and
// nothing here depends on the architecture.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "paramcount/base/value.hpp"
#include "paramcount/catalog/packed_format.hpp"

namespace paramcount {

enum class CheckpointFormat : std::uint8_t { safetensors, gguf, pytorch, onnx };

/// What files contain: a model, or something that goes with one.
enum class CheckpointKind : std::uint8_t {
  model,
  adapter,         ///< matrices trained on top of a frozen model
  mmproj,          ///< image and audio encoders, which llama.cpp stores in a separate file
  vocabulary,      ///< a tokenizer without weights
  imatrix,         ///< an importance matrix: statistics that a quantiser reads
  control_vector,  ///< directions that are added to a model's hidden states
};
/// "mmproj": as JSON names it.
[[nodiscard]] std::string_view name_of(CheckpointKind kind);
/// "an importance matrix": as a sentence names it.
[[nodiscard]] std::string_view noun_of(CheckpointKind kind);

struct StoredTensor {
  std::string_view name;   ///< owned by the checkpoint
  std::string_view dtype;  ///< as the format spells it: "BF16", "q4_k", "type 156"; static, or the checkpoint's
  std::vector<std::uint64_t> shape;  ///< outermost first, as PyTorch prints it; empty for a scalar
  std::uint64_t elements{0};         ///< the product of the shape
  std::uint64_t bytes{0};
  std::uint64_t offset{0};  ///< from the start of its file
  std::uint32_t file{0};    ///< position in Checkpoint::files
};

/// A tensor type of a GGUF that llama.cpp does not have: an unknown number, or the offsets leave its tensors a
/// different number of bytes than llama.cpp's type with that number. Their bytes follow the offsets, including padding.
struct ForeignType {
  std::uint32_t number{0};
  std::string_view known_as;     ///< what llama.cpp calls that number; empty: nothing
  std::uint64_t known_bytes{0};  ///< what its type would take
  std::uint64_t tensors{0};
  std::uint64_t bytes{0};
};

/// A tied tensor, as torch.save stores it: `name` is not a tensor of the checkpoint.
struct TiedName {
  std::string_view name, of;
};

/// Tensors of a PyTorch file other than weights: optimizer states, averages, random number generator states.
struct OtherTensors {
  std::string_view key;   ///< under which the file has them: "optimizer_state_dict"
  std::string_view what;  ///< "optimizer states"; empty: not known
  std::uint64_t tensors{0}, elements{0}, bytes{0};
};

/// What a graph uses a tensor for, if not as a weight of the tensor's own shape.
struct GraphUse {
  enum class Kind : std::uint8_t { packed, scale, zero };
  std::uint32_t tensor{0};
  Kind kind{Kind::scale};
  std::vector<std::uint64_t> shape;  ///< of packed weights
  std::uint64_t bits{0};             ///< the same
};

struct Checkpoint {
  CheckpointFormat format{};
  CheckpointKind kind{};
  std::string path;                   ///< as it was named
  std::vector<std::string> files;     ///< paths of the shards, in order
  std::vector<StoredTensor> tensors;  ///< in the order of the files, and within one of its header
  /// An object: for safetensors `__metadata__` of the first file that has one; for GGUF all key-value pairs, with long
  /// arrays as {"type", "length"}.
  Value metadata;
  // For safetensors with integers, by the configs next to them.
  Value packed_settings;                   ///< a quantiser's
  std::vector<PackedWidth> packed_widths;  ///< the bits and groups in them
  std::vector<GraphUse> graph_uses;        ///< of ONNX, by tensor
  std::vector<ForeignType> foreign_types;  ///< of a GGUF
  std::uint64_t unclaimed_bytes{0};        ///< of a GGUF: between tensors, besides padding
  // Of PyTorch files.
  std::vector<TiedName> tied;
  std::vector<OtherTensors> others;
  std::vector<std::string_view> calls;  ///< outside the weights, what loading the files with Python would call
  std::uint64_t header_bytes{0};        ///< of all files together
  std::uint64_t file_bytes{0};          ///< of all files together
  std::shared_ptr<const void> texts;    ///< what the names point into
};

/// Reads headers: a file, the index of several, a folder, or the first part of a split GGUF. Throws Error naming the
/// file, the byte and the problem. Never follows a length beyond the end of the file.
[[nodiscard]] Checkpoint read_safetensors(const std::string& path);
[[nodiscard]] Checkpoint read_gguf(const std::string& path);
/// PyTorch's zip files, those of before 1.6 and Meta's parts of a model. Nothing of them is run or loaded.
[[nodiscard]] Checkpoint read_torch(const std::string& path);

/// The tensors of an ONNX graph with more than one element; external data files need not exist.
[[nodiscard]] Checkpoint read_onnx(const std::string& path);

/// Whichever of these the path is, by its first bytes (a folder: by what it holds).
[[nodiscard]] Checkpoint read_checkpoint(const std::string& path);

}  // namespace paramcount
