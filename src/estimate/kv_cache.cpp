#include "paramcount/estimate/kv_cache.hpp"

#include <algorithm>

#include "base/numbers.hpp"
#include "paramcount/base/checked.hpp"
#include "paramcount/base/error.hpp"

namespace paramcount {
namespace {

constexpr std::uint64_t kStateBytes = 4;  ///< fp32
constexpr std::uint64_t kCellMultiple = 256;

std::uint64_t round_up(std::uint64_t value, std::uint64_t multiple) {
  return checked_mul(value / multiple + (value % multiple != 0 ? 1 : 0), multiple);
}

/// Tokens each sort of cache has room for, in each of `streams` buffers.
struct Cells {
  std::uint64_t full{0};
  std::uint64_t streams{1};
};

Cells cells_of(const CacheRequest& request) {
  const auto& runtime = request.runtime;
  switch (runtime.runtime) {
    case Runtime::llama_cpp: {
      const auto total = runtime.total > 0 ? runtime.total : checked_mul(request.context, request.sequences);
      if (runtime.unified) return {round_up(total, kCellMultiple), 1};
      return {round_up(round_up(total, kCellMultiple) / request.sequences, kCellMultiple), request.sequences};
    }
    case Runtime::vllm:
      return {round_up(request.context, runtime.block), request.sequences};
    case Runtime::ideal:
    case Runtime::transformers:
      break;
  }
  return {request.context, request.sequences};
}

std::uint64_t window_cells(std::uint64_t window, const Cells& cells, const CacheRequest& request) {
  const auto& runtime = request.runtime;
  switch (runtime.runtime) {
    case Runtime::llama_cpp: {
      if (runtime.swa_full) return cells.full;
      const auto total = runtime.total > 0 ? runtime.total : checked_mul(request.context, request.sequences);
      const auto ubatch = std::min({total, runtime.batch, runtime.ubatch});
      const auto seen = checked_mul(window, runtime.unified ? request.sequences : 1);
      return round_up(std::min(cells.full, checked_add(seen, ubatch)), kCellMultiple);
    }
    case Runtime::vllm: {
      const auto reach = checked_add(window > 0 ? window - 1 : 0, runtime.batched);
      const auto blocks = std::min(reach, request.context);
      return checked_add(round_up(blocks, runtime.block), runtime.block);
    }
    case Runtime::transformers:
      return std::min(runtime.is_static || window == 0 ? window : window - 1, request.context);
    case Runtime::ideal:
      break;
  }
  return std::min(window, request.context);
}

/// One layer's widths as the program stores them.
struct Widths {
  std::uint64_t key{0}, value{0};
};

Widths widths_of(const State& state, const Inventory& inventory, Runtime runtime) {
  if (runtime == Runtime::transformers && state.value_elements() == 0 && inventory.count("kv_lora_rank") > 0 &&
      state.key_elements() == inventory.count("kv_lora_rank") + inventory.count("qk_rope_head_dim")) {
    // modeling_deepseek_v3.py expands the latent before it is cached.
    const auto heads = inventory.count("n_heads");
    const auto key = checked_add(inventory.count("qk_nope_head_dim"), inventory.count("qk_rope_head_dim"));
    return {checked_mul(heads, key), checked_mul(heads, inventory.count("v_head_dim"))};
  }
  return {state.key_elements(), state.value_elements()};
}

/// What llama.cpp says no to.
void check_llama_cpp(const std::vector<State>& state, const CacheRequest& request) {
  for (const auto* dtype : {&request.keys, &request.values}) {
    if (dtype->ggml_block == 0) {
      throw usage_error(
          "--kv-dtype " + dtype->id +
          ": no cache format of llama.cpp; it has fp32, fp16, bf16, q8_0, q5_1, q5_0, q4_1, q4_0, iq4_nl");
    }
  }
  if (request.values.ggml_block > 1 && !request.runtime.flash) {
    throw Error("llama.cpp refuses values in " + request.values.id + " without flash attention");
  }
  for (const auto& entry : state) {
    if (!entry.is_cache()) continue;
    if (entry.value_elements() == 0 && request.keys.id != request.values.id) {
      throw Error("llama.cpp refuses different formats of keys and values with MLA, which keeps one vector for both");
    }
    const auto check = [&](std::uint64_t head_dim, const Dtype& dtype) {
      if (dtype.ggml_block > 1 && head_dim % dtype.ggml_block != 0) {
        throw Error("llama.cpp refuses a cache in " + dtype.id + ": heads of " + std::to_string(head_dim) +
                    " elements are no multiple of " + std::to_string(dtype.ggml_block));
      }
    };
    check(entry.shape.size() == 3 ? entry.shape[1] : entry.key_elements(), request.keys);
    if (entry.shape.size() == 3) check(entry.shape[2], request.values);
  }
}

/// Without flash attention llama.cpp keeps values transposed, all layers as wide as the widest where they differ.
std::uint64_t common_value_width(const std::vector<State>& state, const CacheRequest& request) {
  if (request.runtime.runtime != Runtime::llama_cpp || request.runtime.flash) return 0;
  std::uint64_t widest = 0;
  bool differ = false;
  for (const auto& entry : state) {
    if (!entry.is_cache()) continue;
    differ = differ || (widest != 0 && widest != entry.value_elements());
    widest = std::max(widest, entry.value_elements());
  }
  return differ ? widest : 0;
}

Bytes cache_bytes(const Widths& widths, std::uint64_t copies, std::uint64_t cells, const CacheRequest& request) {
  const auto bytes = [&](std::uint64_t width, const Dtype& dtype) {
    return dtype.bytes_of(checked_mul(checked_mul(width, copies), cells));
  };
  return bytes(widths.key, request.keys) + bytes(widths.value, request.values);
}

}  // namespace

KvCache kv_cache(const std::vector<State>& state, const Inventory& inventory, const CacheRequest& request) {
  const Runtime runtime = request.runtime.runtime;
  for (const auto* dtype : {&request.keys, &request.values}) {
    if (!dtype->leaves.empty()) {
      throw usage_error("--kv-dtype " + dtype->id + ": a method for weights, not for a cache");
    }
  }
  if (runtime == Runtime::llama_cpp) check_llama_cpp(state, request);
  const bool fp32_state = runtime == Runtime::ideal || runtime == Runtime::llama_cpp;
  const Cells cells = cells_of(request);
  const auto common_width = common_value_width(state, request);
  KvCache cache;
  for (const auto& entry : state) {
    const std::uint64_t elements = checked_mul(entry.elements(), entry.copies);
    Widths widths = widths_of(entry, inventory, runtime);
    if (common_width > 0) widths.value = common_width;
    if (entry.is_cache() && !(entry.kind == StateKind::cross && runtime == Runtime::llama_cpp)) {
      cache.bytes_per_token += static_cast<double>(entry.copies) / 8 *
                               (static_cast<double>(widths.key) * request.keys.bits_per_weight() +
                                static_cast<double>(widths.value) * request.values.bits_per_weight());
    }
    const auto per_token = checked_mul(checked_add(widths.key, widths.value), entry.copies);
    switch (entry.kind) {
      case StateKind::cross:
        if (runtime == Runtime::llama_cpp) break;  // recomputed, never cached
        [[fallthrough]];
      case StateKind::kv:
        cache.full_elements = checked_add(cache.full_elements, per_token);
        cache.full_cells = checked_mul(cells.full, cells.streams);
        cache.full += cache_bytes(widths, entry.copies, cache.full_cells, request);
        break;
      case StateKind::window: {
        const auto kept = checked_mul(window_cells(entry.window, cells, request), cells.streams);
        cache.window_elements = checked_add(cache.window_elements, per_token);
        cache.window_cells = std::max(cache.window_cells, kept);
        cache.window += cache_bytes(widths, entry.copies, kept, request);
        break;
      }
      case StateKind::recurrent:
      case StateKind::conv: {
        const auto all = checked_mul(elements, request.sequences);
        cache.state_elements = checked_add(cache.state_elements, elements);
        cache.state += fp32_state ? Bytes{checked_mul(all, kStateBytes)} : request.keys.bytes_of(all);
        break;
      }
    }
  }
  return cache;
}

}  // namespace paramcount
