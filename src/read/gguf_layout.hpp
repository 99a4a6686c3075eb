// Offsets and sizes of a GGUF's tensors: by type, or by the offsets if the type is unknown or contradicts them.
#pragma once

#include "read/gguf_header.hpp"

namespace paramcount {

/// Turns offsets in the data into offsets in the file, sets bytes and number formats, and checks that tensors lie
/// inside the file and do not overlap. Throws Error "<tensor>: ...".
void lay_out(GgufHeader& header);

}  // namespace paramcount
