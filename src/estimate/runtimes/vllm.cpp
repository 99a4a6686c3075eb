// vLLM: vllm/v1/kv_cache_interface.py @001cabc1, without the padding of pages in hybrids; number formats of recurrent
// state by vllm/model_executor/layers/mamba/mamba_utils.py, seen in logs: vllm-project/vllm#54076.
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

/// Recurrent state in fp32 where the family says that the config or the class asks for it (`state_dtype`), else like
/// the inputs of convolutions in the 16 bits of the model; never in the cache's own format.
Bytes state_bytes(const State& entry, std::uint64_t elements, const Inventory& inventory, const CacheRequest&) {
  const Value* const dtype = inventory.dim("state_dtype");
  const bool full = entry.kind == StateKind::recurrent && dtype != nullptr && *dtype == Value("float32");
  return {checked_mul(elements, full ? 4 : 2)};
}

}  // namespace

RuntimeProfile vllm() {
  using Kind = RuntimeProfile::Knob::Kind;
  return {.name = "vllm",
          .aliases = {},
          .text = "pages of 16 tokens",
          .windows = "window - 1 + the tokens scheduled at once (8,192) and a page more of window layers",
          .latent = "MLA's latent",
          .state =
              "recurrent state in fp32 where config or class ask for it, else 16 bits as for inputs of convolutions; "
              "without the padding of pages in hybrids",
          .source = "vLLM: vllm/v1/kv_cache_interface.py @001cabc1",
          .knobs = {{"block", Kind::number, 16, "tokens of a page (--block-size)"},
                    {"batched", Kind::number, 8192, "tokens scheduled at once (--max-num-batched-tokens)"}},
          .check = nullptr,
          .cells = cells,
          .window_cells = window_cells,
          .widths = own_widths,
          .state_bytes = state_bytes,
          .process = nullptr};
}

}  // namespace paramcount
