// The report of the main command: pages for one model, and the tree of all its values.
#pragma once

#include <vector>

#include "paramcount/estimate/answer.hpp"
#include "paramcount/report/report.hpp"
#include "report/tree.hpp"

namespace paramcount {

/// Tells the values of one answer, as the stable JSON names them; its names come first.
void tell_answer(const Answer& answer, Tree& tree, const Answer* baseline = nullptr);
void tell_names(const Model& model, Tree& tree);
/// The same as rows. `baseline`: the answer that ratios are taken to. `for_pages`: only pages read it, which
/// write their own notes.
[[nodiscard]] Row answer_tree(const Answer& answer, const Answer* baseline = nullptr, bool for_pages = false);

/// The group `decode`: lower bound on the time per generated token.
void tell_decode(const std::vector<DecodeBound>& bounds, Tree& tree);

/// The page of one answer, picked from its tree.
[[nodiscard]] Page answer_page(const Answer& answer, const Row& tree, const FigureStyle& style);

struct ComparisonOptions {
  std::size_t baseline{0};  ///< position of the answer that ratios are taken to
  bool rows{false};         ///< a row for each model instead of a column
  bool sum{false};          ///< a column for all of them together
};

/// Several answers side by side, undisclosed ones among them.
/// `trees`: of the answers, in their order; `sum`: that of all of them, where options ask for it.
[[nodiscard]] Page comparison_page(const std::vector<Answer>& answers, const std::vector<Row>& trees, const Row* sum,
                                   const ComparisonOptions& options, const FigureStyle& style);

/// Totals over all answers and their copies: parameters, weights, FLOPs. Undisclosed models are left out.
[[nodiscard]] Row sum_tree(const std::vector<Answer>& answers, const Answer* baseline = nullptr);

/// The notes of one answer: conventions, assumptions, sources.
[[nodiscard]] std::vector<Note> answer_notes(const Answer& answer, const FigureStyle& style);

}  // namespace paramcount
