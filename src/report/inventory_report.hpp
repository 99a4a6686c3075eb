// The pages and values of `paramcount tensors` and `paramcount layers`.
#pragma once

#include "paramcount/catalog/model.hpp"
#include "paramcount/count/inventory.hpp"
#include "paramcount/estimate/weights.hpp"
#include "paramcount/report/report.hpp"

namespace paramcount {

/// A row for each pattern, or with `all` for each tensor. Σ `params` over the rows is the total: buffers and
/// multi-token prediction are listed with their elements and count 0.
[[nodiscard]] Report tensors_report(const Model& model, const Inventory& inventory, bool all, ReportOptions wanted);

/// The same with the number format and the bytes of each tensor; buffers and multi-token prediction are left out.
[[nodiscard]] Report tensor_types_report(const Model& model, const Inventory& inventory, const WeightFormat& format,
                                         bool all, ReportOptions wanted);
/// The tensors of a llama.cpp file, under their GGUF names, in the order of their blocks.
[[nodiscard]] Report tensor_types_report(const Model& model, const GgufInventory& inventory, const GgufFile& file,
                                         const WeightFormat& format, bool all, ReportOptions wanted);

/// What both begin with: the model, its family and its total.
[[nodiscard]] Row inventory_tree(const Model& model, const Inventory& inventory);

[[nodiscard]] Report layers_report(const Model& model, const Inventory& inventory, ReportOptions wanted);

}  // namespace paramcount
