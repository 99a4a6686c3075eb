// Training memory per parameter: weights, gradients, a master copy, optimizer states, and how ZeRO shards them over
// devices. Activations are not here: they depend on batch and layout, not only on the parameters.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "paramcount/base/units.hpp"
#include "paramcount/catalog/device.hpp"
#include "paramcount/catalog/optimizer.hpp"

namespace paramcount {

inline constexpr std::uint64_t kZeroStages = 4;  ///< 0 to 3

/// Bytes per device.
struct TrainingMemory {
  Optimizer optimizer;
  Params trained;
  std::uint64_t stage{0};
  std::uint64_t ranks{1};  ///< data-parallel devices
  Bytes weights;           ///< of the trained parameters
  Bytes gradients;
  Bytes master;
  Bytes states;
  Bytes frozen;                               ///< frozen weights under adapters
  bool stage_chosen{false};                   ///< by plan_memory()
  std::array<Bytes, kZeroStages> by_stage{};  ///< totals; of plan_memory()
  std::string impossible;                     ///< why it does not fit on a device; empty: it does

  [[nodiscard]] Bytes total() const { return weights + gradients + master + states + frozen; }
};

/// ZeRO (arXiv:1910.02054, section 5): stage 0 replicates everything on each of `ranks` data-parallel devices; 1 shards
/// the master copy and optimizer states, 2 also the gradients, 3 also the weights, including frozen ones. A shard is
/// rounded up to whole bytes. Preconditions: ranks > 0, stage below kZeroStages.
[[nodiscard]] TrainingMemory training_memory(Params trained, const Optimizer& optimizer, std::uint64_t stage,
                                             std::uint64_t ranks, Bytes frozen = {});

/// The fewest devices with that memory on which everything fits under ZeRO-3: 1, 2, 4, or whole hosts of 8.
[[nodiscard]] std::uint64_t fewest_devices(Params trained, const Optimizer& optimizer, Bytes frozen, Bytes room);

/// Under the stage given, or the lowest that fits; `impossible` says when a device cannot hold its share.
[[nodiscard]] TrainingMemory plan_memory(Params trained, const Optimizer& optimizer, Bytes frozen, std::uint64_t ranks,
                                         const std::optional<std::uint64_t>& stage, const Device& device);

}  // namespace paramcount
