// The pages and values of `paramcount tensors` and `paramcount layers`.
#pragma once

#include "paramcount/inventory.hpp"
#include "paramcount/model.hpp"
#include "paramcount/report.hpp"

namespace paramcount {

/// A row for each pattern, or with `all` for each tensor. Σ `params` over the rows is the total: buffers and
/// multi-token prediction are listed with their elements and count 0.
[[nodiscard]] Report tensors_report(const Model& model, const Inventory& inventory, bool all, bool tree);

[[nodiscard]] Report layers_report(const Model& model, const Inventory& inventory, bool tree);

}  // namespace paramcount
