// The transformer layers that a checkpoint contains, compared with those of its config. A depth-pruned model keeps the
// config of the original, and a merge of layers keeps one parent's.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "count/matching.hpp"
#include "count/packing.hpp"
#include "paramcount/count/inventory.hpp"

namespace paramcount {

/// The layers under one index of a family, by the numbers in their names.
struct StoredLayers {
  std::string index;               ///< "layer"
  std::set<std::uint32_t> stored;  ///< numbers of which the files have a tensor
  std::uint64_t expected{0};       ///< the family has 0 to expected - 1
  bool whole_beyond{true};         ///< no tensor in layers from `expected` on is of a kind that the family lacks

  [[nodiscard]] bool agree() const {
    return stored.size() == expected && (stored.empty() || *stored.rbegin() + 1 == expected);
  }
  /// Whether they are numbered from 0 without a gap.
  [[nodiscard]] bool contiguous() const { return !stored.empty() && *stored.rbegin() + 1 == stored.size(); }
};

/// Of every layer index whose layers the family numbers from 0, towers and multi-token prediction left out. Empty where
/// the files are one shard of several.
[[nodiscard]] std::vector<StoredLayers> stored_layers(const StoredWeights& stored, const Inventory& family,
                                                      const Matching& matching);

/// Leaves in a family's caches the layers that are stored, and makes its dimension and its number of layers theirs.
void keep_layers(Inventory& family, const StoredLayers& layers, std::string_view dim);

/// Cuts lists of a config that have an entry for each of `from` layers.
void shorten_lists(Value& config, std::uint64_t from, std::uint64_t to);

/// "0–27"
[[nodiscard]] std::string numbers_text(const StoredLayers& layers);

}  // namespace paramcount
