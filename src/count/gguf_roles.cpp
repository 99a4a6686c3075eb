#include "count/gguf_roles.hpp"

#include <algorithm>
#include <array>

#include "base/folded_name.hpp"

namespace paramcount {
namespace {

using enum RoleKind;
using enum RoleSuffix;

struct Clue {
  std::string_view text;  ///< somewhere in the folded name; after "^" at its front
  Role role;
};

/// The first that holds decides.
constexpr std::array<Clue, 27> kClues{{{"rope_", {position, buffer}},
                                       {"exp_probs_b", {router, buffer}},
                                       {"^v.", {vision, none}},
                                       {"^a.", {audio, none}},
                                       {"^mm.", {projector, none}},
                                       {"norm", {norm, none}},
                                       {"token_embd", {embedding, none}},
                                       {"token_types", {embedding, none}},
                                       {"position_embd", {position, none}},
                                       {"attn_rel_b", {position, none}},
                                       {"ffn_gate_inp", {router, none}},
                                       {"shexp", {shared_expert, none}},
                                       {"exps", {expert, none}},
                                       {"ffn_gate.\xFF.", {expert, none}},
                                       {"ffn_down.\xFF.", {expert, none}},
                                       {"ffn_up.\xFF.", {expert, none}},
                                       {"ssm_conv", {mixer, conv}},
                                       {"shortconv", {mixer, conv}},
                                       {"ssm_a", {mixer, RoleSuffix::state}},
                                       {"ssm_dt", {mixer, none}},
                                       {"ssm_d", {mixer, RoleSuffix::state}},
                                       {"ssm_", {mixer, none}},
                                       {"time_mix", {mixer, none}},
                                       {"attn_sinks", {attention, RoleSuffix::state}},
                                       {"attn_", {attention, none}},
                                       {"^output.", {head, none}},
                                       {"cls", {head, none}}}};

bool holds(const Clue& clue, std::string_view key) {
  return clue.text.front() == '^' ? key.starts_with(clue.text.substr(1)) : key.find(clue.text) != key.npos;
}

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

NamedRole role_of_gguf_name(const std::string& key) {
  const auto found = std::find_if(kClues.begin(), kClues.end(), [&](const Clue& clue) { return holds(clue, key); });
  NamedRole named{found != kClues.end() ? found->role : Role{ffn, none}, {}};
  if (key.ends_with(".bias") && !named.role.is_buffer()) named.role.suffix = bias;
  constexpr std::array<std::string_view, 3> kIndices{"layer", "expert", "part"};
  for (std::size_t i = 0; i < numbers_in(key); ++i) {
    named.indices.emplace_back(kIndices[std::min(i, kIndices.size() - 1)]);
  }
  return named;
}

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
