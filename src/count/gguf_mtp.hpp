// The KV cache of a multi-token-prediction block when llama.cpp drafts with it: in a context of its own, never in the
// main one. Source: llama.cpp, pull requests 22673, 24125 and 28630.
#pragma once

#include <cstdint>
#include <vector>

#include "paramcount/count/inventory.hpp"

namespace paramcount {

/// `tensors` have GGUF names, those of such blocks marked as `mtp`. Keys and values are as wide as the projections that
/// make them, or as MLA's latent; `kv_heads` splits them, 0: not known. Empty if no such block has attention.
[[nodiscard]] std::vector<State> mtp_state(const std::vector<Tensor>& tensors, std::uint64_t kv_heads);

}  // namespace paramcount
