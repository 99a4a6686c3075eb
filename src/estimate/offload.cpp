#include "paramcount/estimate/offload.hpp"

#include <algorithm>
#include <array>
#include <string_view>

#include "paramcount/base/checked.hpp"
#include "paramcount/estimate/kv_cache.hpp"
#include "paramcount/estimate/layout.hpp"

namespace paramcount {
namespace {

constexpr std::uint64_t kCpuAlignment = 32;
constexpr std::uint64_t kGpuAlignment = 128;
constexpr std::uint64_t kGpuRow = 512;  ///< CUDA pads rows of quantised matrices to a multiple of this

/// Tensors of the input layer, which stays with the host.
constexpr std::array<std::string_view, 4> kInputs{"token_embd.weight", "position_embd.weight", "token_types.weight",
                                                  "per_layer_token_embd.weight"};

Bytes aligned(Bytes bytes, std::uint64_t alignment) {
  return {checked_mul(checked_add(bytes.value, alignment - 1) / alignment, alignment)};
}

/// A tensor's bytes on a GPU, where the last row of a quantised one is padded.
Bytes on_gpu(const GgufTensor& tensor) {
  Bytes bytes = tensor.bytes;
  const auto row = tensor.pattern->shape.empty() ? 1 : tensor.pattern->shape.back();
  if (tensor.type->ggml_block > 1 && row % kGpuRow != 0) bytes += tensor.type->bytes_of(kGpuRow - row % kGpuRow);
  return aligned(bytes, kGpuAlignment);
}

Bytes on_host(const GgufTensor& tensor) { return aligned(tensor.bytes, kCpuAlignment); }

bool is_input(const GgufTensor& tensor) {
  return tensor.block < 0 && std::find(kInputs.begin(), kInputs.end(), tensor.name) != kInputs.end();
}

}  // namespace

Offload::Offload(const GgufInventory& gguf, const GgufFile& file, const Inventory& inventory)
    : gguf_(gguf), inventory_(inventory), compute_(gguf, inventory) {
  std::uint64_t layers = 0;
  for (const auto& tensor : file.tensors) {
    if (tensor.block >= 0 && !tensor.pattern->mtp) {
      layers = std::max(layers, static_cast<std::uint64_t>(tensor.block) + 1);
    }
  }
  dense_.resize(layers);
  experts_.resize(layers);
  bool has_head = gguf.state.empty();  // an encoder alone has no head
  for (const auto& tensor : file.tensors) {
    has_head = has_head || (tensor.block < 0 && tensor.name == "output.weight");
  }
  for (const auto& tensor : file.tensors) {
    if (tensor.pattern->mtp) continue;
    const Part bytes{on_gpu(tensor), on_host(tensor)};
    if (is_input(tensor)) {
      input_ += bytes.host;
      // A tied head is a second copy of the input table on the card; in the host's memory it is the same one, but for
      // some.
      if (has_head || tensor.name != kInputs.front()) continue;
      output_.card += bytes.card;
      if (gguf.head_twice) output_.host += bytes.host;
      continue;
    }
    const bool expert = tensor.pattern->role.kind == RoleKind::expert;
    Part& part = tensor.block < 0 ? output_ : (expert ? experts_ : dense_)[static_cast<std::size_t>(tensor.block)];
    part.card += bytes.card;
    part.host += bytes.host;
    has_experts_ = has_experts_ || expert;
  }
}

Bytes Offload::host_weights(const OffloadSplit& split) const {
  const auto n = layers();
  Bytes sum = input_;
  for (std::uint64_t i = 0; i < n; ++i) {
    const auto layer = static_cast<std::int64_t>(i);
    if (split.on_host(layer, false, n)) sum += dense_[i].host;
    if (split.on_host(layer, true, n)) sum += experts_[i].host;
  }
  return split.on_host(-1, false, n) ? sum + output_.host : sum;
}

Bytes Offload::card_weights() const {
  Bytes sum = output_.card;
  for (std::uint64_t i = 0; i < layers(); ++i) sum += dense_[i].card + experts_[i].card;
  return sum;
}

OffloadLoad Offload::load(const OffloadSplit& split, const CacheRequest& request, std::uint64_t cards) const {
  const auto n = layers();
  const auto on_cards = std::min(split.gpu_layers, n + 1);
  const auto first = split.first_on_card(n);
  OffloadLoad load;
  load.host_weights = host_weights(split);
  const auto cache_of = [&](std::uint64_t from, std::uint64_t to) {
    return from > to ? KvCache{} : kv_cache(states_of(gguf_.state, {from, to}), inventory_, request);
  };
  if (first > 0) load.host_cache = cache_of(0, std::min(first, n) - 1).total();
  const KvCache all = kv_cache(gguf_.state, inventory_, request);
  const auto buffers = compute_.buffers(request, all);
  load.host_compute = on_cards <= n ? buffers.cpu.likely : Bytes{};
  if (on_cards == 0) return load;
  load.compute = buffers.gpu;
  Bytes most{};
  for (std::uint64_t card = 0; card < cards; ++card) {
    // Card c of n has the layers whose place among those on cards is in [c/n, (c+1)/n).
    const auto place = [&](std::uint64_t c) { return first + (checked_mul(on_cards, c) + cards - 1) / cards; };
    const auto from = place(card);
    const auto to = place(card + 1);  // behind the last
    if (from >= to) continue;
    Bytes weights{};
    for (auto i = from; i < std::min(to, n); ++i) {
      weights += dense_[i].card;
      if (i >= split.cpu_experts) weights += experts_[i].card;
    }
    if (to == n + 1) weights += output_.card;
    const Bytes cache = from < n ? cache_of(from, std::min(to, n) - 1).total() : Bytes{};
    if (weights + cache >= most) {
      most = weights + cache;
      load.weights = weights;
      load.cache = cache;
    }
  }
  return load;
}

OffloadSplit Offload::choose(const CacheRequest& request, std::uint64_t cards, Bytes room) const {
  const auto fits = [&](const OffloadSplit& split) { return load(split, request, cards).card() <= room; };
  if (fits(whole())) return whole();
  // The largest number of steps that fits, when fewer steps always take less.
  const auto most = [&](std::uint64_t steps, const auto& split_of) {
    std::uint64_t low = 0;
    std::uint64_t high = steps;
    while (low < high) {
      const auto middle = low + (high - low + 1) / 2;
      if (fits(split_of(middle))) {
        low = middle;
      } else {
        high = middle - 1;
      }
    }
    return low;
  };
  const auto n = layers();
  if (has_experts_ && fits({n + 1, n})) {
    const auto full = most(n, [&](std::uint64_t steps) { return OffloadSplit{n + 1, n - steps}; });
    return {n + 1, n - full};
  }
  const std::uint64_t experts = has_experts_ ? n : 0;
  return {most(n + 1, [&](std::uint64_t steps) { return OffloadSplit{steps, experts}; }), experts};
}

}  // namespace paramcount
