// What generating one token reads from memory: the weights it passes, the KV cache and the recurrent state. With few
// sequences, generation is memory-bandwidth bound.
#pragma once

#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "paramcount/base/units.hpp"
#include "paramcount/catalog/device.hpp"
#include "paramcount/count/inventory.hpp"
#include "paramcount/estimate/offload.hpp"
#include "paramcount/estimate/sparsity.hpp"
#include "paramcount/estimate/weights.hpp"

namespace paramcount {

/// The weights that steps read.
struct StepWeights {
  /// Routed experts: the share of them that one token uses.
  struct Routed {
    double bytes{0};
    double share{1};
  };
  double always{0};  ///< bytes that every step reads
  std::vector<Routed> routed;

  /// Bytes that a step of so many tokens reads, when each picks its experts freely.
  [[nodiscard]] double bytes(double tokens) const;
  void scale(double factor);
};
[[nodiscard]] StepWeights step_weights(const Inventory& inventory, const WeightFormat& format);
/// Of a llama.cpp file, whose tensors each have a format of their own.
/// `split`: what is in the host's memory is the second.
[[nodiscard]] std::pair<StepWeights, StepWeights> step_weights(const GgufInventory& inventory, const GgufFile& file,
                                                               const OffloadSplit& split, std::uint64_t layers);

/// Of routed experts the share one token uses, and of several sequences at once the share that their tokens use in the
/// mean when each picks its experts freely: 1 - (1 - k/E)^sequences. Of input tables and learned positions nothing (one
/// row), unless a table is the head too; no towers, no multi-token prediction. In the format, which is no file type,
/// pruned where sparsity is given.
[[nodiscard]] Bytes decode_weight_bytes(const Inventory& inventory, const WeightFormat& format,
                                        const std::optional<Sparsity>& sparsity = std::nullopt,
                                        std::uint64_t sequences = 1);

/// The same of a llama.cpp file, whose tensors each have a format of their own.
[[nodiscard]] Bytes decode_weight_bytes(const GgufInventory& inventory, const GgufFile& file, std::uint64_t sequences);

/// A figure between the bounds that 80 % of unseen measurements kept.
struct Estimate {
  double low{0}, likely{0}, high{0};
};

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
