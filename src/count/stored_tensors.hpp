// The tensors of a GGUF checkpoint as an inventory's: equal ones folded, each with a role.
#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "count/stored_pattern.hpp"
#include "paramcount/catalog/family.hpp"
#include "paramcount/count/inventory.hpp"

namespace paramcount {

struct TargetRole {
  std::string target;  ///< with the family's own indices in braces
  Role role;
};
/// By the pattern of the GGUF name.
using Roles = std::unordered_map<std::string, TargetRole>;

/// What the file's tensors share beside their pattern.
struct Numbers {
  std::uint64_t mtp_from{UINT64_MAX};  ///< the first block of multi-token prediction
  std::uint64_t experts{0}, experts_per_token{0};
};

/// Those of the rows of a family that has its `gguf` section.
[[nodiscard]] Roles roles_of(const Family& family);

/// Roles that `roles` does not know are taken from the names.
[[nodiscard]] std::vector<Tensor> tensors_of(const std::vector<StoredPattern>& patterns, const Roles& roles,
                                             const Numbers& numbers);

}  // namespace paramcount
