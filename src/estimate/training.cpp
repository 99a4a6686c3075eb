#include "paramcount/estimate/training.hpp"

namespace paramcount {

TrainingCost training_cost(const TrainingPlan& plan) {
  const Seconds device_time = plan.flops / FlopsPerSecond{plan.peak.value * plan.mfu};
  return {device_time, {device_time.value / plan.devices}, plan.price * device_time};
}

double implied_mfu(Flops flops, FlopsPerSecond peak, double device_hours) {
  return flops.value / (peak.value * device_hours * 3600.0);
}

}  // namespace paramcount
