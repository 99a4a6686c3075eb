#include "paramcount/catalog/energy.hpp"

namespace paramcount {

KilowattHours energy(double device_hours, const PowerPlan& plan) {
  return {device_hours * plan.device.value / 1000 * plan.host_overhead * plan.pue};
}

}  // namespace paramcount
