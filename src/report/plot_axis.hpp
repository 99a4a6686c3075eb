// Plot axes: round ticks, and positions of values.
#pragma once

#include <string>
#include <vector>

#include "paramcount/report/plot.hpp"
#include "paramcount/report/report.hpp"

namespace paramcount {

/// From 0 to a round number that is not below `most`. Ticks are in round steps of the unit, its scale (K, M, B, T or
/// GiB, GB) is given in the label: "parameters, B".
[[nodiscard]] PlotAxis axis_to(const std::string& what, double most, Unit unit, const FigureStyle& style);

/// Round numbers below and above; not from 0.
[[nodiscard]] PlotAxis axis_between(const std::string& label, double least, double most);

/// Logarithmic, with those ticks, in order; no ticks: one of each power of ten.
[[nodiscard]] PlotAxis log_axis(const std::string& label, double least, double most, std::vector<PlotTick> ticks);

/// Whole places from 0 on, such as layers.
[[nodiscard]] PlotAxis places_axis(const std::string& label, std::uint64_t places);

/// 0 to 100 %.
[[nodiscard]] PlotAxis share_axis(const std::string& label);

/// Where so much of the bar ends.
[[nodiscard]] double place_of(const Plot& plot, const PlotBar& bar, double value);

/// The position of the value: 0 at the axis's beginning, 1 at its end, clamped to both.
[[nodiscard]] double place_on(const PlotAxis& axis, double value);

}  // namespace paramcount
