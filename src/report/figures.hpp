// Figures as pages write them: bytes in GB and GiB, money, amounts, percent.
#pragma once

#include <string>

#include "paramcount/base/units.hpp"
#include "paramcount/report/report.hpp"

namespace paramcount {

inline const std::string kNone = "–";  ///< in place of a figure that is not known

/// How many digits pages show, and bytes in which units: what --precise and --units say. Text of the whole program
/// follows it from the next figure on.
struct FigureStyle {
  bool precise{false};
  std::string units{};  ///< si, iec; empty: both
};
void set_figure_style(FigureStyle style);
[[nodiscard]] const FigureStyle& figure_style();

/// Leaves out the columns of the other unit.
void keep_units(Report& report, const std::string& units);

/// "1.4 to 4.0 GiB", in GB where that was asked for.
[[nodiscard]] std::string range_text(Bytes low, Bytes high);

[[nodiscard]] std::string gb(Bytes bytes);   ///< 811.71, in 10^9 bytes
[[nodiscard]] std::string gib(Bytes bytes);  ///< 755.96, in 2^30 bytes

/// Three significant digits and a scale: 26.0 M, 3,500, 112.
[[nodiscard]] std::string amount(double value);
/// $77.8 M, $385, $2.99
[[nodiscard]] std::string money(double dollars);
/// 3.80e25
[[nodiscard]] std::string operations(double flops);
/// Three significant digits: 66.2
[[nodiscard]] std::string rounded(double value);
/// A share of one as at most three significant digits: 41 %, 34.6 %.
[[nodiscard]] std::string percent(double share_of_one);

}  // namespace paramcount
