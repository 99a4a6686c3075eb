#include "paramcount/estimate/llama_cpp.hpp"

#include <algorithm>

#include "estimate/layout_dims.hpp"
#include "paramcount/estimate/offload.hpp"

namespace paramcount {
namespace {

constexpr std::uint64_t kFloat = 4;
constexpr std::uint64_t kHalf = 2;

/// The spread of truth over estimate on the rows of tests/truth/gguf_memory.tsv: 97 of 100 lie within.
constexpr double kLow = 0.85;
constexpr double kHigh = 1.25;

/// Query heads of the layer that has most.
std::uint64_t most_heads(const Inventory& inventory) {
  const auto heads = values_of(inventory, "n_heads");
  return heads.empty() ? 0 : heads.back();
}

LlamaCppMemory::Range range(double bytes) {
  const auto whole = [](double value) { return Bytes{static_cast<std::uint64_t>(value)}; };
  return {whole(kLow * bytes), whole(bytes), whole(kHigh * bytes)};
}

}  // namespace

LlamaCppCompute::Widths LlamaCppCompute::widths_of(const GgufInventory& gguf, const Inventory& inventory) {
  Widths w;
  w.model = gguf.d_model;
  bool gated = false;
  std::uint64_t down = 0;
  std::uint64_t up = 0;
  const auto used = inventory.count("experts_per_token");
  for (const auto& tensor : gguf.tensors) {
    if (tensor.mtp) continue;
    const std::string_view name = tensor.name.text();
    const auto row = tensor.shape.empty() ? 1 : tensor.shape.back();
    const auto rows = tensor.shape.size() > 1 ? tensor.shape[tensor.shape.size() - 2] : 1;
    if (name.ends_with(".attn_output.weight") || name.ends_with(".attn_o.weight")) w.queries = std::max(w.queries, row);
    if (name.ends_with(".ssm_out.weight")) w.inner = std::max(w.inner, row);
    if (name == "per_layer_model_proj.weight") w.streams += rows;
    if (name == "altup_proj.weight") w.streams += (tensor.shape.front() + 1) * w.model;
    if (name.ends_with(".ffn_gate.weight")) gated = true;
    if (name.ends_with(".ffn_up.weight")) up = std::max(up, rows);
    if (name.ends_with(".ffn_down.weight")) down = std::max(down, row);
    if (name.ends_with(".ffn_down_exps.weight")) {
      w.experts = std::max(w.experts, 3 * row * used);
      w.expert_outputs = 2 * w.model * used;
    }
  }
  w.ffn = gated || up == 2 * down ? 3 * down : down;
  return w;
}

LlamaCppCompute::LlamaCppCompute(const GgufInventory& gguf, const Inventory& inventory)
    : gguf_(gguf), widths_(widths_of(gguf, inventory)), heads_(most_heads(inventory)) {}

LlamaCppCompute::Buffers LlamaCppCompute::buffers(const CacheRequest& request, const KvCache& cache) const {
  // The worst case of a prompt: what is alive at once in the widest place, and the masks.
  const Widths& w = widths_;
  const bool flash = !request.runtime.has("no-flash");
  const auto tokens = static_cast<double>(llama_cpp_ubatch(request));
  const auto streams = static_cast<double>(request.runtime.has("unified") ? 1 : request.sequences);
  const double cells = static_cast<double>(cache.full_cells) / streams;
  const double window_cells = static_cast<double>(cache.window_cells) / streams;
  const double mask = tokens * (cells + window_cells) * static_cast<double>(flash ? kHalf : kFloat);
  const auto floats = [&](std::uint64_t width) { return tokens * static_cast<double>(width) * kFloat; };
  const double residual = floats(2 * w.model + w.queries + w.streams);
  const double feed_forward = floats(std::max({w.ffn, w.experts, w.expert_outputs})) + residual;
  const double recurrent = floats(6 * w.inner + w.model);
  const double logits = static_cast<double>(gguf_.vocab_size * request.sequences) * kFloat + residual;
  const double heads = static_cast<double>(heads_);
  double scores = 0;
  double copies = 0;
  if (!flash) {
    scores = tokens * std::max(cells, window_cells) * heads * kFloat + 2 * residual;
  } else if (request.keys.ggml_block > 1 || request.values.ggml_block > 1) {
    // Flash attention of a GPU reads quantised keys and values as half precision, one layer at a time.
    for (const auto& entry : gguf_.state) {
      if (!entry.is_cache()) continue;
      const double kept = entry.kind == StateKind::window ? window_cells : cells / static_cast<double>(entry.every);
      copies = std::max(copies, kept * static_cast<double>(entry.elements()) * kHalf + residual);
    }
  }
  const double widest = std::max({feed_forward, recurrent, logits, scores});
  const auto cpu = range(mask + widest + floats(w.model));
  const auto gpu = range(mask + std::max(widest, copies));
  return {cpu, gpu};
}

LlamaCppMemory llama_cpp_memory(const GgufInventory& gguf, const GgufFile& file, const Inventory& inventory,
                                const CacheRequest& request, const KvCache& cache) {
  LlamaCppMemory memory;
  const Offload offload(gguf, file, inventory);
  memory.cpu_model = offload.host_weights({});
  memory.gpu_model = offload.card_weights();
  memory.gpu_host_model = offload.host_weights(offload.whole());
  const auto buffers = LlamaCppCompute(gguf, inventory).buffers(request, cache);
  memory.cpu_compute = buffers.cpu;
  memory.gpu_compute = buffers.gpu;
  return memory;
}

}  // namespace paramcount
