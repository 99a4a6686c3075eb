// The page and values of `paramcount diff`.
#pragma once

#include "paramcount/count/diff.hpp"
#include "paramcount/report/report.hpp"

namespace paramcount {

/// `all`: every item on the page, however many.
[[nodiscard]] Report diff_report(const Checkpoint& first, const Checkpoint& second, const CheckpointDiff& diff,
                                 bool all, ReportOptions wanted);

}  // namespace paramcount
