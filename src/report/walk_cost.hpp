// The cost part of `explain`: bytes, time and money of a model's parameters.
#pragma once

#include <optional>

#include "paramcount/estimate/answer.hpp"
#include "paramcount/estimate/training.hpp"
#include "paramcount/report/report.hpp"

namespace paramcount {

/// Continues the walk through the report's one model: adds the groups memory, decode, training and comparables, and
/// adds their steps to the page. Generation and training are left out if the answer has none.
void add_costs(Report& report, const Answer& answer, const std::optional<TrainingAnswer>& training,
               const ReportOptions& wanted);

}  // namespace paramcount
