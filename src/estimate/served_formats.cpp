// Which matrices quantised checkpoints leave in 16 bits.
#include <algorithm>

#include "paramcount/estimate/layout.hpp"

namespace paramcount {

ServedFormats served_formats(const WeightFormat& format, const Inventory& inventory, const Catalog& catalog) {
  ServedFormats served{format, format, format, true};
  if (format.file_type || !format.roles.empty() || format.dtype.exact || format.dtype.bits_per_weight() >= 16)
    return served;
  using enum RoleKind;
  const auto has = [&](RoleKind kind) {
    return std::any_of(inventory.tensors.begin(), inventory.tensors.end(),
                       [&](const Tensor& tensor) { return tensor.role.kind == kind && tensor.counts(); });
  };
  const bool moe = has(expert);
  const bool four_bit_blocks = format.dtype.units == "fp4";
  std::vector<RoleKind> likely = format.dtype.leaves;
  if (likely.empty()) likely = {embedding, position, norm, head, router, vision, audio, projector};
  std::vector<RoleKind> low = likely;
  std::erase_if(low, [](RoleKind kind) { return is_tower(kind); });
  std::vector<RoleKind> high = likely;
  const auto leave = [](std::vector<RoleKind>& leaves, std::initializer_list<RoleKind> more) {
    for (const auto kind : more) {
      if (std::find(leaves.begin(), leaves.end(), kind) == leaves.end()) leaves.push_back(kind);
    }
  };
  leave(high, {mixer});
  if (moe) leave(high, {attention, shared_expert, ffn});
  if (moe && four_bit_blocks) leave(likely, {attention, mixer});
  const bool calibrated = format.dtype.id.starts_with("gptq") || format.dtype.id.starts_with("awq");
  if (calibrated) leave(likely, {mixer});
  const Dtype rest = catalog.dtype(format.dtype.rest.empty() ? "bf16" : format.dtype.rest);
  const auto with = [&](WeightFormat& one, std::vector<RoleKind> leaves) {
    one.dtype.leaves = std::move(leaves);
    one.dtype.rest = rest.id;
    one.rest = rest;
  };
  with(served.low, std::move(low));
  with(served.likely, std::move(likely));
  with(served.high, std::move(high));
  served.exact = false;
  return served;
}

}  // namespace paramcount
