// The inventory of a checkpoint: its tensors, with roles from a family or from their names alone.
#pragma once

#include "count/explanation.hpp"

namespace paramcount {

/// Dimensions and caches are the family's.
[[nodiscard]] Inventory stored_inventory(const StoredWeights& stored, Explanation explanation, const NameLookup& names);

/// Without a family, for the reason given: roles by names, as far as they say; dimensions by the metadata of a GGUF.
[[nodiscard]] Inventory stored_inventory(const StoredWeights& stored, const std::string& unexplained,
                                         const NameLookup& names);

/// For files that are not a model on their own: roles by names, no dimensions, no caches.
[[nodiscard]] Inventory stored_inventory(const StoredWeights& stored, const NameLookup& names);

}  // namespace paramcount
