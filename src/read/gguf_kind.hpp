// What a GGUF is: `general.type` says it, and where it is missing or says "model", what the file holds.
#pragma once

#include "paramcount/read/checkpoint.hpp"

namespace paramcount {

/// Files older than `general.type`, and programs that leave it out, are known by the architecture, the metadata keys
/// and the tensors that such files have. A type that is not known is taken for a model.
[[nodiscard]] CheckpointKind gguf_kind(const Checkpoint& checkpoint);

}  // namespace paramcount
