// Tensors as lists show them: indices as ranges, shapes with "×".
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "count/name_groups.hpp"
#include "paramcount/count/inventory.hpp"

namespace paramcount {

[[nodiscard]] std::string range_text(const Range& range);                 ///< "3–60"
[[nodiscard]] std::string ranges_text(const std::vector<Range>& ranges);  ///< "0–2,5"

/// "model.layers.{3–60}.mlp.gate.weight"
[[nodiscard]] std::string pattern_of(const Tensor& tensor);

/// Calls back with the name of each copy, in order; the name is gone afterwards. Throws Error beyond 20 million.
void each_name(const Tensor& tensor, const std::function<void(const std::string& name)>& visit);
/// The same of any name, whose indices have these axes in order.
void each_name(const TensorName& name, const std::vector<Axis>& axes,
               const std::function<void(const std::string& name)>& visit);

/// A folded name of a file with each "*" replaced by its values; safe to print.
[[nodiscard]] std::string item_name(const std::string& key, const std::vector<Axis>& axes);

[[nodiscard]] std::uint64_t copies_of(const std::vector<Axis>& axes);

/// Members of a group under as few names as may be, each with its copies.
[[nodiscard]] std::vector<std::pair<std::string, std::uint64_t>> item_names(const NameGroup& group,
                                                                            const std::vector<std::uint32_t>& members);

/// The value that the one index of a pattern has in a name made from it.
[[nodiscard]] std::uint64_t index_of(const std::string& name, const Tensor& pattern);

}  // namespace paramcount
