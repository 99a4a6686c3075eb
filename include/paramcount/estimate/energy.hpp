// Electricity and carbon of a training run: closed forms over device-hours.
#pragma once

#include "paramcount/base/units.hpp"

namespace paramcount {

/// device-hours × watts × host overhead × PUE (arXiv:2104.10350, section 2). `device`: per accelerator;
/// `host_overhead`: hosts, network and storage, as a factor on the accelerators; `pue`: power usage effectiveness of
/// the data centre.
[[nodiscard]] inline KilowattHours energy(double device_hours, Watts device, double host_overhead, double pue) {
  return {device_hours * device.value / 1000 * host_overhead * pue};
}

/// Tonnes of CO2-equivalent.
[[nodiscard]] inline Tonnes carbon(KilowattHours energy, double g_per_kwh) { return {energy.value * g_per_kwh / 1e6}; }

}  // namespace paramcount
