// A figure that depends on measurements, with its bounds.
#pragma once

#include <algorithm>

#include "paramcount/catalog/speed_constants.hpp"

namespace paramcount {

/// 80 % of unseen measurements lie between the bounds.
struct Estimate {
  double low{0}, likely{0}, high{0};

  [[nodiscard]] Estimate operator*(double factor) const { return {low * factor, likely * factor, high * factor}; }
};

/// The range of a speed that is likely to be `likely`; no device passes `most`.
[[nodiscard]] inline SpeedRange at_most(SpeedRange range, double likely, double most) {
  range.high = std::max(1.0, std::min(range.high, most / likely));
  return range;
}

[[nodiscard]] inline Estimate speed_estimate(double likely, const SpeedRange& range) {
  return {likely * range.low, likely, likely * range.high};
}
/// Of what goes down as speed goes up.
[[nodiscard]] inline Estimate cost_estimate(double likely, const SpeedRange& range) {
  return {likely / range.high, likely, likely / range.low};
}

}  // namespace paramcount
