#include "paramcount/count/inventory.hpp"

#include <algorithm>

#include "paramcount/base/checked.hpp"
#include "paramcount/base/error.hpp"

#include "base/text.hpp"

namespace paramcount {

std::string name_of(Role role) {
  std::string name(name_of(role.kind));
  if (role.suffix != RoleSuffix::none) {
    name += '.';
    name += kRoleSuffixNames[static_cast<std::size_t>(role.suffix)];
  }
  return name;
}

Role parse_role(std::string_view text) {
  const auto dot = text.find('.');
  const auto kind = text.substr(0, dot);
  const auto suffix = dot == std::string_view::npos ? std::string_view{} : text.substr(dot + 1);
  for (std::size_t k = 0; k < kRoleKindNames.size(); ++k) {
    if (kRoleKindNames[k] != kind) continue;
    for (std::size_t s = 0; s < kRoleSuffixNames.size(); ++s) {
      if (kRoleSuffixNames[s] == suffix) return {static_cast<RoleKind>(k), static_cast<RoleSuffix>(s)};
    }
  }
  throw Error(printable(text) + ": no such role");
}

std::uint64_t Axis::size() const {
  std::uint64_t size = 0;
  for (const auto& range : ranges) size += range.last - range.first + 1;
  return size;
}

bool Axis::contains(std::uint64_t value) const {
  for (const auto& range : ranges) {
    if (value >= range.first && value <= range.last) return true;
  }
  return false;
}

std::uint64_t Tensor::elements() const { return checked_product(shape); }
Params Tensor::params() const { return {checked_mul(elements(), copies)}; }
Params Tensor::active() const { return {checked_fraction(params().value, active_numerator, active_denominator)}; }

std::uint64_t State::elements() const {
  return is_cache() ? checked_add(key_elements(), value_elements()) : checked_product(shape);
}
std::uint64_t State::key_elements() const {
  return shape.size() == 3 ? checked_mul(shape[0], shape[1]) : checked_product(shape);
}
std::uint64_t State::value_elements() const { return shape.size() == 3 ? checked_mul(shape[0], shape[2]) : 0; }

bool Inventory::incomplete() const {
  return std::ranges::any_of(parts, [](const CountedPart& part) { return !part.apart && !part.problem.empty(); });
}

const Value* Inventory::dim(std::string_view name) const {
  for (const auto& [key, value] : dims) {
    if (key == name) return &value;
  }
  return nullptr;
}

std::uint64_t Inventory::count(std::string_view name) const {
  const auto* value = dim(name);
  return value != nullptr ? value->count() : 0;
}

bool Inventory::flag(std::string_view name) const {
  const auto* value = dim(name);
  const auto* flag = value != nullptr ? value->as<bool>() : nullptr;
  return flag != nullptr && *flag;
}

}  // namespace paramcount
