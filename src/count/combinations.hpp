// Iterates over the values of several indices of a family, one combination at a time.
#pragma once

#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

#include "base/budgets.hpp"
#include "base/text.hpp"
#include "count/scope.hpp"
#include "paramcount/base/error.hpp"
#include "paramcount/count/inventory.hpp"

namespace paramcount {

/// Visits every combination of the values of some indices. Counts may depend on indices that come earlier.
class Combinations {
 public:
  Combinations(Scope& scope, const std::vector<std::size_t>& indices, std::string_view row)
      : scope_(scope), indices_(indices), row_(row), values_(indices.size()) {}

  template <class Visit>
  void each(const Visit& visit) {
    descend(0, visit);
  }
  [[nodiscard]] const std::vector<std::uint64_t>& values() const { return values_; }
  /// Where evaluations have not asked for the last index since the visit began, its further values are like this one
  /// and are not visited. The value, with those.
  Range alike() {
    const Range one{values_.back(), values_.back()};
    if (scope_.asked(indices_.back())) return one;
    skips_ = true;
    return {one.first, count_ - 1};
  }

 private:
  template <class Visit>
  void descend(std::size_t depth, const Visit& visit) {
    if (depth == indices_.size()) {
      scope_.forget_asked();
      return visit();
    }
    const std::size_t index = indices_[depth];
    const auto count = scope_.index_count(index);
    const bool is_last = depth + 1 == indices_.size();
    if (is_last) count_ = count;
    for (std::uint64_t value = 0; value < count; ++value) {
      // Counted at every level: the inner ones may have no values.
      if (++steps_ > kMostSteps) {
        throw Error(printable(row_) + ": more than 2 million combinations of its indices");
      }
      scope_.work().spend(1);
      values_[depth] = value;
      scope_.at(index, value);
      descend(depth + 1, visit);
      if (is_last && std::exchange(skips_, false)) break;
    }
    scope_.leave(index);
  }

  Scope& scope_;
  const std::vector<std::size_t>& indices_;
  std::string_view row_;
  std::vector<std::uint64_t> values_;
  std::uint64_t steps_{0};
  std::uint64_t count_{0};  ///< of the last index
  bool skips_{false};
};

}  // namespace paramcount
