// llama.cpp, August 2026: src/llama-kv-cache.cpp, llama-kv-cache-iswa.cpp, llama-memory-recurrent.cpp; exact.
#include <algorithm>

#include "estimate/runtimes/runtimes.hpp"
#include "paramcount/base/checked.hpp"
#include "paramcount/base/error.hpp"
#include "paramcount/estimate/llama_cpp.hpp"

namespace paramcount {
namespace {

constexpr std::uint64_t kCellMultiple = 256;

void check_heads(std::uint64_t head_dim, const Dtype& dtype) {
  if (dtype.ggml_block > 1 && head_dim % dtype.ggml_block != 0) {
    throw Error("llama.cpp refuses a cache in " + dtype.id + ": heads of " + std::to_string(head_dim) +
                " elements are not a multiple of " + std::to_string(dtype.ggml_block));
  }
}

void check(const std::vector<State>& state, const CacheRequest& request) {
  for (const auto* dtype : {&request.keys, &request.values}) {
    if (dtype->ggml_block == 0) {
      throw usage_error(
          "--kv-dtype " + dtype->id +
          ": not a KV cache format of llama.cpp; it has fp32, fp16, bf16, q8_0, q5_1, q5_0, q4_1, q4_0, iq4_nl");
    }
  }
  if (request.values.ggml_block > 1 && request.runtime.has("no-flash")) {
    throw Error("llama.cpp refuses values in " + request.values.id + " without flash attention");
  }
  for (const auto& entry : state) {
    if (!entry.is_cache()) continue;
    if (entry.value_elements() == 0 && request.keys.id != request.values.id) {
      throw Error("llama.cpp refuses different formats for keys and values with MLA, which keeps one vector for both");
    }
    check_heads(entry.shape.size() == 3 ? entry.shape[1] : entry.key_elements(), request.keys);
    if (entry.shape.size() == 3) check_heads(entry.shape[2], request.values);
  }
}

CacheCells cells(const CacheRequest& request) {
  const auto all = round_up(llama_cpp_context(request), kCellMultiple);
  if (request.runtime.has("unified")) return {all, 1};
  return {round_up(all / request.sequences, kCellMultiple), request.sequences};
}

std::uint64_t window_cells(std::uint64_t window, const CacheCells& cells, const CacheRequest& request) {
  if (request.runtime.has("swa-full")) return cells.full;
  const auto seen = checked_mul(window, request.runtime.has("unified") ? request.sequences : 1);
  return round_up(std::min(cells.full, checked_add(seen, llama_cpp_ubatch(request))), kCellMultiple);
}

/// Keys and values of cross-attention are recomputed, never cached. Without flash attention values are kept transposed,
/// all layers as wide as the widest where they differ.
CacheWidths widths(const State& entry, const std::vector<State>& state, const Inventory&, const CacheRequest& request) {
  if (entry.kind == StateKind::cross) return {};
  CacheWidths widths{entry.key_elements(), entry.value_elements()};
  if (request.runtime.has("no-flash")) {
    for (const auto& other : state) {
      if (other.is_cache()) widths.value = std::max(widths.value, other.value_elements());
    }
  }
  return widths;
}

/// One state of each sequence, and one more for each token that is drafted at once, to return to (n_rs_seq).
Bytes states(const State& entry, std::uint64_t elements, const Inventory& inventory, const CacheRequest& request) {
  return fp32_state(entry, checked_mul(elements, checked_add(request.runtime.knob("draft"), 1)), inventory, request);
}

/// The compute buffer is the process's own (paramcount/estimate/llama_cpp.hpp).
std::vector<OverheadPart> overhead(const OverheadQuestion& question) { return {driver_context(question)}; }

}  // namespace

std::uint64_t llama_cpp_context(const CacheRequest& request) {
  const auto total = request.runtime.knob("ctx");
  return total > 0 ? total : checked_mul(request.context, request.sequences);
}

std::uint64_t llama_cpp_ubatch(const CacheRequest& request) {
  return std::min({llama_cpp_context(request), request.runtime.knob("batch"), request.runtime.knob("ubatch")});
}

RuntimeProfile llama_cpp() {
  using Kind = RuntimeProfile::Knob::Kind;
  static constexpr auto kAliases = std::to_array<std::string_view>({"llamacpp", "llama-cpp"});
  static constexpr auto kKnobs = std::to_array<RuntimeProfile::Knob>(
      {{"ubatch", Kind::number, 512, "tokens computed at once (--ubatch-size)"},
       {"batch", Kind::number, 2048, "tokens submitted at once (--batch-size)"},
       {"ctx", Kind::number, 0, "tokens of all sequences together (--ctx-size); context × batch"},
       {"unified", Kind::flag, 0, "one buffer for all sequences (--kv-unified)"},
       {"swa-full", Kind::flag, 0, "window layers keep the whole context (--swa-full)"},
       {"draft", Kind::number, 0, "tokens drafted at once, each with one more recurrent state (--spec-draft-n-max)"},
       {"no-flash", Kind::flag, 0, "without flash attention: values padded to the widest layer"}});
  static constexpr auto kFormats = std::to_array<std::string_view>(
      {"bf16", "q8_0", "q6_k", "q5_k_m", "q5_k_s", "q4_k_m", "q4_k_s", "iq4_xs", "q3_k_l", "q3_k_m", "iq3_m", "q3_k_s",
       "iq3_xxs", "q2_k", "iq2_m", "iq2_xs", "iq2_xxs", "iq1_m"});
  return {
      .name = "llama.cpp",
      .aliases = kAliases,
      .text = "cells rounded up to a multiple of 256",
      .windows =
          "window layers keep window + ubatch, rounded up, or the whole context where it ignores the architecture's "
          "windows",
      .state = "recurrent state in fp32",
      .source = "llama.cpp, August 2026: src/llama-kv-cache.cpp, llama-kv-cache-iswa.cpp, llama-memory-recurrent.cpp",
      .knobs = kKnobs,
      .reads_gguf = true,
      .check = check,
      .cells = cells,
      .window_cells = window_cells,
      .widths = widths,
      .state_bytes = states,
      .process = llama_cpp_memory,
      .serving = {.split = RuntimeProfile::Serving::Split::layers,
                  .overhead = overhead,
                  .formats = kFormats,
                  .speed = "llama.cpp",
                  .half_cache = "q8_0",
                  .source = "llama.cpp: src/llama-model.cpp load_tensors, common/fit.cpp @08033df0"}};
}

}  // namespace paramcount
