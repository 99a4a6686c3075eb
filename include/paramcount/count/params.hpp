// Parameter counts: sums over an inventory, each by one rule over role, shape and copies.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "paramcount/base/units.hpp"
#include "paramcount/count/inventory.hpp"

namespace paramcount {

struct RoleCount {
  Params total;
  Params active;
};

struct ParamCounts {
  Params total;   ///< trainable tensors, tied ones once; without buffers and multi-token-prediction modules
  Params active;  ///< used for one token: experts_per_token / n_experts of the routed experts, everything else in full
  /// `active` minus the input embedding and learned positions; a tied embedding stays, being the head.
  Params active_without_embedding;
  Params
      non_embedding;  ///< Kaplan's N: `total` minus input embedding, positions and head (arXiv:2001.08361, section 2.1)
  Params embedding;   ///< the input embedding or embeddings
  Params matmul;      ///< weights a token is multiplied with, tied head included; all experts
  Params active_matmul;  ///< of these, the ones one token uses
  Params biases;         ///< of `total`: vectors that are added
  Params buffers;        ///< stored in checkpoints, not trained: router corrections, rotary tables
  Params mtp;            ///< multi-token-prediction modules, with their buffers
  /// Scales stored with block-scaled fp8 weights, one per block of a linear layer, including multi-token prediction:
  /// not parameters, but in the file. 0 if the config announces no such format.
  Params scales;
  Params towers;                              ///< of `total`: vision, audio and projector
  std::array<RoleCount, kRoleKinds> by_role;  ///< of `total`, by the part of the role before the dot

  [[nodiscard]] const RoleCount& of(RoleKind kind) const { return by_role[static_cast<std::size_t>(kind)]; }
};

/// The input table when it is the head too; nullptr when the head has a matrix of its own or there is none.
[[nodiscard]] const Tensor* tied_head(const Inventory& inventory);
/// The same of tensors whose head is known to be tied.
[[nodiscard]] const Tensor* tied_table(const std::vector<Tensor>& tensors, std::uint64_t vocab);

/// Throws Error when a sum passes 64 bits.
[[nodiscard]] ParamCounts count_params(const Inventory& inventory);

/// The same sum spelled out: "126 × (2 × 16,384 × 16,384 + 2 × 1,024 × 16,384)", for tensors of one role kind.
[[nodiscard]] std::string derivation(const Inventory& inventory, RoleKind kind);

}  // namespace paramcount
