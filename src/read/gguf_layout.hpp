// Where the tensors of a GGUF lie, and how many bytes each has: by its type, or by what the offsets leave it where the
// type is not known or contradicts them.
#pragma once

#include <cstdint>

#include "read/gguf_header.hpp"

namespace paramcount {

/// Turns offsets in the data into offsets in the file, sets bytes and number formats, and checks that tensors lie
/// inside the file and do not overlap. Throws Error "<tensor>: ...".
void lay_out(GgufHeader& header);

}  // namespace paramcount
