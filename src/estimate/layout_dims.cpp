#include "estimate/layout_dims.hpp"

#include <algorithm>

namespace paramcount {
std::vector<std::uint64_t> values_of(const Inventory& inventory, std::string_view name) {
  const auto* value = inventory.dim(name);
  const auto* list = value != nullptr ? value->as<Value::List>() : nullptr;
  std::vector<std::uint64_t> values;
  const auto add = [&](const Value& one) {
    if (one.count() > 0) values.push_back(one.count());
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
  return layer < list->size() ? (*list)[layer].count() : 0;
}

const ShardingRow* sharding_of(const Tensor& tensor, const Inventory& inventory, const Sharding& sharding) {
  for (const auto* row : sharding.candidates(tensor.role, tensor.name.text())) {
    if (!row->family.empty() && row->family != inventory.family) continue;
    if (!row->rows.empty() && (tensor.shape.empty() || tensor.shape.front() != inventory.count(row->rows))) continue;
    return row;
  }
  return nullptr;
}

Split split_of(const Tensor& tensor, const Inventory& inventory, const Sharding& sharding) {
  const auto* row = sharding_of(tensor, inventory, sharding);
  const bool vector = tensor.role.suffix == RoleSuffix::none && tensor.shape.size() < 2;
  switch (row != nullptr ? row->axis : TensorAxis::replicated) {
    case TensorAxis::expert:
      return Split::expert;
    case TensorAxis::row:
      // The bias of a row-parallel matrix is added to the sum of what the devices made.
      return vector || tensor.role.suffix == RoleSuffix::bias ? Split::none : Split::tensor;
    case TensorAxis::column:
      return vector ? Split::none : Split::tensor;
    case TensorAxis::vocabulary:
      return Split::tensor;
    case TensorAxis::replicated:
      break;
  }
  return Split::none;
}

}  // namespace paramcount
