// Solves the shapes of a packed weight and its partners for the sizes behind them, by a row of data/packed.json.
#pragma once

#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "paramcount/catalog/packed_format.hpp"
#include "paramcount/read/checkpoint.hpp"

namespace paramcount {

/// A stored tensor and what its format says of its shape.
using DescribedTensor = std::pair<const PackedFormat::Shape*, const StoredTensor*>;

/// One reading of the shapes that contradicts none of them.
struct PackedReading {
  std::vector<std::uint64_t> shape;  ///< of the weight; empty where only its elements are known
  std::uint64_t elements{0};
  std::uint64_t bits{0};   ///< 0: the format has no such number
  std::uint64_t group{0};  ///< 0: not said by the shapes
  bool exact{true};        ///< no size was rounded up
};

/// The reading with that many bits and groups of that size (0: of any), if there is one. The payload is the first of
/// the tensors; `given` are values of variables, by variable, 0 where there is none.
[[nodiscard]] std::optional<PackedReading> read_shapes(const PackedFormat& format,
                                                       const std::vector<DescribedTensor>& tensors, std::uint64_t bits,
                                                       std::uint64_t group = 0,
                                                       const std::vector<std::uint64_t>& given = {});

}  // namespace paramcount
