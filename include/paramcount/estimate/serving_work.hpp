// What serving a language model reads from memory and computes, per step that gives every sequence a token, and per
// prompt. For the whole model; how fast devices do it is in paramcount/estimate/speed.hpp.
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "paramcount/base/units.hpp"
#include "paramcount/count/inventory.hpp"
#include "paramcount/estimate/kv_cache.hpp"
#include "paramcount/estimate/step_weights.hpp"

namespace paramcount {

/// Of one sequence at one depth, the mean of a run.
struct SequenceWork {
  double cache{0};      ///< bytes of KV cache and recurrent state that a token reads, and of the state that it writes
  double attention{0};  ///< FLOPs of a token's attention over that many keys
};

/// The work of the weights per token, and of the caches per sequence.
class ServingWork {
 public:
  /// `state`: the caches as the runtime has them; both must outlive it. `format`: of keys and values.
  ServingWork(const Inventory& inventory, const std::vector<State>& state, StepWeights weights,
              const CacheRequest& format);

  /// Bytes of weights that a pass of that many tokens reads: of routed experts those that some token picks.
  [[nodiscard]] double weight_bytes(double tokens) const { return weights_.bytes(tokens); }
  [[nodiscard]] const StepWeights& weights() const { return weights_; }
  /// For weights in a format that this program does not have.
  void replace_weights(StepWeights weights) { weights_ = std::move(weights); }
  /// FLOPs of one token except for attention: two for each weight it is multiplied with, and of recurrences.
  [[nodiscard]] double token_flops() const { return token_flops_; }
  /// The same for a pass that only needs the last token's logits.
  [[nodiscard]] double token_flops_without_head() const { return token_flops_ - head_flops_; }
  [[nodiscard]] double head_flops() const { return head_flops_; }
  /// A token that is generated after `depth` others.
  [[nodiscard]] SequenceWork at_depth(std::uint64_t depth) const;
  /// FLOPs of attention of a whole prompt that follows on `depth` others.
  [[nodiscard]] double prompt_attention(std::uint64_t tokens, std::uint64_t depth = 0) const;
  [[nodiscard]] std::uint64_t layers() const { return layers_; }
  /// Bytes of one token's residual stream in 16 bits: what devices communicate.
  [[nodiscard]] double hidden_bytes() const { return hidden_bytes_; }

 private:
  const Inventory& inventory_;
  const std::vector<State>& state_;
  StepWeights weights_;
  CacheRequest format_;
  double token_flops_{0}, head_flops_{0}, hidden_bytes_{0};
  std::uint64_t layers_{0};
};

}  // namespace paramcount
