// The report of `paramcount train`.
#pragma once

#include "paramcount/estimate/training.hpp"
#include "paramcount/report/report.hpp"

namespace paramcount {

[[nodiscard]] Report train_report(const TrainingAnswer& answer, bool picture, const ReportOptions& options);

}  // namespace paramcount
