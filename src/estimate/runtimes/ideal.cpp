// No program: the least that the architecture has to keep.
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
      .aliases = {},
      .text = "the least the architecture has to keep",
      .windows = "min(window, context) tokens of window layers",
      .latent = "MLA's latent",
      .state = "recurrent state in fp32",
      .source = "the architecture",
      .knobs = {},
      .is_bound = true,
      .check = nullptr,
      .cells = exact_cells,
      .window_cells = window_cells,
      .widths = own_widths,
      .state_bytes = fp32_state,
      .process = nullptr,
      .serving = {.split = RuntimeProfile::Serving::Split::tensors, .formats = kFormats, .source = "the architecture"}};
}

}  // namespace paramcount
