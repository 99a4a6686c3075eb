// vLLM: vllm/v1/kv_cache_interface.py @001cabc1, without the padding of pages in hybrids.
#include "estimate/runtimes/runtimes.hpp"

namespace paramcount {
namespace {

CacheCells cells(const CacheRequest& request) {
  return {round_up(request.context, request.runtime.knob("block")), request.sequences};
}

/// The window's tokens, those of one scheduled batch, and a page more, since a window may begin within a page.
std::uint64_t window_cells(std::uint64_t window, const CacheCells&, const CacheRequest& request) {
  const auto block = request.runtime.knob("block");
  const auto reach = checked_add(window > 0 ? window - 1 : 0, request.runtime.knob("batched"));
  return checked_add(round_up(std::min(reach, request.context), block), block);
}

}  // namespace

RuntimeProfile vllm() {
  using Kind = RuntimeProfile::Knob::Kind;
  return {.name = "vllm",
          .aliases = {},
          .text = "pages of 16 tokens",
          .windows = "window - 1 + the tokens scheduled at once (8,192) and a page more of window layers",
          .latent = "MLA's latent",
          .state = "recurrent state in the cache's format, without the padding of pages in hybrids",
          .source = "vLLM: vllm/v1/kv_cache_interface.py @001cabc1",
          .knobs = {{"block", Kind::number, 16, "tokens of a page (--block-size)"},
                    {"batched", Kind::number, 8192, "tokens scheduled at once (--max-num-batched-tokens)"}},
          .check = nullptr,
          .cells = cells,
          .window_cells = window_cells,
          .widths = own_widths,
          .state_bytes = state_in_cache_format,
          .process = nullptr};
}

}  // namespace paramcount
