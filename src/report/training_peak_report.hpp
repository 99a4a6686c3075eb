// The peak memory of training: figures and tables.
#pragma once

#include <vector>

#include "paramcount/estimate/training.hpp"
#include "report/figures.hpp"
#include "report/tree.hpp"

namespace paramcount {

/// Inside the group `training_memory`.
void tell_peak(const PeakMemory& peak, Tree& tree);
/// `layouts` of a search, and `seconds_per_step` with its parts, inside the group `training`.
void tell_layouts(const TrainingAnswer& answer, Tree& tree);
void tell_step(const StepTime& step, Tree& tree);
/// What the fullest device holds at the peak, and where there are several stages these.
[[nodiscard]] std::vector<PageTable> peak_tables(const TrainingAnswer& answer, const Figures& figures);
/// ": fits", ": does not fit"; empty if no layout was given or the device's memory is not known.
[[nodiscard]] Cell peak_verdict(const TrainingAnswer& answer, const FigureStyle& style);
[[nodiscard]] PageTable layouts_table(const TrainingAnswer& answer, const Figures& figures);
void peak_notes(const TrainingAnswer& answer, const FigureStyle& style, std::vector<Note>& notes);

/// tp, pp, vpp, cp, ep, etp and dp; `why`: where they come from.
void tell_degrees(const TrainingLayout& layout, const Label& why, Tree& tree);

}  // namespace paramcount
