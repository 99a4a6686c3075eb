// How fast tokens can be generated at best: with few sequences generation is bound by memory bandwidth.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "paramcount/base/units.hpp"
#include "paramcount/catalog/device.hpp"
#include "paramcount/estimate/estimate.hpp"

namespace paramcount {

/// The least that generating takes where reading memory bounds it: bandwidth in full use, nothing else in the way. What
/// programs reach of it: paramcount/estimate/speed.hpp.
struct DecodeBound {
  Bytes weights;  ///< read for a step, which makes one token of each sequence
  Bytes cache;
  SharedDevice device;
  std::uint64_t devices{1};
  std::uint64_t sequences{1};
  Seconds step;
  double tokens_per_second{0};     ///< of all sequences
  std::optional<Estimate> likely;  ///< the same as programs were measured to reach it; nothing where none was
  std::optional<DollarsPerHour> price;
  std::optional<Dollars> per_thousand;  ///< tokens
  bool devices_given{false};
  std::string dtype;       ///< number format or file type of the weights
  std::string impossible;  ///< why the devices given do not hold it; empty: they do
};

/// `step`: operations of one; many sequences are bound by the highest peak of the device instead, where one is known.
/// `devices`: 0 for the fewest that hold weights and cache. Throws Error when the device's bandwidth is not known.
[[nodiscard]] DecodeBound decode_bound(Bytes read_weights, Bytes held_weights, Bytes cache, Flops step,
                                       std::uint64_t sequences, const SharedDevice& device, std::uint64_t devices,
                                       const std::optional<DollarsPerHour>& price);

}  // namespace paramcount
