#include "estimate/layout_dims.hpp"

#include <algorithm>

namespace paramcount {
namespace {

/// Of MLA, a matrix that is not of single heads, such as a projection to the latent: every device has all of it.
bool is_shared_by_heads(const Tensor& tensor, const Inventory& inventory) {
  if (inventory.count("kv_lora_rank") == 0 || tensor.shape.size() != 2) return false;
  const auto heads = inventory.count("n_heads");
  const auto nope = inventory.count("qk_nope_head_dim");
  const auto rope = inventory.count("qk_rope_head_dim");
  const auto value = inventory.count("v_head_dim");
  const auto of_heads = [&](std::uint64_t size) {
    return size == heads * (nope + rope) || size == heads * (nope + value) || size == heads * nope ||
           size == heads * value;
  };
  return !of_heads(tensor.shape.front()) && !of_heads(tensor.shape.back());
}

}  // namespace

std::vector<std::uint64_t> values_of(const Inventory& inventory, std::string_view name) {
  const auto* value = inventory.dim(name);
  const auto* list = value != nullptr ? value->as<Value::List>() : nullptr;
  std::vector<std::uint64_t> values;
  const auto add = [&](const Value& one) {
    const auto* number = one.as<std::int64_t>();
    if (number != nullptr && *number > 0) values.push_back(static_cast<std::uint64_t>(*number));
  };
  if (list != nullptr) {
    for (const auto& one : *list) add(one);
  } else if (value != nullptr) {
    add(*value);
  }
  std::sort(values.begin(), values.end());
  values.erase(std::unique(values.begin(), values.end()), values.end());
  return values;
}

std::uint64_t dim_of(const Inventory& inventory, std::string_view name, std::uint64_t layer) {
  const auto* value = inventory.dim(name);
  const auto* list = value != nullptr ? value->as<Value::List>() : nullptr;
  if (list == nullptr) return inventory.count(name);
  if (layer >= list->size()) return 0;
  const auto* whole = (*list)[layer].as<std::int64_t>();
  return whole != nullptr && *whole > 0 ? static_cast<std::uint64_t>(*whole) : 0;
}

Split split_of(const Tensor& tensor, const Inventory& inventory) {
  const auto width = inventory.count("d_model");
  const bool matrix = tensor.role.suffix == RoleSuffix::none;
  switch (tensor.role.kind) {
    case RoleKind::expert:
      return Split::expert;
    case RoleKind::attention:
      if (matrix) return is_shared_by_heads(tensor, inventory) ? Split::none : Split::tensor;
      break;
    case RoleKind::mixer:
      // Of channels and heads, which tp divides.
      if (tensor.role.suffix == RoleSuffix::conv || tensor.role.suffix == RoleSuffix::state) return Split::tensor;
      [[fallthrough]];
    case RoleKind::ffn:
    case RoleKind::shared_expert:
      if (matrix) return Split::tensor;
      break;
    case RoleKind::embedding:
    case RoleKind::head:
      return tensor.shape.size() == 2 && tensor.shape.front() == inventory.count("vocab_size") ? Split::tensor
                                                                                               : Split::none;
    case RoleKind::projector:  // of multi-token prediction: from a token and a hidden state to the model's width
      return tensor.mtp && matrix ? Split::tensor : Split::none;
    default:
      return Split::none;
  }
  // Of vectors the biases of matrices that lead into a block are divided with these.
  const bool leads_in =
      tensor.role.suffix == RoleSuffix::bias && tensor.shape.size() == 1 && tensor.shape.front() != width;
  return leads_in ? Split::tensor : Split::none;
}

}  // namespace paramcount
