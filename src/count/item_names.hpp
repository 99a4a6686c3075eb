// Groups of tensors as lists name them: numbers as ranges, "model.layers.{0–15}.mlp.up_proj.weight".
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "count/name_groups.hpp"

namespace paramcount {

/// The key with each "*" replaced by its values; safe to print.
[[nodiscard]] std::string item_name(const std::string& key, const std::vector<Axis>& axes);

[[nodiscard]] std::uint64_t copies_of(const std::vector<Axis>& axes);

/// Members of a group under as few names as may be, each with its copies.
[[nodiscard]] std::vector<std::pair<std::string, std::uint64_t>> item_names(const NameGroup& group,
                                                                            const std::vector<std::uint32_t>& members);

}  // namespace paramcount
