// No real runtime: the lower bound for the architecture.
#include "estimate/runtimes/runtimes.hpp"

namespace paramcount {
namespace {

std::uint64_t window_cells(std::uint64_t window, const CacheCells&, const CacheRequest& request) {
  return std::min(window, request.context);
}

}  // namespace

RuntimeProfile ideal() {
  static constexpr auto kFormats = std::to_array<std::string_view>({"bf16", "fp8", "int4"});
  return {
      .name = "ideal",
      .text = "the lower bound of the architecture",
      .windows = "window layers keep min(window, context) tokens",
      .state = "recurrent state in fp32",
      .source = "the architecture",
      .is_bound = true,
      .cells = exact_cells,
      .window_cells = window_cells,
      .widths = own_widths,
      .state_bytes = fp32_state,
      .serving = {.split = RuntimeProfile::Serving::Split::tensors, .formats = kFormats, .source = "the architecture"}};
}

}  // namespace paramcount
