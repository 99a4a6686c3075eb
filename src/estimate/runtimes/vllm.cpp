// vLLM: vllm/v1/kv_cache_interface.py @001cabc1, without the padding of pages in hybrids; number formats of recurrent
// state by vllm/model_executor/layers/mamba/mamba_utils.py, seen in logs: vllm-project/vllm#54076.
#include <algorithm>

#include "estimate/runtimes/runtimes.hpp"
#include "paramcount/estimate/layout.hpp"

namespace paramcount {
namespace {

/// Decode context parallelism divides the tokens of a sequence over devices.
CacheCells cells(const CacheRequest& request) {
  const auto devices = request.runtime.knob("dcp");
  return {round_up(ceil_div(request.context, devices), request.runtime.knob("block")), request.sequences};
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

constexpr std::uint64_t kSequences = 256;           ///< --max-num-seqs, profiled whatever the load
constexpr std::uint64_t kLargeCard = 70ULL << 30U;  ///< from here on the server schedules 8,192 tokens, else 2,048

/// Activations are measured by vLLM itself, by a dummy run; what is not torch's are the CUDA context's growth and the
/// buffers of collective communication. Ranges: start-up logs of versions 0.6 to 0.9 (vllm-project/vllm#8031 and
/// others): 0.01 to 0.35 GiB on one device, 0.2 to 3.6 on several.
std::vector<OverheadPart> overhead(const OverheadQuestion& q) {
  const bool given = std::any_of(q.request.runtime.knobs.begin(), q.request.runtime.knobs.end(),
                                 [](const auto& knob) { return knob.first == "batched"; });
  const auto batched = q.request.runtime.knob("batched");
  const std::uint64_t tokens = given ? batched : q.memory.value >= kLargeCard ? batched : batched / 4;
  const auto likely = activation_bytes(q.inventory, q.layout, tokens, kSequences);
  const auto low = activation_bytes(q.inventory, q.layout, given ? tokens : batched / 4, 1);
  const auto high = activation_bytes(q.inventory, q.layout, given ? tokens : batched, kSequences);
  const bool several = q.layout.tensor * q.layout.pipeline > 1;
  return {{"activations", "activations", low, likely, high,
           "vLLM: gpu_worker.py determine_available_memory; the widest layer and 256 rows of logits"},
          {"runtime", several ? "CUDA and NCCL buffers" : "CUDA buffers", gibibytes(several ? 0.2 : 0.05),
           gibibytes(several ? 0.8 : 0.25), gibibytes(several ? 2.6 : 0.6),
           "start-up logs: 0.01 to 0.35 GiB on one device, 0.2 to 3.6 on several"}};
}

}  // namespace

RuntimeProfile vllm() {
  using Kind = RuntimeProfile::Knob::Kind;
  static constexpr auto kKnobs = std::to_array<RuntimeProfile::Knob>(
      {{"block", Kind::number, 16, "tokens per page (--block-size)"},
       {"batched", Kind::number, 8192, "tokens scheduled per step (--max-num-batched-tokens)"},
       {"dcp", Kind::number, 1, "devices that each sequence is split across (--decode-context-parallel-size)"}});
  static constexpr auto kFormats =
      std::to_array<std::string_view>({"bf16", "fp8", "gptq-int8", "awq", "nvfp4", "mxfp4"});
  return {.name = "vllm",
          .text = "pages of 16 tokens",
          .windows = "window layers keep window - 1 + the tokens scheduled per step (8,192), and one page more",
          .state =
              "recurrent state in fp32 if the config or class asks for it, else in 16 bits, as convolution inputs are; "
              "without the page padding of hybrids",
          .source = "vLLM: vllm/v1/kv_cache_interface.py @001cabc1",
          .knobs = kKnobs,
          .cells = cells,
          .window_cells = window_cells,
          .widths = own_widths,
          .state_bytes = state_bytes,
          .serving = {.split = RuntimeProfile::Serving::Split::tensors,
                      .utilization = 0.9,
                      .option = "--gpu-memory-utilization",
                      .groups_layers = true,
                      .rotary_tables = true,
                      .pads_vocabulary = true,
                      .pads_mxfp4 = {128, 256},
                      .overhead = overhead,
                      .formats = kFormats,
                      .speed = "served",
                      .beside = "CUDA graphs, 0.5 to 3.2 GiB, come out of the unused fraction",
                      .source = "vLLM: vllm/v1/worker/gpu_worker.py, layers/linear.py, quantization/mxfp4.py"}};
}

}  // namespace paramcount
