// vLLM's KV cache manager: layers in groups of equal size that draw blocks from one pool.
#pragma once

#include <cstdint>
#include <vector>

#include "paramcount/estimate/runtime.hpp"

namespace paramcount {

/// How the caches and states of one device are laid out in pages. Source: vllm/v1/core/kv_cache_utils.py
/// (get_kv_cache_groups, get_kv_cache_configs), vllm/v1/kv_cache_interface.py; the size of an attention block beside
/// recurrent state: vllm/model_executor/models/config.py (HybridAttentionMambaModelConfig).
class VllmPages {
 public:
  VllmPages(const std::vector<State>& state, const Inventory& inventory, const CacheRequest& request);

  /// Whether anything is cached at all.
  [[nodiscard]] bool empty() const { return kinds_.empty(); }
  /// Several kinds of layers: windows, recurrent state.
  [[nodiscard]] bool hybrid() const { return kinds_.size() > 1; }
  /// Bytes of a block: one page of each layer of a group.
  [[nodiscard]] Bytes block() const;
  /// Blocks that one sequence of so many tokens takes.
  [[nodiscard]] std::uint64_t blocks_of(std::uint64_t context) const;
  /// "GPU KV cache size" of versions before 0.22: blocks over groups.
  [[nodiscard]] std::uint64_t tokens_before(std::uint64_t blocks) const;
  /// Tokens of an attention block: 16, or more in models with recurrent state.

 private:
  struct Kind {
    StateKind kind{};
    std::uint64_t window{0};
    std::uint64_t every{1};  ///< tokens that share what a compressed cache keeps
    std::uint64_t bytes{0};  ///< of a token in one layer; of recurrent layers all of a sequence's state
    std::uint64_t layers{0};
    std::uint64_t tokens{0};  ///< of a page; 0: a page is the whole state
    std::uint64_t groups{1};
  };

  std::vector<Kind> kinds_;
  std::uint64_t batched_{0};
  std::uint64_t page_tokens_{0};
  std::uint64_t page_bytes_{0};  ///< of one layer
  std::uint64_t group_{1};       ///< layers of a group
};

}  // namespace paramcount
