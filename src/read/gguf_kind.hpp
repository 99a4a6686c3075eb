// What a GGUF contains, by `general.type`, or by its tensors if that is missing or says "model".
#pragma once

#include "paramcount/read/checkpoint.hpp"

namespace paramcount {

/// Files older than `general.type`, and programs that leave it out, are known by the architecture, the metadata keys
/// and the tensors that such files have. An unknown type counts as a model.
[[nodiscard]] CheckpointKind gguf_kind(const Checkpoint& checkpoint);

}  // namespace paramcount
