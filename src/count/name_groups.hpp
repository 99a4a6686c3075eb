// Groups tensors by folded name: "model.layers.17.mlp.up_proj.weight" is number 17 of "model.layers.*.mlp...". Anything
// that depends only on the key is computed once per group.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "paramcount/count/inventory.hpp"
#include "paramcount/read/checkpoint.hpp"

namespace paramcount {

/// Writes the key of a name and the numbers taken out of it, in order. A number is a piece between dots, or the end of
/// one after a "_", without leading zeros; beyond the first kMostNumbers they are text like any other.
void fold_name(std::string_view name, std::string& key, std::vector<std::uint32_t>& numbers);

struct NameGroup {
  std::string key;                     ///< with kNumber for numbers: base/folded_name.hpp
  std::size_t arity{0};                ///< how many numbers
  std::vector<std::uint32_t> members;  ///< positions of tensors
  std::vector<std::uint32_t> numbers;  ///< `arity` of them for each member

  [[nodiscard]] const std::uint32_t* numbers_of(std::size_t member) const { return numbers.data() + member * arity; }
  /// Those of several members in a row.
  [[nodiscard]] std::vector<std::uint32_t> numbers_of(const std::vector<std::uint32_t>& several) const;
  /// The places of all members: 0, 1, 2 ...
  [[nodiscard]] std::vector<std::uint32_t> all() const;
};

/// In the order of their first members.
[[nodiscard]] std::vector<NameGroup> group_names(const std::vector<StoredTensor>& tensors);

/// The key of a name with indices, and the values its numbers may take: those of its axes, or one where
/// the pattern itself has a number.
struct FoldedPattern {
  std::string key;
  std::vector<Axis> axes;  ///< one for each number; `index` is empty for a number of the pattern itself
};
[[nodiscard]] FoldedPattern fold_pattern(const TensorName& name, const std::vector<Axis>& axes);
/// The key of a family's pattern.
[[nodiscard]] std::string fold_pattern(const std::string& pattern);

/// Tuples of numbers as products of ranges: as few sets of axes as neighbours allow. `numbers` holds `count` tuples of
/// `names.size()` numbers each; every set has the copies its axes make.
[[nodiscard]] std::vector<std::vector<Axis>> axes_of(std::vector<std::uint32_t> numbers, std::size_t count,
                                                     const std::vector<std::string>& names);

}  // namespace paramcount
