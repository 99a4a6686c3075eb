// The weights that generating a token reads from memory, in bytes.
#pragma once

#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "paramcount/base/units.hpp"
#include "paramcount/count/inventory.hpp"
#include "paramcount/estimate/offload.hpp"
#include "paramcount/estimate/sparsity.hpp"
#include "paramcount/estimate/weights.hpp"

namespace paramcount {

/// Input embeddings and learned positions count as nothing (one row), unless the embedding is also the head; no towers,
/// no multi-token prediction.
struct StepWeights {
  /// Routed experts: the share of them that one token uses.
  struct Routed {
    double bytes{0};
    double share{1};
  };
  double always{0};  ///< bytes that every step reads
  std::vector<Routed> routed;

  /// Bytes that a step of that many tokens reads if each picks its experts at random: of E experts, with k per token,
  /// an expected fraction of 1 - (1 - k/E)^tokens.
  [[nodiscard]] double bytes(double tokens) const;
  /// The same in whole bytes.
  [[nodiscard]] Bytes of_step(std::uint64_t sequences) const;
  void scale(double factor);
};

/// In the format, which is not a file type, pruned if a sparsity is given.
[[nodiscard]] StepWeights step_weights(const Inventory& inventory, const WeightFormat& format,
                                       const std::optional<Sparsity>& sparsity = std::nullopt);
/// Of a llama.cpp file, whose tensors each have a format of their own.
[[nodiscard]] StepWeights step_weights(const GgufInventory& inventory, const GgufFile& file);
/// The same on devices, and in host memory.
[[nodiscard]] std::pair<StepWeights, StepWeights> step_weights(const GgufInventory& inventory, const GgufFile& file,
                                                               const OffloadSplit& split, std::uint64_t layers);

}  // namespace paramcount
