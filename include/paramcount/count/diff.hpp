// Compares two checkpoints tensor by tensor: names, shapes and number formats. Values are never read.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "paramcount/base/units.hpp"
#include "paramcount/catalog/spellings.hpp"
#include "paramcount/read/checkpoint.hpp"

namespace paramcount {

struct CheckpointDiff {
  /// Tensors of one kind; several share a name with their numbers as ranges. For those in only one file, the other's
  /// shape and format are empty.
  struct Item {
    std::string name;
    std::uint64_t copies{1};
    std::vector<std::uint64_t> first_shape, second_shape;
    std::string first_format, second_format;
  };
  struct Spelling {
    std::string first, second;
    std::uint64_t tensors{0};
  };

  std::uint64_t same{0};  ///< identical in name, shape and format
  std::vector<Item> only_first, only_second;
  std::vector<Item> reshaped;  ///< different shapes, and possibly formats
  std::vector<Item> retyped;   ///< different formats only
  std::vector<Spelling> spellings;
  Params first, second;
  /// Rows of the input embedding or the head, if they changed; else 0.
  std::uint64_t first_vocabulary{0}, second_vocabulary{0};

  [[nodiscard]] bool none() const {
    return only_first.empty() && only_second.empty() && reshaped.empty() && retyped.empty();
  }
};

/// Packed weights count as the weights they encode. Throws Error for an unknown packing.
[[nodiscard]] CheckpointDiff diff(const Checkpoint& first, const Checkpoint& second, const NameLookup& names);

}  // namespace paramcount
