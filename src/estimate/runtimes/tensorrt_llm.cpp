// TensorRT-LLM: kv_cache_free_gpu_memory_fraction and blocks of tokens, as its logs print them
// (NVIDIA/TensorRT-LLM#2268).
#include "estimate/runtimes/runtimes.hpp"
#include "paramcount/estimate/layout.hpp"

namespace paramcount {
namespace {

CacheCells cells(const CacheRequest& request) {
  return {round_up(request.context, request.runtime.knob("block")), request.sequences};
}

std::uint64_t window_cells(std::uint64_t window, const CacheCells&, const CacheRequest& request) {
  return round_up(std::min(window, request.context), request.runtime.knob("block"));
}

std::vector<OverheadPart> overhead(const OverheadQuestion& q) {
  constexpr std::uint64_t kTokens = 8192;  ///< --max_num_tokens
  const auto activations = activation_bytes(q.inventory, q.layout, kTokens, q.request.sequences);
  return {{"activations", "activations", Bytes{activations.value / 2}, activations, Bytes{activations.value * 3 / 2},
           "the widest layer of 8,192 tokens (--max_num_tokens)"},
          driver_context(q)};
}

}  // namespace

RuntimeProfile tensorrt_llm() {
  using Kind = RuntimeProfile::Knob::Kind;
  static constexpr auto kAliases = std::to_array<std::string_view>({"trt-llm", "trtllm", "tensorrt_llm"});
  static constexpr auto kKnobs = std::to_array<RuntimeProfile::Knob>(
      {{"block", Kind::number, 32, "tokens per block (--tokens_per_block); 64 before 1.0"}});
  static constexpr auto kFormats = std::to_array<std::string_view>({"bf16", "fp8", "awq", "nvfp4"});
  return {.name = "tensorrt-llm",
          .aliases = kAliases,
          .text = "blocks of 32 tokens",
          .windows = "window layers keep min(window, context) tokens, in blocks",
          .state = "recurrent state in the KV cache's format",
          .source = "TensorRT-LLM 1.0: kv_cache_config; NVIDIA/TensorRT-LLM#2268",
          .knobs = kKnobs,
          .cells = cells,
          .window_cells = window_cells,
          .widths = own_widths,
          .state_bytes = state_in_cache_format,
          .serving = {.split = RuntimeProfile::Serving::Split::tensors,
                      .utilization = 0.9,
                      .option = "--kv_cache_free_gpu_memory_fraction",
                      .of_free = true,
                      .rotary_tables = true,
                      .overhead = overhead,
                      .formats = kFormats,
                      .speed = "served",
                      .follows_checkpoint = true,
                      .source = "TensorRT-LLM: KvCacheConfig.free_gpu_memory_fraction"}};
}

}  // namespace paramcount
