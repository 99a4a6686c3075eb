#include "paramcount/decode.hpp"

#include "paramcount/checked.hpp"
#include "paramcount/error.hpp"
#include "paramcount/params.hpp"

namespace paramcount {
namespace {

bool is_read(const Tensor& tensor, const Tensor* tied) {
  if (tensor.mtp || tensor.role.is_buffer()) return false;
  switch (tensor.role.kind) {
    case RoleKind::embedding:
      return &tensor == tied || tensor.role.suffix != RoleSuffix::none;
    case RoleKind::position:
    case RoleKind::vision:
    case RoleKind::audio:
    case RoleKind::projector:
      return false;
    default:
      return true;
  }
}

}  // namespace

Bytes decode_weight_bytes(const Inventory& inventory, const WeightFormat& format,
                          const std::optional<Sparsity>& sparsity) {
  if (format.file_type) {
    throw usage_error(format.id +
                      ": what a token reads of a llama.cpp file is not known by role; name a number format");
  }
  const Tensor* const tied = tied_head(inventory);
  Bytes sum{};
  for (const auto& tensor : inventory.tensors) {
    if (!is_read(tensor, tied)) continue;
    Inventory alone;
    alone.tensors = {tensor};
    const Bytes whole = sparsity
                            ? prune(alone, format, *sparsity).bytes
                            : Bytes{checked_mul(format.of(tensor.role).bytes_of(tensor.shape).value, tensor.copies)};
    sum += Bytes{checked_fraction(whole.value, tensor.active_numerator, tensor.active_denominator)};
  }
  return sum;
}

}  // namespace paramcount
