#include "report/plot_axis.hpp"

#include <algorithm>
#include <cmath>
#include <tuple>

#include "base/numbers.hpp"

namespace paramcount {
namespace {

constexpr double kSteps = 4;  ///< about that many between the ends

/// 1, 2, 2.5 or 5 times a power of ten, not below the value.
double round_step(double least) {
  const double power = std::pow(10, std::floor(std::log10(least)));
  for (const double step : {1.0, 2.0, 2.5, 5.0}) {
    if (step * power >= least * (1 - 1e-9)) return step * power;
  }
  return 10 * power;
}

/// With the decimals that the steps need.
std::string tick_text(double value, double step) {
  int decimals = 0;
  for (double rest = step; decimals < 6 && std::abs(rest - std::round(rest)) > 1e-6; rest *= 10) ++decimals;
  return fixed(value, decimals);
}

struct Scale {
  double factor{1};
  std::string name;
};

Scale scale_of(double most, Unit unit, const FigureStyle& style) {
  if (unit == Unit::bytes) {
    const bool si = style.units == FigureStyle::Units::si;
    const double kilo = si ? 1000 : 1024;
    if (most >= 0.1 * kilo * kilo * kilo || most <= 0) return {kilo * kilo * kilo, si ? "GB" : "GiB"};
    return most >= 0.1 * kilo * kilo ? Scale{kilo * kilo, si ? "MB" : "MiB"} : Scale{kilo, si ? "KB" : "KiB"};
  }
  for (const auto& [from, name] : {std::tuple{1e12, "T"}, {1e9, "B"}, {1e6, "M"}, {1e4, "K"}}) {
    if (most >= from) return {from == 1e4 ? 1e3 : from, name};
  }
  return {};
}

}  // namespace

PlotAxis axis_to(const std::string& what, double most, Unit unit, const FigureStyle& style) {
  PlotAxis axis;
  const Scale scale = scale_of(most, unit, style);
  axis.label = what + (scale.name.empty() ? "" : ", " + scale.name);
  if (most <= 0) most = scale.factor;
  const double step = round_step(most / scale.factor / kSteps);
  const double steps = std::ceil(most / scale.factor / step * (1 - 1e-9));
  axis.to = steps * step * scale.factor;
  for (double i = 0; i <= steps; ++i) axis.ticks.push_back({i * step * scale.factor, tick_text(i * step, step)});
  return axis;
}

PlotAxis axis_between(const std::string& label, double least, double most) {
  PlotAxis axis;
  axis.label = label;
  const double step = round_step(std::max((most - least) / kSteps, std::abs(most) * 1e-6 + 1e-12));
  const double first = std::floor(least / step + 1e-9);
  const double last = std::max(std::ceil(most / step - 1e-9), first + 1);
  axis.from = first * step;
  axis.to = last * step;
  for (double i = first; i <= last; ++i) axis.ticks.push_back({i * step, tick_text(i * step, step)});
  return axis;
}

PlotAxis log_axis(const std::string& label, double least, double most, std::vector<PlotTick> ticks) {
  PlotAxis axis;
  axis.label = label;
  axis.log = true;
  axis.ticks = std::move(ticks);
  if (!axis.ticks.empty()) {
    axis.from = least;
    axis.to = most;
    return axis;
  }
  const double first = std::floor(std::log10(least) + 1e-9);
  const double last = std::max(std::ceil(std::log10(most) - 1e-9), first + 1);
  axis.from = std::pow(10, first);
  axis.to = std::pow(10, last);
  const double step = std::ceil((last - first) / (kSteps + 2));
  for (double power = first; power <= last; power += step) {
    const double at = std::pow(10, power);
    axis.ticks.push_back({at, at < 1e15 ? scaled_short(at) : scientific(at, 1)});
  }
  return axis;
}

PlotAxis places_axis(const std::string& label, std::uint64_t places) {
  PlotAxis axis;
  axis.label = label;
  axis.to = static_cast<double>(std::max<std::uint64_t>(places, 1));
  const double step = std::max(1.0, round_step(axis.to / (kSteps + 1)));
  const double whole = std::floor(step);
  for (double at = 0; at < axis.to; at += whole) axis.ticks.push_back({at, fixed(at, 0)});
  return axis;
}

PlotAxis share_axis(const std::string& label) {
  return {label, 0, 1, false, {{0, "0 %"}, {0.25, "25 %"}, {0.5, "50 %"}, {0.75, "75 %"}, {1, "100 %"}}};
}

double place_of(const Plot& plot, const PlotBar& bar, double value) {
  return place_on(plot.y, bar.whole > 0 ? value / bar.whole : value);
}

double place_on(const PlotAxis& axis, double value) {
  if (axis.log) {
    if (value <= 0 || axis.to <= axis.from) return 0;
    return std::clamp(std::log(value / axis.from) / std::log(axis.to / axis.from), 0.0, 1.0);
  }
  return axis.to > axis.from ? std::clamp((value - axis.from) / (axis.to - axis.from), 0.0, 1.0) : 0;
}

}  // namespace paramcount
