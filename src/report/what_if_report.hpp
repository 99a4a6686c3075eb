// The report of a what-if: before, after, change.
#pragma once

#include "paramcount/estimate/what_if.hpp"
#include "paramcount/report/report.hpp"

namespace paramcount {

[[nodiscard]] Page what_if_page(const WhatIf& answer, const Row& tree, const FigureStyle& style);
[[nodiscard]] Row what_if_tree(const WhatIf& answer);

}  // namespace paramcount
