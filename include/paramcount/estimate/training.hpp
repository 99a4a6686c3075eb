// What a training run costs: operations, device time, money. Closed forms over a parameter count; nothing measured.
#pragma once

#include <cstdint>

#include "paramcount/base/units.hpp"

namespace paramcount {

/// C = 6·N·D. Each parameter takes part in one multiplication and one addition forward, and in two of each backward
/// (the gradients of its input and of itself): 2 + 4 operations per token. N: parameters active for a token, the input
/// embedding included, as the papers count (arXiv:2001.08361, section 2.1; arXiv:2203.15556, appendix F).
/// Known error: leaves out attention over the context and counts the embedding look-up.
[[nodiscard]] inline Flops training_flops_6nd(Params active, double tokens) {
  return {6.0 * static_cast<double>(active.value) * tokens};
}

struct TrainingPlan {
  Flops flops;
  FlopsPerSecond peak;  ///< dense, of one device, in the format trained in
  double devices{1};
  double mfu{1};         ///< 0 to 1: the share of the peak that does the work
  DollarsPerHour price;  ///< of one device
};

struct TrainingCost {
  Seconds device_time;  ///< summed over devices
  Seconds wall_time;
  Dollars cost;
};

/// device_time = flops / (peak · mfu); wall_time = device_time / devices; cost = price · device_time.
/// Preconditions: peak, mfu and devices above 0.
[[nodiscard]] TrainingCost training_cost(const TrainingPlan& plan);

/// The share of the peak that a run of that many device-hours used.
[[nodiscard]] double implied_mfu(Flops flops, FlopsPerSecond peak, double device_hours);

}  // namespace paramcount
