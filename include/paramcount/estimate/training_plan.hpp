// A planned training run: published figures and stated assumptions fill in what the request leaves open; FLOPs, device
// time, cost, electricity and carbon follow in closed form. Nothing is measured.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "paramcount/base/units.hpp"
#include "paramcount/catalog/catalog.hpp"
#include "paramcount/catalog/device.hpp"
#include "paramcount/catalog/model.hpp"
#include "paramcount/count/inventory.hpp"
#include "paramcount/count/params.hpp"
#include "paramcount/estimate/flops.hpp"
#include "paramcount/estimate/input.hpp"
#include "paramcount/estimate/training_request.hpp"

namespace paramcount {

struct TrainingPlan {
  Input<double> tokens;
  Input<SharedDevice> device;
  Input<double> devices;
  Input<double> mfu;        ///< also "given" when derived from a given time
  bool mfu_follows{false};  ///< from the given time or throughput
  double throughput{0};     ///< tokens per second of one device, as given; 0: not given
  double hfu{0};
  FlopsPerSecond peak;  ///< dense, of one device, in peak_dtype
  std::string peak_dtype;
  FlopsConvention convention{};
  Recompute recompute{};
  Input<std::uint64_t> sequence;  ///< 0 under 6nd, which needs none
  Flops flops;                    ///< of the model, under the convention
  Flops hardware_flops;           ///< with what is recomputed
  Seconds device_time;            ///< summed over devices
  Seconds wall_time;
  std::optional<DollarsPerHour> price;   ///< nothing when the device has no quote
  const PriceQuote* quote{nullptr};      ///< the median, of `device`; nullptr when the price was given
  DollarsPerHour low_price, high_price;  ///< the range of these quotes
  std::size_t quotes{0};                 ///< how many the median is taken over
  std::optional<Dollars> cost;
  std::string impossible;  ///< why no hardware can do it: "impossible: 250 % of the peak ..."; empty: it is possible

  // Filled in by plan_energy().
  Input<double> watts;  ///< of one device; 0: not known
  Input<double> pue;
  double host_overhead{1};
  Input<double> g_per_kwh;
  std::string grid;  ///< in words
  std::string grid_source;
  std::optional<KilowattHours> energy;  ///< nothing when the device's power is not known
  std::optional<Tonnes> carbon;
};

/// C = 6·N·D. Each parameter takes part in one multiplication and one addition forward, and in two of each backward
/// (the gradients of its input and of itself): 2 + 4 operations per token. N: active parameters, including the input
/// embedding, as in the papers (arXiv:2001.08361, section 2.1; arXiv:2203.15556, appendix F). Known error: omits
/// attention over the context and counts the embedding look-up.
[[nodiscard]] inline Flops training_flops_6nd(Params active, double tokens) {
  return {6.0 * static_cast<double>(active.value) * tokens};
}

/// Summed over devices. `mfu`: the share of the peak that does the work, above 0.
[[nodiscard]] inline Seconds device_time(Flops flops, FlopsPerSecond peak, double mfu) {
  return flops / FlopsPerSecond{peak.value * mfu};
}

/// The fraction of the peak that a run of that many device-hours used.
[[nodiscard]] inline double implied_mfu(Flops flops, FlopsPerSecond peak, double device_hours) {
  return flops.value / (peak.value * device_hours * 3600.0);
}

/// The length of a training sequence: as given, as published, or the smaller of 8,192 and the model's positions.
[[nodiscard]] Input<std::uint64_t> training_sequence(const Model& model, const Inventory& inventory,
                                                     const std::optional<std::uint64_t>& given);

/// Whether training can be timed on it at all.
[[nodiscard]] bool has_training_peak(const Device& device);

/// The dense peak that training is measured against: half precision, in which mixed-precision training multiplies; full
/// precision if there is no other. Throws Error if the catalog has none.
[[nodiscard]] std::pair<FlopsPerSecond, std::string> training_peak(const Device& device);

/// Everything except electricity and carbon. `adapters`: only these are trained, the weights are frozen. Throws Error:
/// with exit code usage if too much is given, with exit code `no` if the given time would exceed the device's peak.
[[nodiscard]] TrainingPlan plan_training(const Model& model, const Inventory& inventory, const ParamCounts& params,
                                         const TrainingRequest& request, const Catalog& catalog,
                                         const std::optional<Params>& adapters = {});

/// Electricity and carbon, for the plan's device-hours or others. `published`: the defaults for watts, PUE and grid if
/// the plan uses the device of that training.
void plan_energy(TrainingPlan& plan, const TrainingRequest& request, const PublishedTraining& published,
                 const Catalog& catalog, double device_hours);

}  // namespace paramcount
