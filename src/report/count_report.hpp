// The report of the main command: pages for one model, and the tree of all its values.
#pragma once

#include <vector>

#include "paramcount/answer.hpp"
#include "paramcount/report.hpp"

namespace paramcount {

/// The values of one answer, as DESIGN's stable JSON names them.
[[nodiscard]] Row answer_tree(const Answer& answer);

/// The page of one answer.
[[nodiscard]] Page answer_page(const Answer& answer);

/// Several answers in columns. The first is the baseline of the ratio row.
[[nodiscard]] Page comparison_page(const std::vector<Answer>& answers);

/// The notes of one answer: conventions, assumptions, sources.
[[nodiscard]] std::vector<Note> answer_notes(const Answer& answer);

}  // namespace paramcount
