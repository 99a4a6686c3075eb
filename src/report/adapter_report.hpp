// The report on an adapter: base model, rank, targets and trainable parameters, whichever files it was read from.
#pragma once

#include "paramcount/estimate/answer.hpp"
#include "paramcount/report/report.hpp"
#include "report/tree.hpp"

namespace paramcount {

/// The group `adapter`.
void tell_adapter(const AdapterSummary& adapter, Tree& tree);
/// What the page and the JSON of an adapter note.
[[nodiscard]] std::vector<Note> adapter_notes(const Answer& answer);
/// `tree`: the answer's, with the groups adapter, params and checkpoint.
[[nodiscard]] Page adapter_page(const Answer& answer, const Row& tree, const FigureStyle& style);

}  // namespace paramcount
