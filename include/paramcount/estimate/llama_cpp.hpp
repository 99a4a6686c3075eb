// The memory of a llama.cpp process besides its KV cache: model buffers, exact, and compute buffers, estimated.
#pragma once

#include <cstdint>

#include "paramcount/base/units.hpp"
#include "paramcount/count/gguf.hpp"
#include "paramcount/count/inventory.hpp"
#include "paramcount/estimate/kv_cache.hpp"

namespace paramcount {

struct LlamaCppMemory {
  struct Range {
    Bytes low, likely, high;
  };

  /// The model's tensors on a machine without a GPU.
  Bytes cpu_model;
  /// All layers on one GPU: the input embedding stays on the host, and a tied head is a second copy of it.
  Bytes gpu_model, gpu_host_model;
  Range cpu_compute;  ///< on a machine without a GPU
  Range gpu_compute;  ///< on the GPU, all layers there
};

/// Compute buffers for any request: what they depend on is looked up once.
class LlamaCppCompute {
 public:
  /// Both must outlive it.
  LlamaCppCompute(const GgufInventory& gguf, const Inventory& inventory);
  struct Buffers {
    LlamaCppMemory::Range cpu, gpu;
  };
  [[nodiscard]] Buffers buffers(const CacheRequest& request, const KvCache& cache) const;

 private:
  /// Widths that determine the memory of a computed batch, in elements per token.
  struct Widths {
    std::uint64_t model{0};
    std::uint64_t queries{0};
    std::uint64_t ffn{0};      ///< activations of a dense feed-forward: gate, up and their product
    std::uint64_t experts{0};  ///< the same of all experts of a token
    std::uint64_t expert_outputs{0};
    std::uint64_t inner{0};    ///< of a state-space layer
    std::uint64_t streams{0};  ///< residual streams in addition to the first, and inputs of single layers (Gemma 3n)
  };
  [[nodiscard]] static Widths widths_of(const GgufInventory& gguf, const Inventory& inventory);

  const GgufInventory& gguf_;
  Widths widths_;
  std::uint64_t heads_{0};
};

/// Tokens of all sequences together: --ctx-size, or the context of each.
[[nodiscard]] std::uint64_t llama_cpp_context(const CacheRequest& request);
/// Tokens computed at once: --ubatch-size, or fewer where fewer are submitted.
[[nodiscard]] std::uint64_t llama_cpp_ubatch(const CacheRequest& request);

/// Sources: llama.cpp, August 2026, src/llama-model.cpp, src/llama-model-loader.cpp, ggml-cuda.cu (buffers of the
/// model, exact), src/llama-context.cpp (graph_reserve: the worst case of a prompt of one ubatch, with one row of
/// logits for each sequence). Known error of the compute buffers: tests/truth/README.md.
[[nodiscard]] LlamaCppMemory llama_cpp_memory(const GgufInventory& gguf, const GgufFile& file,
                                              const Inventory& inventory, const CacheRequest& request,
                                              const KvCache& cache);

}  // namespace paramcount
