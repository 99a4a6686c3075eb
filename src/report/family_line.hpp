// The family that a report names, and how far it and the config can be trusted.
#pragma once

#include <string>
#include <vector>

#include "paramcount/count/inventory.hpp"
#include "paramcount/report/report.hpp"
#include "report/tree.hpp"

namespace paramcount {

/// `family`, null where no architecture is known; `draft` and `unverified` only where true; of a config from outside
/// `unread` and `dims_default`.
void tell_family(const Inventory& inventory, Tree& tree);
void tell_family(const Inventory& inventory, Row& row);

/// What a reader must know before believing the figures: whom a draft model drafts for and what of that model it uses,
/// another class than the config's, keys not understood, dimensions by default, an unverified family. Empty
/// where all is well.
[[nodiscard]] std::vector<Note> family_notes(const Inventory& inventory);
void add_family_notes(const Inventory& inventory, std::vector<Note>& notes);

}  // namespace paramcount
