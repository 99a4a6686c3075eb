// The report on a GGUF without parameters that goes with a model: a vocabulary, an importance matrix, a control vector.
#pragma once

#include "paramcount/estimate/answer.hpp"
#include "paramcount/report/report.hpp"
#include "report/tree.hpp"

namespace paramcount {

/// The group named as its kind is: `vocabulary`, `imatrix` or `control_vector`.
void tell_companion(const Model& model, Tree& tree);
/// `tree`: the answer's, with that group and `checkpoint`.
[[nodiscard]] Page companion_page(const Answer& answer, const Row& tree, const FigureStyle& style);

}  // namespace paramcount
