#include "paramcount/estimate/step_weights.hpp"

#include <algorithm>
#include <cmath>

#include "paramcount/base/checked.hpp"
#include "paramcount/count/params.hpp"

namespace paramcount {
namespace {

bool is_read(const Tensor& tensor, const Tensor* tied) {
  if (!tensor.counts() || is_tower(tensor.role.kind) || tensor.role.kind == RoleKind::position) return false;
  return tensor.role.kind != RoleKind::embedding || &tensor == tied || tensor.role.suffix != RoleSuffix::none;
}

/// Each tensor that a step reads, with its bytes.
template <class Read>
void each_read(const GgufInventory& inventory, const GgufFile& file, const Read& read) {
  const bool has_head = std::any_of(inventory.tensors.begin(), inventory.tensors.end(), [](const Tensor& tensor) {
    return tensor.role.kind == RoleKind::head && tensor.role.is_matmul() && !tensor.mtp;
  });
  const Tensor* const tied = has_head ? nullptr : tied_table(inventory.tensors, inventory.vocab_size);
  for (const auto& tensor : file.tensors) {
    const Tensor& pattern = *tensor.pattern;
    if (is_read(pattern, tied)) read(tensor);
  }
}

void add(StepWeights& weights, const Tensor& tensor, Bytes bytes) {
  const auto size = static_cast<double>(bytes.value);
  if (tensor.active_numerator == tensor.active_denominator) {
    weights.always += size;
    return;
  }
  const double share = static_cast<double>(tensor.active_numerator) / static_cast<double>(tensor.active_denominator);
  for (auto& routed : weights.routed) {
    if (routed.share == share) {
      routed.bytes += size;
      return;
    }
  }
  weights.routed.push_back({size, share});
}

}  // namespace

double StepWeights::bytes(double tokens) const {
  double sum = always;
  for (const auto& one : routed) sum += one.bytes * (1 - std::pow(1 - one.share, tokens));
  return sum;
}

void StepWeights::scale(double factor) {
  always *= factor;
  for (auto& one : routed) one.bytes *= factor;
}

Bytes StepWeights::of_step(std::uint64_t sequences) const {
  return {static_cast<std::uint64_t>(std::llround(bytes(static_cast<double>(sequences))))};
}

StepWeights step_weights(const Inventory& inventory, const WeightFormat& format,
                         const std::optional<Sparsity>& sparsity) {
  const Tensor* const tied = tied_head(inventory);
  StepWeights weights;
  for (const auto& tensor : inventory.tensors) {
    if (!is_read(tensor, tied)) continue;
    Bytes bytes{checked_mul(format.of(tensor.role).bytes_of(tensor.shape).value, tensor.copies)};
    if (sparsity) {
      Inventory alone;
      alone.tensors = {tensor};
      bytes = prune(alone, format, *sparsity).bytes;
    }
    add(weights, tensor, bytes);
  }
  return weights;
}

StepWeights step_weights(const GgufInventory& inventory, const GgufFile& file) {
  constexpr OffloadSplit kAllOnCards{1, 0};  // of no layers and the output
  return step_weights(inventory, file, kAllOnCards, 0).first;
}

std::pair<StepWeights, StepWeights> step_weights(const GgufInventory& inventory, const GgufFile& file,
                                                 const OffloadSplit& split, std::uint64_t layers) {
  std::pair<StepWeights, StepWeights> weights;
  each_read(inventory, file, [&](const GgufTensor& tensor) {
    const bool expert = tensor.pattern->role.kind == RoleKind::expert;
    add(split.on_host(tensor.block, expert, layers) ? weights.second : weights.first, *tensor.pattern, tensor.bytes);
  });
  return weights;
}

}  // namespace paramcount
