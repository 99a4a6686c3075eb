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

}  // namespace paramcount
