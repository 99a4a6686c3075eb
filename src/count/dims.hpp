// The parts of an inventory other than tensors: dimensions, and how a checkpoint scales its weights.
#pragma once

#include "count/scope.hpp"
#include "paramcount/count/inventory.hpp"

namespace paramcount {

/// The scope whose layers are the model's: the family's own, or its first part that is not a tower.
[[nodiscard]] Scope* layer_scope(Scope& scope);

/// The standard dimensions of the scope whose layers are the model's; those without a value are left out.
void collect_dims(Scope& model, Inventory& out);

/// True for the weights that block-scaled fp8 scales: the linear layers of the blocks. Router, embedding, head and
/// projections are not.
[[nodiscard]] bool is_block_scaled(const Tensor& tensor);

/// The block of a config's block-scaled fp8. A config names modules that are left unscaled: where one of them is among
/// the block-scaled tensors of `out`, or may be, how many scales there are is not known here.
void read_scales(const Value& config, Inventory& out);

/// Evaluates the family's `repeats`.
void collect_repeats(Scope& scope, Inventory& out);

}  // namespace paramcount
