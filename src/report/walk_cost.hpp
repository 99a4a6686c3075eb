// What the numbers of a model come to: bytes, time and money, the last steps of the learner's walk.
#pragma once

#include <optional>

#include "paramcount/estimate/answer.hpp"
#include "paramcount/estimate/training.hpp"
#include "paramcount/report/report.hpp"

namespace paramcount {

/// Goes on with the walk of the report's one model: tells the groups memory, decode, training and comparables, and
/// adds their steps to the page. Generation and training are left out where the answer has none.
void add_costs(Report& report, const Answer& answer, const std::optional<TrainingAnswer>& training,
               const ReportOptions& wanted);

}  // namespace paramcount
