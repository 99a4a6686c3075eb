// A number format: bits per element plus what blocks of elements share. data/dtypes.json holds the table.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "paramcount/inventory.hpp"
#include "paramcount/units.hpp"

namespace paramcount {

struct Dtype {
  std::string id;
  std::string name;
  std::vector<std::string> aliases;
  std::uint64_t bits{0};        ///< of one element
  std::uint64_t block{1};       ///< elements that share `scale_bits`
  std::uint64_t scale_bits{0};  ///< stored once per block
  std::string source;

  [[nodiscard]] double bits_per_weight() const {
    return static_cast<double>(bits) + static_cast<double>(scale_bits) / static_cast<double>(block);
  }
  /// Whole bytes of that many elements in one piece. Throws Error on overflow.
  [[nodiscard]] Bytes bytes_of(std::uint64_t elements) const;
};

}  // namespace paramcount
