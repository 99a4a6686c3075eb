// Lists a config's unread keys, and the dimensions that it leaves to the class's defaults.
#pragma once

#include <functional>

#include "count/read_keys.hpp"
#include "count/scope.hpp"
#include "paramcount/catalog/config_keys.hpp"
#include "paramcount/count/inventory.hpp"

namespace paramcount {

using ReadKeysLookup = std::function<const ReadKeys&(const Family& family)>;

/// Fills `audited`, `unread` and `dims_default` of an inventory that was expanded from the scope. Throws Error naming
/// the key when one of the unread is known to change the count; not where `has_files`: the tensors are then counted as
/// they are stored.
void audit_config(Scope& scope, const ConfigKeys& keys, const ReadKeysLookup& read_keys, bool has_files,
                  Inventory& out);

/// Of a GGUF without a config: takes dimensions that have a metadata key, but would be the class's defaults, out of the
/// inventory, and names them in `dims_default`.
void drop_defaults(Scope& scope, const Family::Gguf& gguf, Inventory& out);

/// Throws Error naming the first assumption that the inventory rests on: an unread key, a default
/// for a dimension, an unverified family.
void refuse_guesses(const Inventory& inventory);

}  // namespace paramcount
