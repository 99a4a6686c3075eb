// Adds a model's parts to its inventory: their tensors under the part's path, their files to the summary of stored
// files.
#pragma once

#include <functional>

#include "paramcount/catalog/model.hpp"
#include "paramcount/count/inventory.hpp"

namespace paramcount {

/// Adds the parts of a model to its own inventory. What `expand` cannot expand is a part with its problem.
void add_parts(const Model& model, const std::function<Inventory(const Model& part)>& expand, Inventory& whole);

}  // namespace paramcount
