// The table of runtimes, each in a file of its name, and the rules that several share.
#pragma once

#include <algorithm>
#include <array>

#include "paramcount/base/checked.hpp"
#include "paramcount/estimate/runtime.hpp"

namespace paramcount {

RuntimeProfile ideal();
RuntimeProfile llama_cpp();
RuntimeProfile vllm();
RuntimeProfile sglang();
RuntimeProfile tensorrt_llm();
RuntimeProfile transformers();
/// All of them, the default first.
inline constexpr std::array kRuntimes{ideal, llama_cpp, vllm, sglang, tensorrt_llm, transformers};

inline constexpr Bytes gibibytes(double amount) { return {static_cast<std::uint64_t>(amount * 0x1p30)}; }

/// The peak activations of a forward pass of that many tokens, in 16 bits: the residual stream, and the inputs and
/// outputs of the widest feed-forward layer; and the logits of `sequences` with what sampling makes of them.
[[nodiscard]] Bytes activation_bytes(const Inventory& inventory, const Layout& layout, std::uint64_t tokens,
                                     std::uint64_t sequences);
/// What a driver's context and a program's kernels take of a card before anything is loaded; nothing where the memory
/// is the host's too.
[[nodiscard]] OverheadPart driver_context(const OverheadQuestion& question);

/// What a driver reports as a card's memory and programs never see.
[[nodiscard]] OverheadPart driver_reserve(const OverheadQuestion& question);

/// Room for the context's tokens and no more, a buffer for each sequence.
inline CacheCells exact_cells(const CacheRequest& request) { return {request.context, request.sequences}; }

/// Keys and values as the architecture has them; of MLA the latent.
inline CacheWidths own_widths(const State& entry, const std::vector<State>&, const Inventory&, const CacheRequest&) {
  return {entry.key_elements(), entry.value_elements()};
}

inline Bytes fp32_state(const State&, std::uint64_t elements, const Inventory&, const CacheRequest&) {
  return {checked_mul(elements, 4)};
}
inline Bytes state_in_cache_format(const State&, std::uint64_t elements, const Inventory&,
                                   const CacheRequest& request) {
  return request.keys.bytes_of(elements);
}

}  // namespace paramcount
