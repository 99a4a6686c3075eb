// What the tensors of a GGUF are for by their names alone, for architectures that no family describes.
#pragma once

#include <string>

#include "paramcount/catalog/role.hpp"

namespace paramcount {

/// Of a folded name: "blk.*.ffn_up.*.weight". Source: llama.cpp, src/llama-arch.cpp.
[[nodiscard]] NamedRole role_of_gguf_name(const std::string& key);

}  // namespace paramcount
