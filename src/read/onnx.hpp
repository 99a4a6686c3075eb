// ONNX graphs from any source; read_onnx of paramcount/read/checkpoint.hpp reads a file.
#pragma once

#include "paramcount/read/checkpoint.hpp"
#include "read/source.hpp"

namespace paramcount {

/// The graph's tensors. External data are looked for relative to the source's name. Throws Error "byte N: ...".
[[nodiscard]] Checkpoint read_onnx_graph(const Source& source);

}  // namespace paramcount
