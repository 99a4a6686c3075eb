// Plots as text: bars in eighths of a cell, or in ASCII if the output cannot show these.
#pragma once

#include <string>

#include "paramcount/report/plot.hpp"
#include "paramcount/report/render.hpp"

namespace paramcount {

/// A heading and a line for each bar, never wider than the surface. Bars of several parts are drawn in shades,
/// explained below them; of curves each point is a line.
[[nodiscard]] std::string plot_text(const Plot& plot, const Surface& surface);

}  // namespace paramcount
