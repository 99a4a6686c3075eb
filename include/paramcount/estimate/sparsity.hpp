// Pruned weights: what is left, and the indices to locate it. The layers' matrices are pruned, except routers;
// embedding, head, norms and all vectors stay, as in SparseGPT (arXiv:2301.00774) and Wanda (arXiv:2306.11695).
#pragma once

#include <cstdint>
#include <string>

#include "paramcount/base/units.hpp"
#include "paramcount/count/inventory.hpp"
#include "paramcount/estimate/weights.hpp"

namespace paramcount {

/// Unstructured: a fraction of each matrix, located by a bitmap of one bit per element; or n of every m neighbours kept
/// (2:4), each with an index of ceil(log2 m) bits, as NVIDIA's sparse tensor cores store it (arXiv:2104.08378).
struct Sparsity {
  std::string id;            ///< "0.5", "2:4"
  double removed{0};         ///< of unstructured sparsity: the fraction
  std::uint64_t n{0}, m{0};  ///< 0: unstructured

  [[nodiscard]] bool structured() const { return m > 0; }
};

/// "0.5", "50%" or "2:4". Throws Error with exit code usage.
[[nodiscard]] Sparsity parse_sparsity(const std::string& text);

/// The fraction of elements that are left.
[[nodiscard]] std::uint64_t kept(std::uint64_t elements, const Sparsity& sparsity);
/// Bits that say where these are.
[[nodiscard]] std::uint64_t index_bits(std::uint64_t elements, const Sparsity& sparsity);
[[nodiscard]] bool is_pruned(const Tensor& tensor);

struct PrunedMemory {
  Params total;   ///< non-zero parameters
  Params pruned;  ///< what was removed
  Bytes bytes;    ///< of all weights, indices included
  Bytes index;    ///< of these
};

/// Scales of block formats are kept: a block has its scale however few of its elements are left. Throws Error with exit
/// code usage for llama.cpp file types, which have no sparse form.
[[nodiscard]] PrunedMemory prune(const Inventory& inventory, const WeightFormat& format, const Sparsity& sparsity);

}  // namespace paramcount
