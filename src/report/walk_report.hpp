// `explain`: what each part of a model does and its parameters, which add up to the total.
#pragma once

#include "paramcount/catalog/model.hpp"
#include "paramcount/count/inventory.hpp"
#include "paramcount/report/report.hpp"

namespace paramcount {

/// `in_turn`: attention and feed-forward run one after the other, so the path through a layer can be drawn.
[[nodiscard]] Report walk_report(const Model& model, const Inventory& inventory, ReportOptions wanted,
                                 bool in_turn = false);

}  // namespace paramcount
