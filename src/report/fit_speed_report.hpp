// The speed, cost and energy part of `fit`'s report.
#pragma once

#include <vector>

#include "paramcount/estimate/fit.hpp"
#include "report/figures.hpp"
#include "report/tree.hpp"

namespace paramcount {

/// The group `speed`; nothing where the fit has none.
void tell_speed(const Fit& fit, const Model& model, Tree& tree);
/// Of a row of a list: tokens_per_second and its bounds, and with `costs` what a million of them costs.
void tell_speed_briefly(const Fit& fit, Tree& tree, bool costs);
[[nodiscard]] PageTable speed_table(const Fit& fit, const Figures& figures);
/// How the figures came about, what would change them most, and the price behind them.
void add_speed_notes(const Fit& fit, const Model& model, std::vector<Note>& notes);

}  // namespace paramcount
