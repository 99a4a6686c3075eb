// The page and the values of `paramcount metadata`.
#pragma once

#include "paramcount/checkpoint.hpp"
#include "paramcount/report.hpp"

namespace paramcount {

[[nodiscard]] Report metadata_report(const Checkpoint& checkpoint, Parts wanted);

}  // namespace paramcount
