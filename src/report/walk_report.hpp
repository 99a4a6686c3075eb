// The learner's walk through a model: what each part is for and how many numbers it has, adding up to the total.
#pragma once

#include "paramcount/catalog/model.hpp"
#include "paramcount/count/inventory.hpp"
#include "paramcount/report/report.hpp"

namespace paramcount {

[[nodiscard]] Report walk_report(const Model& model, const Inventory& inventory, ReportOptions wanted);

}  // namespace paramcount
