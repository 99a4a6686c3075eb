// A Value as bytes: the form in which the built-in catalog stands in the binary. Made when the program is built and
// read only by the same build, so there is no version and no byte order to agree on.
#pragma once

#include <string>
#include <string_view>

#include "paramcount/value.hpp"

namespace paramcount {

[[nodiscard]] std::string pack(const Value& value);

/// Throws Error when the bytes are not what pack() makes.
[[nodiscard]] Value unpack(std::string_view bytes);

}  // namespace paramcount
