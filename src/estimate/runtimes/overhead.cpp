// Memory overheads, besides weights and KV cache, that several runtimes share.
#include "estimate/runtimes/runtimes.hpp"
#include "paramcount/estimate/layout.hpp"

namespace paramcount {
namespace {

constexpr std::uint64_t kHalf = 2;  ///< bytes
/// Bytes of a logit while a token is sampled: the logit in 16 bits, a copy in 32 bits, probabilities in 32.
constexpr std::uint64_t kLogit = 10;

}  // namespace

Bytes activation_bytes(const Inventory& inventory, const Layout& layout, std::uint64_t tokens,
                       std::uint64_t sequences) {
  const auto part = [&](std::uint64_t width) { return ceil_div(width, layout.tensor); };
  const auto model = inventory.count("d_model");
  // Gate and up side by side and their product; of experts for each that a token passes, with its output.
  const auto dense = checked_mul(part(std::max(inventory.count("d_ff"), inventory.count("d_inner"))), 3);
  const auto width = layout.expert > 1 ? inventory.count("d_ff_expert") : part(inventory.count("d_ff_expert"));
  const auto routed = checked_mul(inventory.count("experts_per_token"), checked_add(checked_mul(width, 3), model));
  const auto queries = part(checked_mul(inventory.count("n_heads"), inventory.count("head_dim")));
  const auto widest = std::max({dense, routed, checked_mul(queries, 3)});
  const auto per_token = checked_mul(checked_add(checked_mul(model, 2), widest), kHalf);
  const auto logits = checked_mul(checked_mul(inventory.count("vocab_size"), kLogit), sequences);
  return {checked_add(checked_mul(per_token, tokens), logits)};
}

OverheadPart driver_reserve(const OverheadQuestion& question) {
  if (question.unified || !question.reported) return {"driver", "reserved by the driver", {}, {}, {}, "given"};
  return {
      "driver",
      "reserved by the driver",
      gibibytes(0.1),
      gibibytes(0.5),
      gibibytes(0.7),
      "nvidia-smi against the total that CUDA programs print: RTX 4090 23.99 and 23.51 GiB, RTX 3090 24.00 and 23.58, "
      "H100 79.65 and 79.2, L40S 44.99 and 44.31"};
}

OverheadPart driver_context(const OverheadQuestion& question) {
  if (question.unified) return {"runtime", "runtime buffers", {}, gibibytes(0.1), gibibytes(0.5), "assumed"};
  return {"runtime",      "CUDA context",
          gibibytes(0.3), gibibytes(0.55),
          gibibytes(0.9), "a CUDA context with kernels loaded: 0.3 to 0.9 GiB in logs of llama.cpp and torch"};
}

}  // namespace paramcount
