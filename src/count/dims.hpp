// The facts of an inventory that are no tensors: dimensions, and how a checkpoint scales its weights.
#pragma once

#include "count/scope.hpp"
#include "paramcount/count/inventory.hpp"

namespace paramcount {

/// The standard dimensions of the scope whose layers are the model's; those without a value are left out.
void collect_dims(Scope& model, Inventory& out);

/// The block of a config's block-scaled fp8. Checkpoints that leave some linear layers unscaled say which by name;
/// where they name more than what is never scaled, how many scales there are is not known here.
void read_scales(const Value& config, Inventory& out);

/// Evaluates the family's `repeats`.
void collect_repeats(Scope& scope, Inventory& out);

}  // namespace paramcount
