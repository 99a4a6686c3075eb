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

/// The whole prompt in one pass, as generate() computes it; with less than that a short one.
std::vector<OverheadPart> overhead(const OverheadQuestion& q) {
  const auto tokens = checked_mul(q.request.context, q.request.sequences);
  const auto activations = activation_bytes(q.inventory, q.layout, tokens, q.request.sequences);
  const auto shorter = activation_bytes(q.inventory, q.layout, std::min<std::uint64_t>(tokens, 512), 1);
  return {{"activations", "activations of the prompt", shorter, activations, activations,
           "the widest layer, all tokens in one pass; low: a prompt of 512"},
          driver_context(q)};
}

}  // namespace

RuntimeProfile transformers() {
  using Kind = RuntimeProfile::Knob::Kind;
  static constexpr auto kKnobs = std::to_array<RuntimeProfile::Knob>(
      {{"static", Kind::flag, 0, "StaticCache: window layers keep min(window, context)"}});
  static constexpr auto kFormats = std::to_array<std::string_view>({"bf16", "bnb-int8", "nf4"});
  return {.name = "transformers",
          .text = "DynamicCache: full layers keep every token",
          .windows = "window layers keep window - 1 tokens",
          .latent = "MLA is expanded to keys and values of all heads",
          .state = "recurrent state in the KV cache's format",
          .source = "transformers 5.2: cache_utils.py, models/deepseek_v3/modeling_deepseek_v3.py",
          .knobs = kKnobs,
          .cells = exact_cells,
          .window_cells = window_cells,
          .widths = widths,
          .state_bytes = state_in_cache_format,
          .serving = {.split = RuntimeProfile::Serving::Split::layers,
                      .overhead = overhead,
                      .formats = kFormats,
                      .source = "accelerate: device_map=\"auto\" places whole layers"}};
}

}  // namespace paramcount
