// The activations that autograd stores for one layer's backward pass, operation by operation.
#pragma once

#include <vector>

#include "estimate/trained_model.hpp"
#include "paramcount/estimate/training_peak.hpp"

namespace paramcount {

/// One micro-batch, one layer, one device.
struct LayerBytes {
  double whole{0};     ///< without recomputation
  double kept{0};      ///< with it
  double routed{0};    ///< of these, what grows with the tokens that are routed to the device
  double backward{0};  ///< gradients that live while the layer goes backward
};

/// `terms`: filled with what `whole` is the sum of, when not nullptr.
[[nodiscard]] LayerBytes layer_bytes(const TrainedModel& model, const TrainedLayer& layer, const TrainingSetup& setup,
                                     std::vector<ActivationTerm>* terms = nullptr);

/// Tokens of a micro-batch on one device.
[[nodiscard]] inline double tokens_of(const TrainingSetup& setup) {
  return static_cast<double>(setup.sequence) * static_cast<double>(setup.layout.micro_batch) /
         static_cast<double>(setup.layout.context);
}
/// What the parts of a layer that tp does not divide are divided by.
[[nodiscard]] inline double sequence_shards(const TrainingSetup& setup) {
  return setup.layout.sequence_parallel ? static_cast<double>(setup.layout.tensor) : 1;
}

}  // namespace paramcount
