// Finds the tensors of a PyTorch file that share storage: torch.save stores views of one storage as several tensors.
#pragma once

#include <cstddef>
#include <vector>

#include "read/torch_contents.hpp"

namespace paramcount {

/// For each tensor the one whose storage it shares, of several the first; its own position where it is by
/// itself. Throws Error where two overlap in part, or a storage's tensors have more numbers than it.
[[nodiscard]] std::vector<std::size_t> tied_tensors(const std::vector<TorchTensor>& tensors,
                                                    const std::vector<TorchStorage>& storages);

}  // namespace paramcount
