// The report on a model's parts: modules, components, draft heads, and weights that are not counted.
#pragma once

#include <string>
#include <vector>

#include "paramcount/estimate/answer.hpp"
#include "paramcount/report/report.hpp"
#include "report/figures.hpp"
#include "report/tree.hpp"

namespace paramcount {

/// `parts`, `incomplete` and `left_out`; each where there is something to say.
void tell_parts(const Answer& answer, Tree& tree);

[[nodiscard]] PageTable parts_table(const Answer& answer, const Figures& figures);

void part_notes(const Answer& answer, std::vector<Note>& notes);

/// "vae: no family knows ..., and 1 more"
[[nodiscard]] std::string incomplete_reason(const Inventory& inventory);

}  // namespace paramcount
