// The contents of a PyTorch checkpoint's pickle: tensors with their names, and which of them are weights. Optimizer
// states, averages and settings of a training run are recognised by their keys. Source: torch/_utils.py (the functions
// that rebuild tensors), torch/serialization.py (names of storages).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "read/pickle.hpp"

namespace paramcount {

/// The storage that holds a tensor's numbers; several may share one.
struct TorchStorage {
  std::string_view key;  ///< the pickle's: its name in the archive
  std::uint64_t elements{0};
  std::uint64_t element_bytes{0};
  [[nodiscard]] std::uint64_t bytes() const { return elements * element_bytes; }
};

struct TorchTensor {
  std::string name;
  std::string_view dtype;  ///< as safetensors spells it
  std::uint64_t element_bytes{0};
  std::vector<std::uint64_t> shape, strides;  ///< outermost first; strides in elements
  std::uint64_t elements{0};
  std::uint64_t first{0};   ///< where it begins in its storage, in elements
  std::uint64_t extent{0};  ///< elements from its first to behind its last; that of an empty one is 0
  std::uint32_t storage{0};
};

/// Tensors that a file stores in addition to the weights, under one key.
struct TorchPart {
  std::string key;
  std::string_view what;
  std::vector<TorchTensor> tensors;
};

struct TorchContents {
  std::vector<TorchStorage> storages;  ///< all that the pickle names, also of what is dropped
  std::vector<TorchTensor> weights;    ///< no name twice
  std::vector<TorchPart> parts;
  std::vector<std::string> calls;  ///< callables outside the weights, by name
};

/// Storages hold what their names say, and tensors lie inside their storages; both in numbers that were multiplied with
/// care. Throws Error "what": "calls posix.system: not a list of tensors".
[[nodiscard]] TorchContents torch_contents(const Pickle& pickle);

}  // namespace paramcount
