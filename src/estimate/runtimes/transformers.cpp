// transformers 5.2: cache_utils.py (DynamicCache, StaticCache).
#include "estimate/runtimes/runtimes.hpp"

namespace paramcount {
namespace {

std::uint64_t window_cells(std::uint64_t window, const CacheCells&, const CacheRequest& request) {
  return std::min(request.runtime.has("static") || window == 0 ? window : window - 1, request.context);
}

/// modeling_deepseek_v3.py expands MLA's latent before it is cached.
CacheWidths widths(const State& entry, const std::vector<State>& state, const Inventory& inventory,
                   const CacheRequest& request) {
  const auto latent = inventory.count("kv_lora_rank");
  const auto rope = inventory.count("qk_rope_head_dim");
  if (entry.value_elements() != 0 || latent == 0 || entry.key_elements() != latent + rope) {
    return own_widths(entry, state, inventory, request);
  }
  const auto heads = inventory.count("n_heads");
  return {checked_mul(heads, checked_add(inventory.count("qk_nope_head_dim"), rope)),
          checked_mul(heads, inventory.count("v_head_dim"))};
}

}  // namespace

RuntimeProfile transformers() {
  using Kind = RuntimeProfile::Knob::Kind;
  return {.name = "transformers",
          .aliases = {},
          .text = "DynamicCache, every token of full layers",
          .windows = "window - 1 tokens of window layers",
          .latent = "MLA expanded to keys and values of all heads",
          .state = "recurrent state in the cache's format",
          .source = "transformers 5.2: cache_utils.py, models/deepseek_v3/modeling_deepseek_v3.py",
          .knobs = {{"static", Kind::flag, 0, "StaticCache: window layers keep min(window, context)"}},
          .check = nullptr,
          .cells = exact_cells,
          .window_cells = window_cells,
          .widths = widths,
          .state_bytes = state_in_cache_format,
          .process = nullptr};
}

}  // namespace paramcount
