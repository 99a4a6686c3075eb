// The report of `paramcount scale`.
#pragma once

#include <string>
#include <vector>

#include "paramcount/estimate/scale.hpp"
#include "paramcount/report/report.hpp"

namespace paramcount {

/// What a budget is best spent on.
[[nodiscard]] Report scale_report(const ScaleAnswer& answer, const ReportOptions& wanted);

/// Where models stand: the first is the baseline of ratios. The page has the losses of `law`, an id.
[[nodiscard]] Report scaled_models_report(const std::vector<ScaledModel>& models, const std::string& law,
                                          const ReportOptions& wanted);

/// How a law splits a budget of C FLOPs: its N, in the law's own constants.
[[nodiscard]] std::string split_formula(const ScalingLaw& law);

/// A figure that a law predicts.
[[nodiscard]] Row estimated(Label key, Label label, Measure measure, Label formula, Label source = {});

}  // namespace paramcount
