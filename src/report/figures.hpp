// Figures as pages write them: bytes in GB and GiB, money, amounts, percent.
#pragma once

#include <string>

#include "paramcount/units.hpp"

namespace paramcount {

[[nodiscard]] std::string gb(Bytes bytes);   ///< 811.71, in 10^9 bytes
[[nodiscard]] std::string gib(Bytes bytes);  ///< 755.96, in 2^30 bytes

/// Three significant digits and a scale: 26.0 M, 3,500, 112.
[[nodiscard]] std::string amount(double value);
/// $77.8 M, $385, $2.99
[[nodiscard]] std::string money(double dollars);
/// A share of one as at most three significant digits: 41 %, 34.6 %.
[[nodiscard]] std::string percent(double share_of_one);

}  // namespace paramcount
