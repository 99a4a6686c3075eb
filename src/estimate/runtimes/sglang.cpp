// SGLang 0.5: python/sglang/srt/model_executor/model_runner.py profile_max_num_token, server_args.py, and
// layers/quantization/mxfp4.py for the padding of experts with the Triton kernels.
#include <algorithm>
#include <cmath>

#include "estimate/runtimes/runtimes.hpp"
#include "paramcount/estimate/layout.hpp"

namespace paramcount {
namespace {

/// The pool of window layers is a share of the pool of full layers, however short the window is.
std::uint64_t window_cells(std::uint64_t, const CacheCells& cells, const CacheRequest& request) {
  return checked_fraction(cells.full, request.runtime.knob("swa-percent"), 100);
}

/// What server_args.py reserves for activations and CUDA graphs, in MiB, by the card's memory; to three decimals.
double static_share(const Layout& layout, Bytes memory) {
  constexpr double kMiB = 1024;  ///< of a GiB
  const double card = static_cast<double>(memory.value) / 0x1p20;
  const auto devices = static_cast<double>(layout.tensor * layout.pipeline);
  double reserved = 32 * kMiB;
  if (card < 35 * kMiB) {
    reserved = (2.8 + devices / 10) * kMiB;
  } else if (card < 90 * kMiB) {
    reserved = (9.5 + devices / 2) * kMiB;
  } else if (card < 160 * kMiB) {
    reserved = (12 + devices / 2) * kMiB;
  }
  return std::max(0.0, std::round((card - reserved) / card * 1000) / 1000);
}

/// The static share holds weights and cache; activations and graphs take of the rest, and are not measured first.
std::vector<OverheadPart> overhead(const OverheadQuestion& q) {
  const bool several = q.layout.tensor * q.layout.pipeline > 1;
  return {{"runtime", several ? "CUDA context, NCCL buffers" : "CUDA context", gibibytes(0.3),
           gibibytes(several ? 1.0 : 0.6), gibibytes(several ? 3.0 : 1.2),
           "free memory after loading compared with the total, from start-up logs"}};
}

}  // namespace

RuntimeProfile sglang() {
  using Kind = RuntimeProfile::Knob::Kind;
  static constexpr auto kKnobs = std::to_array<RuntimeProfile::Knob>(
      {{"swa-percent", Kind::number, 80,
        "window layers' tokens in percent of the full layers' (--swa-full-tokens-ratio)"}});
  static constexpr auto kFormats = std::to_array<std::string_view>({"bf16", "fp8", "awq", "nvfp4", "mxfp4"});
  return {.name = "sglang",
          .text = "one pool, token by token",
          .windows = "window layers have a pool of 0.8 times the full layers' tokens",
          .state = "recurrent state in the KV cache's format",
          .source = "SGLang: python/sglang/srt/model_executor/model_runner.py",
          .knobs = kKnobs,
          .cells = exact_cells,
          .window_cells = window_cells,
          .widths = own_widths,
          .state_bytes = state_in_cache_format,
          .serving = {.split = RuntimeProfile::Serving::Split::tensors,
                      .utilization = 0.88,
                      .utilization_of = static_share,
                      .option = "--mem-fraction-static",
                      .rotary_tables = true,
                      .pads_vocabulary = true,
                      .pads_mxfp4 = {64, 1},
                      .overhead = overhead,
                      .formats = kFormats,
                      .speed = "served",
                      .source = "SGLang: server_args.py mem_fraction_static, model_runner.py profile_max_num_token"}};
}

}  // namespace paramcount
