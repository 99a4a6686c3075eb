// The training part shared by the main command and `train`: the group `training` of their values, its table, its notes.
#pragma once

#include <string>
#include <vector>

#include "paramcount/estimate/answer.hpp"
#include "paramcount/estimate/training.hpp"
#include "report/figures.hpp"
#include "report/tree.hpp"

namespace paramcount {

/// The group `training`. Precondition of the first: answer.training.
void tell_training(const Answer& answer, Tree& tree);
void tell_training(const TrainingAnswer& answer, Tree& tree);

/// Ours next to the published figures; `train` adds what follows from the published hours, and energy.
[[nodiscard]] PageTable training_table(const Answer& answer, const Figures& figures);
[[nodiscard]] PageTable training_table(const TrainingAnswer& answer, const Figures& figures);

void training_notes(const Answer& answer, const FigureStyle& style, std::vector<Note>& notes);

/// The notes that both commands have.
[[nodiscard]] Note convention_note(const TrainingPlan& plan, bool one_of_two_stacks);
void note_assumed_tokens(const TrainingPlan& plan, std::vector<Note>& notes);

/// "40 % of 2,250 TFLOP/s, dense bf16".
[[nodiscard]] std::string mfu_text(const TrainingPlan& plan, const FigureStyle& style);
/// "median of 5 on-demand quotes (3 of another kind left out): RunPod, 2025-03-03": where a price comes from.
[[nodiscard]] std::string price_text(const TrainingPlan& plan);

}  // namespace paramcount
