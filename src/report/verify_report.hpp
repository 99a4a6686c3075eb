// The page and values of `paramcount verify`.
#pragma once

#include "paramcount/catalog/model.hpp"
#include "paramcount/count/verify.hpp"
#include "paramcount/report/report.hpp"

namespace paramcount {

/// Of a model with its checkpoint. `all`: every item on the page, however many.
[[nodiscard]] Report verify_report(const Model& model, const Verification& verification, bool all,
                                   ReportOptions wanted);

}  // namespace paramcount
