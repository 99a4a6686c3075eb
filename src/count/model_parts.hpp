// A model's parts in its inventory: their tensors under the path of the part, their files in the summary of what is
// stored.
#pragma once

#include <functional>

#include "paramcount/catalog/model.hpp"
#include "paramcount/count/inventory.hpp"

namespace paramcount {

/// Adds the parts of a model to its own inventory. What `expand` cannot expand is a part with its problem.
void add_parts(const Model& model, const std::function<Inventory(const Model& part)>& expand, Inventory& whole);

}  // namespace paramcount
