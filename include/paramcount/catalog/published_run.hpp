// A training run as somebody published it, a row of data/runs.json. Nothing here is ours: what follows from these
// figures is in paramcount/estimate/training.hpp and paramcount/catalog/energy.hpp.
#pragma once

#include <optional>
#include <string>

namespace paramcount {

/// Fields are absent unless the source states them.
struct PublishedRun {
  std::string id;
  std::string name;
  std::string model;     ///< id of the catalog's model; empty when it is not in the catalog
  std::string hardware;  ///< as the source calls it
  std::optional<double> params, active;
  std::optional<double> tokens;
  std::optional<double> devices;
  std::optional<double> device_hours;
  std::optional<double> days;
  std::optional<double> mfu, hfu;           ///< 0 to 1
  std::optional<double> tflops_per_device;  ///< sustained
  std::optional<double> flops;
  std::optional<double> energy_mwh;
  std::optional<double> pue;
  std::optional<double> watts;  ///< of one device
  std::optional<double> co2e_t;
  std::optional<double> kg_per_kwh;
  std::optional<double> cost_usd;
  std::string note;
  std::string source;
};

}  // namespace paramcount
