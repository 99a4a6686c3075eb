// The table of runtimes, each made in the file of its name, and rules that several share.
#pragma once

#include <algorithm>
#include <array>

#include "paramcount/base/checked.hpp"
#include "paramcount/estimate/runtime.hpp"

namespace paramcount {

RuntimeProfile ideal();
RuntimeProfile llama_cpp();
RuntimeProfile vllm();
RuntimeProfile transformers();
/// All of them, the default first.
inline constexpr std::array kRuntimes{ideal, llama_cpp, vllm, transformers};

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

inline std::uint64_t round_up(std::uint64_t value, std::uint64_t multiple) {
  return checked_mul(value / multiple + (value % multiple != 0 ? 1 : 0), multiple);
}

}  // namespace paramcount
