// The pages and values of `paramcount list runs`, `optimizers`, `grids`, `laws` and `equivalents`.
#pragma once

#include <vector>

#include "paramcount/catalog/equivalent.hpp"
#include "paramcount/catalog/grid.hpp"
#include "paramcount/catalog/optimizer.hpp"
#include "paramcount/catalog/published_training.hpp"
#include "paramcount/catalog/scaling_law.hpp"
#include "paramcount/report/report.hpp"

namespace paramcount {

[[nodiscard]] Report list_runs_report(const std::vector<PublishedTraining>& runs, const ReportOptions& wanted);
[[nodiscard]] Report list_optimizers_report(const std::vector<Optimizer>& optimizers);
[[nodiscard]] Report list_grids_report(const std::vector<Grid>& grids);
[[nodiscard]] Report list_laws_report(const std::vector<ScalingLaw>& laws);
[[nodiscard]] Report list_equivalents_report(const std::vector<Equivalent>& equivalents, const ReportOptions& wanted);

}  // namespace paramcount
