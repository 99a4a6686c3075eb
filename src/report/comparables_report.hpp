// "In other terms": a count, an energy or a mass in familiar quantities (data/equivalents.json).
#pragma once

#include "paramcount/estimate/training.hpp"
#include "report/figures.hpp"
#include "report/tree.hpp"

namespace paramcount {

/// The list comparables.
void tell_comparables(const TrainingAnswer& answer, Tree& tree);
[[nodiscard]] PageTable comparables_table(const TrainingAnswer& answer, const Figures& figures);

}  // namespace paramcount
