// Electricity and carbon of a training run: closed forms over device-hours, and the grids of data/grids.json.
#pragma once

#include <string>
#include <vector>

#include "paramcount/base/units.hpp"

namespace paramcount {

/// A country, a cloud region or a source of electricity.
struct Grid {
  std::string id;
  std::string name;
  std::vector<std::string> aliases;
  double g_per_kwh{0};  ///< CO2-equivalent
  std::string as_of;
  std::string source;
};

/// What one device-hour draws.
struct PowerPlan {
  Watts device;             ///< of one accelerator
  double host_overhead{1};  ///< hosts, network and storage, as a factor of the accelerators
  double pue{1};            ///< power usage effectiveness: the whole building by its computers
};

/// device-hours × watts × host overhead × PUE (arXiv:2104.10350, section 2).
[[nodiscard]] KilowattHours energy(double device_hours, const PowerPlan& plan);

/// Tonnes of CO2-equivalent.
[[nodiscard]] inline Tonnes carbon(KilowattHours energy, double g_per_kwh) { return {energy.value * g_per_kwh / 1e6}; }

}  // namespace paramcount
