// Expands the rows of a family over one config into tensors and states, with identical ones folded.
#pragma once

#include "count/scope.hpp"
#include "paramcount/count/inventory.hpp"

namespace paramcount {

/// The tensors and states of the scope and of its parts; tensors of before are overwritten, in their memory. Throws
/// Error where a requirement fails.
void expand_scope(Scope& scope, Inventory& out);

/// The same without the parts.
void expand_rows(Scope& scope, Inventory& out);

}  // namespace paramcount
