// The inventory of a checkpoint: its tensors, with the roles that a family, or names alone, give them.
#pragma once

#include "count/matching.hpp"
#include "paramcount/count/expand.hpp"

namespace paramcount {

/// `family` is the expanded family, whose dimensions and caches are kept; its tensors give roles.
[[nodiscard]] Inventory stored_inventory(const Checkpoint& checkpoint, Inventory family, const Spellings& spellings);

/// Without a family: roles by names, as far as they say.
[[nodiscard]] Inventory stored_inventory(const Checkpoint& checkpoint, const NameLookup& names);

}  // namespace paramcount
