// The report on a design: its shape, what is usual, what other choices cost, and published models of similar size.
#pragma once

#include <string>

#include "paramcount/estimate/design.hpp"
#include "paramcount/report/report.hpp"

namespace paramcount {

[[nodiscard]] Report design_report(const Design& design, const ReportOptions& wanted);
/// The config.json alone.
[[nodiscard]] std::string design_config(const Design& design);

}  // namespace paramcount
