// Roles of a GGUF's tensors by name alone, for architectures without a family.
#pragma once

#include <string>

#include "paramcount/catalog/role.hpp"

namespace paramcount {

/// Of a folded name: "blk.*.ffn_up.*.weight". Source: llama.cpp, src/llama-arch.cpp.
[[nodiscard]] NamedRole role_of_gguf_name(const std::string& key);

}  // namespace paramcount
