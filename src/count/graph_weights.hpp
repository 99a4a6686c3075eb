// Weights of a graph (ONNX) whose operators show what each tensor is used for.
#pragma once

#include "count/packing.hpp"

namespace paramcount {

/// Floats are weights, and so is what an operator unpacks; whole numbers that none unpacks are indices, shapes and
/// masks.
[[nodiscard]] StoredWeights graph_weights(const Checkpoint& checkpoint);

}  // namespace paramcount
