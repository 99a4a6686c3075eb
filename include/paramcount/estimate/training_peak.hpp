// Peak training memory per device of a layout: weights, gradients, master copy, optimizer states, activations in
// flight, the loss and framework overhead. Exact where the rules are, ranges where routing or a version decides.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "paramcount/base/units.hpp"
#include "paramcount/count/inventory.hpp"
#include "paramcount/estimate/training_layout.hpp"

namespace paramcount {

/// What autograd stores for one operation of a layer, for one micro-batch on one device.
struct ActivationTerm {
  std::string_view label;
  std::string_view formula;  ///< in the symbols of `help training`
  double bytes{0};
};

/// A kind of layer of a stage, and the activations that one such layer stores.
struct LayerActivations {
  std::uint64_t layers{0};  ///< of the whole model
  double passes{1};         ///< of a token through each: more than 1 if layers share weights
  bool experts{false};
  std::vector<ActivationTerm> terms;  ///< without recomputation
  Bytes whole;                        ///< Σ terms
  Bytes kept;                         ///< without what is recomputed
};

/// The devices of one pipeline stage, the fullest of them.
struct StageMemory {
  std::uint64_t stage{0};
  std::uint64_t layers{0};
  double in_flight{1};  ///< micro-batches whose activations are stored at once
  Bytes frozen;         ///< frozen weights under adapters
  Bytes weights, gradients, master, states;
  Bytes host;         ///< of which in host memory
  Bytes activations;  ///< of all micro-batches in flight, and of the layer that is being recomputed
  Bytes loss;         ///< logits, their gradient and the head's activations; on the last stage
  Bytes other;        ///< workspaces, gathered parameters, buckets, and what one backward step takes beyond the loss
  Bytes low, peak, high;
  bool late{false};  ///< gradients grow as activations are freed: the peak is the larger of both, not their sum

  [[nodiscard]] Bytes static_bytes() const { return frozen + weights + gradients + master + states; }
};

struct PeakMemory {
  TrainingSetup setup;
  std::uint64_t ranks{1};
  std::vector<StageMemory> stages;
  std::vector<LayerActivations> layers;
  std::size_t fullest{0};
  Bytes reserved;                                     ///< what the allocator reserves on the device for that peak
  bool ok{true};                                      ///< false: the device has less
  std::string instead;                                ///< what would make it fit; empty: it fits, or nothing was found
  std::uint64_t max_sequence{0}, max_micro_batch{0};  ///< the largest that fit, the other as it is; 0: not asked
  std::uint64_t unknown{0};  ///< layers whose activations are only known within a factor: state-space models

  [[nodiscard]] const StageMemory& most() const { return stages[fullest]; }
};

/// Reserved over allocated memory of PyTorch's allocator: median of 43 runs on B200 (1.028 to 1.093). Source:
/// MooreThreads/SimuMax, docs/b200/b200_release_v1.2_summary.json; SimuMax itself assumes 1/0.94.
inline constexpr double kReservedOverAllocated = 1.04;

/// Memory of the fullest device of each stage. Precondition: not_trainable() returns nothing. Known error:
/// tests/truth/training_memory.jsonl.
[[nodiscard]] PeakMemory training_peak(const Inventory& inventory, const TrainingSetup& setup);

}  // namespace paramcount
