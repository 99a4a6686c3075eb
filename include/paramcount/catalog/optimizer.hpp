// What training keeps of every parameter: weights, gradients, a master copy, the optimizer's states, and how ZeRO
// spreads them over devices. Activations are not here: they depend on batch and layout, not on the parameters alone.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "paramcount/base/units.hpp"

namespace paramcount {

/// A row of data/optimizers.json: bytes per trained parameter.
struct Optimizer {
  std::string id;
  std::string name;
  std::vector<std::string> aliases;
  double weights{0};  ///< as multiplied with
  double gradients{0};
  double master{0};  ///< a copy of the weights in full precision
  double states{0};  ///< moments, velocities
  std::string source;

  [[nodiscard]] double bytes_per_parameter() const { return weights + gradients + master + states; }
};

inline constexpr std::uint64_t kZeroStages = 4;  ///< 0 to 3

/// Bytes of one device.
struct TrainingState {
  Bytes weights;
  Bytes gradients;
  Bytes master;
  Bytes states;

  [[nodiscard]] Bytes total() const { return weights + gradients + master + states; }
};

/// ZeRO (arXiv:1910.02054, section 5): stage 0 repeats everything on each of `ranks` data-parallel devices; 1 spreads
/// the master copy and the states, 2 the gradients too, 3 the weights too. A share is rounded up to whole bytes.
/// Preconditions: ranks > 0, stage below kZeroStages.
[[nodiscard]] TrainingState training_state(Params trained, const Optimizer& optimizer, std::uint64_t stage,
                                           std::uint64_t ranks);

}  // namespace paramcount
