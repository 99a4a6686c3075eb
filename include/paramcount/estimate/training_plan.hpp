// A training run planned: what is asked for, what fills the gaps (published figures, then stated assumptions), and what
// follows in operations, device time and money. Electricity, memory and published figures are added by
// paramcount/estimate/train.hpp.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "paramcount/base/units.hpp"
#include "paramcount/catalog/catalog.hpp"
#include "paramcount/catalog/device.hpp"
#include "paramcount/catalog/model.hpp"
#include "paramcount/count/inventory.hpp"
#include "paramcount/count/params.hpp"
#include "paramcount/estimate/flops.hpp"
#include "paramcount/estimate/input.hpp"
#include "paramcount/estimate/training.hpp"

namespace paramcount {

inline constexpr double kUsualMfu = 0.40;
inline constexpr double kTokensPerParameter = 20;  ///< where none are published (arXiv:2203.15556, table 3)

/// What is left out takes the default stated at the field.
struct TrainingRequest {
  std::optional<double> tokens;   ///< as published, or 20 × total
  SharedDevice device;            ///< as published, or h100-sxm
  std::optional<double> devices;  ///< as published, or 1; with days and an efficiency: as many as it takes
  // What decides the time; at most one of mfu and hfu, and days or device_hours in place of either.
  std::optional<double> mfu;  ///< as published, or 0.40
  std::optional<double> hfu;
  std::optional<double> days;
  std::optional<double> device_hours;
  std::optional<double> price;  ///< dollars per device-hour: the median of the device's quotes
  std::string pricing;          ///< which quotes; empty: on-demand, of GPU clouds
  FlopsConvention convention{FlopsConvention::six_nd};
  Recompute recompute{Recompute::none};
  std::optional<std::uint64_t> sequence;  ///< as published, or min(8192, max_positions)
  std::optional<Params> adapters;         ///< only these are trained, the weights stay
};

struct TrainingAnswer {
  Input<double> tokens;
  Input<SharedDevice> device;
  Input<double> devices;
  Input<double> mfu;        ///< given also when it follows from the time given
  bool mfu_follows{false};  ///< from the time given
  double hfu{0};
  FlopsPerSecond peak;
  std::string peak_dtype;
  FlopsConvention convention{};
  Recompute recompute{};
  Input<std::uint64_t> sequence;  ///< 0 under 6nd, which needs none
  Flops flops;                    ///< of the model, under the convention
  Flops hardware_flops;           ///< with what is recomputed
  TrainingCost cost;
  std::optional<DollarsPerHour> price;   ///< nothing when the device has no quote
  const PriceQuote* quote{nullptr};      ///< the median, of `device`; nullptr when the price was given
  DollarsPerHour low_price, high_price;  ///< the range of these quotes
  std::size_t quotes{0};                 ///< how many the median was taken of
};

/// The length of a training sequence: as given, as published, or the smaller of 8,192 and the model's positions.
[[nodiscard]] Input<std::uint64_t> training_sequence(const Model& model, const Inventory& inventory,
                                                     const std::optional<std::uint64_t>& given);

/// The dense peak that training is measured against: half precision, which mixed-precision training multiplies in; full
/// precision where there is no other. Throws Error when the catalog has none.
[[nodiscard]] std::pair<FlopsPerSecond, std::string> training_peak(const Device& device);

/// Quotes of that kind, cheapest first; of an empty kind on-demand ones, and all when there are none of these. Throws
/// Error with exit code usage when a kind is named that the device has no quote of.
[[nodiscard]] std::vector<const PriceQuote*> price_quotes(const Device& device, const std::string& pricing);

/// Throws Error: with exit code usage when too much is given, with exit code `no` when the time given would take more
/// than the device's peak.
[[nodiscard]] TrainingAnswer plan_training(const Model& model, const Inventory& inventory, const ParamCounts& params,
                                           const TrainingRequest& request, const Catalog& catalog);

}  // namespace paramcount
