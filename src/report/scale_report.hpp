// The report of `paramcount scale`.
#pragma once

#include <vector>

#include "paramcount/estimate/scale.hpp"
#include "paramcount/report/report.hpp"

namespace paramcount {

/// What a budget is best spent on.
[[nodiscard]] Report scale_report(const ScaleAnswer& answer, const ReportOptions& wanted);

/// Where models stand: the first is the baseline of ratios.
[[nodiscard]] Report scaled_models_report(const std::vector<ScaledModel>& models, const ReportOptions& wanted);

}  // namespace paramcount
