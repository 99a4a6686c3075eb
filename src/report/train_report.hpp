// The report of `paramcount train`.
#pragma once

#include "paramcount/estimate/training.hpp"
#include "paramcount/report/report.hpp"

namespace paramcount {

[[nodiscard]] Report train_report(const TrainingAnswer& answer, const ReportOptions& options);

}  // namespace paramcount
