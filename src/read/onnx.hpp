// ONNX graphs from any source; read_onnx of paramcount/read/checkpoint.hpp reads a file.
#pragma once

#include "paramcount/read/checkpoint.hpp"
#include "read/source.hpp"

namespace paramcount {

/// The graph's tensors. Data beside it are looked for where the source's name says it lies. Throws Error "byte N: ...".
[[nodiscard]] Checkpoint read_onnx_graph(const Source& source);

}  // namespace paramcount
