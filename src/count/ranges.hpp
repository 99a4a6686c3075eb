// Sets of integers as ascending ranges that do not touch.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "paramcount/count/inventory.hpp"

namespace paramcount {

/// Appends a range beyond all existing ones.
inline void append(std::vector<Range>& ranges, const Range& more) {
  if (!ranges.empty() && ranges.back().last + 1 == more.first) {
    ranges.back().last = more.last;
  } else {
    ranges.push_back(more);
  }
}
inline void append(std::vector<Range>& ranges, std::uint64_t value) { append(ranges, Range{value, value}); }

/// What is in both.
[[nodiscard]] inline std::vector<Range> common(const std::vector<Range>& a, const std::vector<Range>& b) {
  std::vector<Range> result;
  for (auto i = a.begin(), j = b.begin(); i != a.end() && j != b.end();) {
    const Range both{std::max(i->first, j->first), std::min(i->last, j->last)};
    if (both.first <= both.last) result.push_back(both);
    (i->last < j->last ? i : j)++;
  }
  return result;
}

/// What is in `a` alone.
[[nodiscard]] inline std::vector<Range> without(const std::vector<Range>& a, const std::vector<Range>& b) {
  std::vector<Range> result;
  auto taken = b.begin();
  for (Range left : a) {
    while (taken != b.end() && taken->last < left.first) ++taken;
    for (; taken != b.end() && taken->first <= left.last; ++taken) {
      if (taken->first > left.first) result.push_back({left.first, taken->first - 1});
      left.first = taken->last + 1;
      if (taken->last >= left.last) break;
    }
    if (left.first <= left.last) result.push_back(left);
  }
  return result;
}

}  // namespace paramcount
