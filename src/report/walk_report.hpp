// `explain`: what each part of a model is for and how many parameters it has, adding up to the total.
#pragma once

#include "paramcount/catalog/model.hpp"
#include "paramcount/count/inventory.hpp"
#include "paramcount/report/report.hpp"

namespace paramcount {

/// `in_turn`: a row passes attention first and what follows it then, so that the way through a layer can be drawn.
[[nodiscard]] Report walk_report(const Model& model, const Inventory& inventory, ReportOptions wanted,
                                 bool in_turn = false);

}  // namespace paramcount
