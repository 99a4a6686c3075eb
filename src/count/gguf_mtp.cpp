#include "count/gguf_mtp.hpp"

#include <algorithm>
#include <utility>

namespace paramcount {
namespace {

/// The tensor of that name in blocks of multi-token prediction; nullptr: there is none.
const Tensor* find(const std::vector<Tensor>& tensors, std::string_view ending) {
  const auto found = std::find_if(tensors.begin(), tensors.end(), [&](const Tensor& tensor) {
    return tensor.mtp && tensor.name.text().ends_with(ending) && tensor.shape.size() == 2;
  });
  return found != tensors.end() ? &*found : nullptr;
}

State cache_of(const Tensor& tensor, std::vector<std::uint64_t> shape) {
  State state;
  state.kind = StateKind::kv;
  state.name = "mtp.{layer}";
  state.shape = std::move(shape);
  state.axes = tensor.axes;
  state.copies = tensor.copies;
  state.layer_axis = tensor.layer_axis;
  return state;
}

}  // namespace

std::vector<State> mtp_state(const std::vector<Tensor>& tensors, std::uint64_t kv_heads) {
  const Tensor* const keys = find(tensors, ".attn_k.weight");
  const Tensor* const values = find(tensors, ".attn_v.weight");
  if (keys != nullptr && values != nullptr) {
    const auto key = keys->shape.front();
    const auto value = values->shape.front();
    const bool whole = kv_heads > 0 && key % kv_heads == 0 && value % kv_heads == 0;
    const auto heads = whole ? kv_heads : 1;
    return {cache_of(*keys, {heads, key / heads, value / heads})};
  }
  const Tensor* const latent = find(tensors, ".attn_kv_a_mqa.weight");
  if (latent == nullptr) return {};
  std::vector<State> state{cache_of(*latent, {latent->shape.front()})};
  if (const Tensor* const index = find(tensors, ".indexer.attn_k.weight")) {
    state.push_back(cache_of(*index, {index->shape.front()}));
  }
  return state;
}

}  // namespace paramcount
