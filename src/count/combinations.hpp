// Walking through the values of several indices of a family, one combination at a time.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "base/text.hpp"
#include "count/scope.hpp"
#include "paramcount/error.hpp"

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
  /// No combination after this one.
  void stop() { stopped_ = true; }
  [[nodiscard]] const std::vector<std::uint64_t>& values() const { return values_; }

 private:
  static constexpr std::uint64_t kMostSteps = 2'000'000;

  template <class Visit>
  void descend(std::size_t depth, const Visit& visit) {
    if (depth == indices_.size()) return visit();
    const std::size_t index = indices_[depth];
    const auto count = scope_.index_count(index);
    for (std::uint64_t value = 0; value < count && !stopped_; ++value) {
      // Counted at every level: the inner ones may have no values.
      if (++steps_ > kMostSteps) {
        throw Error(printable(row_) + ": more than 2 million combinations of its indices");
      }
      values_[depth] = value;
      scope_.at(index, value);
      descend(depth + 1, visit);
    }
    scope_.leave(index);
  }

  Scope& scope_;
  const std::vector<std::size_t>& indices_;
  std::string_view row_;
  std::vector<std::uint64_t> values_;
  std::uint64_t steps_{0};
  bool stopped_{false};
};

}  // namespace paramcount
