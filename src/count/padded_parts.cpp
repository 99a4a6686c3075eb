#include "count/padded_parts.hpp"

#include <algorithm>

#include "count/match_state.hpp"
#include "count/unknown_packing.hpp"
#include "paramcount/base/checked.hpp"

namespace paramcount {

std::vector<std::uint64_t> padded_part(const StoredWeights& stored, const std::vector<std::uint32_t>& tensors,
                                       const std::vector<std::uint64_t>& whole, std::size_t parts) {
  using Shape = std::vector<std::uint64_t>;
  Shape best;
  std::uint64_t weights = 0;
  // Parts that follow each other row by row first: so the others of their kind lie.
  for (const bool by_rows : {true, false}) {
    for (std::size_t side = 0; side < whole.size(); ++side) {
      if (whole[side] % parts != 0) continue;
      Shape equal = whole;
      equal[side] /= parts;
      for (const auto& shape : {equal, turned(equal)}) {
        Shape rows = shape;
        rows.front() = checked_mul(rows.front(), parts);
        if ((rows == whole || rows == turned(whole)) != by_rows) continue;
        if (!std::all_of(tensors.begin(), tensors.end(), [&](auto t) { return may_be(stored, t, shape); })) continue;
        std::uint64_t size = 1;
        for (const auto axis : shape) size = checked_mul(size, axis);
        if (weights != 0 && size != weights) return {};
        weights = size;
        if (best.empty()) best = shape;
      }
    }
  }
  return best;
}

}  // namespace paramcount
