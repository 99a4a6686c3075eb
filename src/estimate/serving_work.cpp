#include "paramcount/estimate/serving_work.hpp"

#include <algorithm>
#include <utility>

#include "paramcount/estimate/flops.hpp"

namespace paramcount {

ServingWork::ServingWork(const Inventory& inventory, const std::vector<State>& state, StepWeights weights,
                         const CacheRequest& format)
    : inventory_(inventory), state_(state), weights_(std::move(weights)), format_(format) {
  format_.runtime = {};  // what attention reads, not what a program makes room for
  const TokenWork work = token_work(inventory, 1);
  head_flops_ = 2 * work.head;
  token_flops_ = 2 * work.weights + work.recurrent;
  layers_ = std::max<std::uint64_t>(1, inventory.layer_count);
  constexpr double kHalf = 2;
  hidden_bytes_ = kHalf * static_cast<double>(inventory.count("d_model"));
}

SequenceWork ServingWork::at_depth(std::uint64_t depth) const {
  SequenceWork work;
  CacheRequest one = format_;
  one.context = std::max<std::uint64_t>(1, depth);
  one.sequences = 1;
  const KvCache cache = kv_cache(state_, inventory_, one);
  constexpr double kReadAndWritten = 2;
  work.cache = static_cast<double>((cache.full + cache.window + cache.encoder).value) +
               kReadAndWritten * static_cast<double>(cache.state.value);
  work.attention = token_work(inventory_, one.context).attention_flops(false);
  return work;
}

double ServingWork::prompt_attention(std::uint64_t tokens, std::uint64_t depth) const {
  if (tokens == 0) return 0;
  const auto whole = [&](std::uint64_t length) {
    return length == 0 ? 0 : static_cast<double>(length) * token_work(inventory_, length).attention_flops(true);
  };
  return whole(tokens + depth) - whole(depth);
}

}  // namespace paramcount
