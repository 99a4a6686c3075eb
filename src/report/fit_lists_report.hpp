// The reports of `paramcount fit` without a device, and without a model.
#pragma once

#include <vector>

#include "paramcount/estimate/fit_lists.hpp"
#include "paramcount/report/report.hpp"

namespace paramcount {

/// A row for each kind of device that holds the model; of several models a page each.
[[nodiscard]] Report machines_report(const std::vector<MachinesAnswer>& answers, const ReportOptions& wanted, bool all);

/// A row for each model that fits the device.
[[nodiscard]] Report models_report(const ModelsAnswer& answer, const ReportOptions& wanted, bool all);

}  // namespace paramcount
