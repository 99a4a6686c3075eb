// Upper bound on generation speed: with few sequences, generation is memory-bandwidth bound.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "paramcount/base/units.hpp"
#include "paramcount/catalog/device.hpp"
#include "paramcount/estimate/estimate.hpp"

namespace paramcount {

/// Lower bound on decode time: memory bandwidth fully used, no other cost. What programs actually reach:
/// paramcount/estimate/speed.hpp.
struct DecodeBound {
  Bytes weights;  ///< read per step, which generates one token per sequence
  Bytes cache;
  SharedDevice device;
  std::uint64_t devices{1};
  std::uint64_t sequences{1};
  Seconds step;
  double tokens_per_second{0};     ///< of all sequences
  std::optional<Estimate> likely;  ///< what measured programs reach; nothing if none was measured
  std::optional<DollarsPerHour> price;
  std::optional<Dollars> per_thousand;  ///< tokens
  bool devices_given{false};
  std::string dtype;       ///< number format or file type of the weights
  std::string impossible;  ///< why it does not fit on the given devices; empty: it does
};

/// `step`: FLOPs of one step; with many sequences the device's highest peak is the bound instead, if known. `devices`:
/// 0 for the fewest that weights and cache fit on. Throws Error if the device's bandwidth is not known.
[[nodiscard]] DecodeBound decode_bound(Bytes read_weights, Bytes held_weights, Bytes cache, Flops step,
                                       std::uint64_t sequences, const SharedDevice& device, std::uint64_t devices,
                                       const std::optional<DollarsPerHour>& price);

}  // namespace paramcount
