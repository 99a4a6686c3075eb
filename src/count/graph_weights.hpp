// Weights of a graph that says what its operators take each tensor for (ONNX).
#pragma once

#include "count/packing.hpp"

namespace paramcount {

/// Floats are weights, and so is what an operator unpacks; whole numbers that none unpacks are indices, shapes and
/// masks.
[[nodiscard]] StoredWeights graph_weights(const Checkpoint& checkpoint);

}  // namespace paramcount
