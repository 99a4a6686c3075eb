// The family a report names, and what it says when nobody checked that family.
#pragma once

#include <string>
#include <vector>

#include "base/text.hpp"
#include "paramcount/count/inventory.hpp"
#include "paramcount/report/report.hpp"
#include "report/tree.hpp"

namespace paramcount {

/// `family`; null where no architecture is known. `unverified` follows only where it is true.
inline void tell_family(const Inventory& inventory, Tree& tree) {
  tree.leaf("family", "family", inventory.family.empty() ? Value() : Value(inventory.family));
  if (inventory.unverified) tree.leaf("unverified", "family not checked", true);
}

inline void tell_family(const Inventory& inventory, Row& row) {
  RowTree tree(row);
  tell_family(inventory, tree);
}

[[nodiscard]] inline std::string unverified_reason(const std::string& family) {
  return "no published count or tensor listing of " + printable(family) + " was compared with this one.";
}

inline void note_unverified(const Inventory& inventory, std::vector<Note>& notes) {
  if (inventory.unverified) notes.push_back({"unverified family", unverified_reason(inventory.family)});
}

}  // namespace paramcount
