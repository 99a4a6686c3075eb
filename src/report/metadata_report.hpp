// The page and the values of `paramcount metadata`.
#pragma once

#include "paramcount/read/checkpoint.hpp"
#include "paramcount/report/report.hpp"

namespace paramcount {

[[nodiscard]] Report metadata_report(const Checkpoint& checkpoint, ReportOptions wanted);

}  // namespace paramcount
