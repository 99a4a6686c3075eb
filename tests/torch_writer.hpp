// PyTorch files for tests, put together byte by byte from the formats' descriptions (Lib/pickletools.py, PKWARE's
// APPNOTE, torch/serialization.py), without any code of the readers. The numbers themselves are zeros.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace paramcount {

/// Little-endian.
[[nodiscard]] std::string le(std::uint64_t value, std::size_t bytes);

/// Operations of a pickle, one after the other.
class PickleWriter {
 public:
  PickleWriter& raw(std::string_view bytes) {
    bytes_ += bytes;
    return *this;
  }
  PickleWriter& mark() { return raw("("); }
  PickleWriter& global(std::string_view module, std::string_view name);
  PickleWriter& text(std::string_view text);
  PickleWriter& integer(std::int64_t value);
  PickleWriter& integers(const std::vector<std::uint64_t>& values);  ///< a tuple
  /// collections.OrderedDict(), to be filled.
  PickleWriter& ordered() { return global("collections", "OrderedDict").raw(")R"); }
  /// The whole pickle.
  [[nodiscard]] std::string done() const { return "\x80\x02" + bytes_ + "."; }
  [[nodiscard]] const std::string& bytes() const { return bytes_; }

 private:
  std::string bytes_;
};

struct NewTorchTensor {
  std::string name;
  std::vector<std::uint64_t> shape;
  std::string storage_class{"BFloat16Storage"};
  std::string key{};                     ///< empty: the tensor's position
  std::uint64_t first{0};                ///< in the storage
  std::vector<std::uint64_t> strides{};  ///< empty: contiguous
  std::uint64_t numbers{0};              ///< of the storage; 0: those of the shape
};

[[nodiscard]] std::uint64_t bytes_of_class(std::string_view storage_class);
/// Gives every tensor its key, strides and storage.
[[nodiscard]] std::vector<NewTorchTensor> placed(std::vector<NewTorchTensor> tensors);

/// _rebuild_tensor_v2 of one tensor.
[[nodiscard]] std::string pickled(const NewTorchTensor& tensor);
/// A dictionary of them by their names.
[[nodiscard]] std::string pickled(const std::vector<NewTorchTensor>& tensors);
/// A dictionary of values that are pickled already.
[[nodiscard]] std::string pickled_dict(const std::vector<std::pair<std::string, std::string>>& entries);

struct NewZipEntry {
  std::string name, data;
  std::uint16_t method{0}, flags{0};
};
struct ZipOptions {
  bool sizes_follow{false};  ///< as PyTorch writes: no sizes in front of the data, a descriptor behind them
  bool large{false};         ///< 64-bit fields, although nothing needs them
  std::string comment{};
};
[[nodiscard]] std::string zip_of(const std::vector<NewZipEntry>& entries, const ZipOptions& options = {});

/// What torch.save writes since 1.6, with a pickle's value and the storages of these tensors.
[[nodiscard]] std::string torch_zip(const std::string& value, const std::vector<NewTorchTensor>& tensors,
                                    const ZipOptions& options = {});
[[nodiscard]] std::string torch_zip(const std::vector<NewTorchTensor>& tensors);
/// The same before 1.6.
[[nodiscard]] std::string torch_legacy(const std::string& value, const std::vector<NewTorchTensor>& tensors);

/// Whether the bytes are read, refused, or something else happens; the error where there is one.
struct Outcome {
  bool read{false};
  std::string error;
  std::uint64_t elements{0};  ///< of all tensors together
};
/// Of a PyTorch file of these bytes, through the reader of single files.
[[nodiscard]] Outcome read_torch_bytes(const std::string& bytes);

}  // namespace paramcount
