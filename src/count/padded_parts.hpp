// Parts of one weight that are stored filled up to whole blocks: how large each is without.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "count/packing.hpp"

namespace paramcount {

/// The shape that all of the tensors may have, by their readings, of equal parts of a matrix or a vector: along one
/// side of it or the other, turned or not. Empty where none is, or where they would differ in their number of weights.
[[nodiscard]] std::vector<std::uint64_t> padded_part(const StoredWeights& stored,
                                                     const std::vector<std::uint32_t>& tensors,
                                                     const std::vector<std::uint64_t>& whole, std::size_t parts);

}  // namespace paramcount
