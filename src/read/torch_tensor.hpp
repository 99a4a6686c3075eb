// One tensor of a PyTorch pickle: number format, shape, strides and storage.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "read/pickle.hpp"
#include "read/torch_contents.hpp"

namespace paramcount {

class TorchTensors {
 public:
  /// Takes the storages that the pickle names. Throws Error if one is described in two ways.
  explicit TorchTensors(const Pickle& pickle);

  /// Whether the value is a call that would rebuild a tensor.
  [[nodiscard]] bool is_tensor(Pickle::Id id) const { return rebuilt(id).has_value(); }

  /// The tensor that a call would rebuild; nothing when it rebuilds none. Throws Error "what" when it does not lie in
  /// its storage, or repeats or overlaps itself there.
  [[nodiscard]] std::optional<TorchTensor> tensor_of(Pickle::Id id) const;

  [[nodiscard]] std::vector<TorchStorage>& storages() { return storages_; }

 private:
  struct Rebuilt {
    std::string function;
    Pickle::Id arguments{0};
  };
  /// The call inside parameters and subclasses of tensors that names the storage.
  [[nodiscard]] std::optional<Rebuilt> rebuilt(Pickle::Id id) const;
  [[nodiscard]] std::uint32_t storage_of(Pickle::Id id, std::string_view& dtype, std::uint64_t& bytes) const;

  const Pickle& pickle_;
  std::vector<TorchStorage> storages_;
  std::map<std::string_view, std::uint32_t> by_key_;
};

/// "torch.nn.Linear" of what a call calls; "x.y of its own making" where that is the outcome of another call.
[[nodiscard]] std::string callee_name(const Pickle& pickle, Pickle::Id call);

}  // namespace paramcount
