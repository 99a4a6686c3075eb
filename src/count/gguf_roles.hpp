// Roles of a GGUF's tensors by name alone, for architectures without a family.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "paramcount/catalog/role.hpp"
#include "paramcount/count/inventory.hpp"

namespace paramcount {

/// Of a folded name: "blk.*.ffn_up.*.weight". Source: llama.cpp, src/llama-arch.cpp.
[[nodiscard]] NamedRole role_of_gguf_name(const std::string& key);

/// What a block of multi-token prediction caches when llama.cpp drafts with it: in a context of its own, never in the
/// main one's. Keys and values are as wide as the projections that make them, or as MLA's latent; `kv_heads` splits
/// them, 0: not known. Empty where no tensor marked as `mtp` is attention's. Source: llama.cpp, pull requests 22673,
/// 24125 and 28630.
[[nodiscard]] std::vector<State> mtp_state(const std::vector<Tensor>& tensors, std::uint64_t kv_heads);

}  // namespace paramcount
