// What a tensor is for. A role is a part of the model and, after a dot, what makes a tensor no matrix multiplication:
// "attention", "attention.bias", "mixer.conv", "router.buffer". One table gives the spellings.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace paramcount {

enum class RoleKind : std::uint8_t {
  embedding,
  position,
  attention,
  ffn,
  expert,
  shared_expert,
  router,
  norm,
  head,
  mixer,  ///< state-space models, linear attention, recurrences, convolutions over time
  vision,
  audio,
  projector,
  other,  ///< of a checkpoint: nothing known says what it is for
};
inline constexpr std::size_t kRoleKinds = 14;

/// An encoder of pictures or sound beside the language model, or what joins it to that.
[[nodiscard]] constexpr bool is_tower(RoleKind kind) {
  return kind == RoleKind::vision || kind == RoleKind::audio || kind == RoleKind::projector;
}

enum class RoleSuffix : std::uint8_t {
  none,
  bias,
  conv,
  state,   ///< learned vectors of a recurrence or of an attention, such as A_log or a sink
  buffer,  ///< kept in checkpoints, but no parameter
};

struct Role {
  RoleKind kind{};
  RoleSuffix suffix{RoleSuffix::none};

  bool operator==(const Role&) const = default;

  [[nodiscard]] bool is_buffer() const { return suffix == RoleSuffix::buffer; }
  /// True when a token passes through the tensor as a matrix multiplication. A tied embedding is one too, being the
  /// head: that is the inventory's knowledge, not the role's.
  [[nodiscard]] bool is_matmul() const {
    return suffix == RoleSuffix::none && kind != RoleKind::embedding && kind != RoleKind::position &&
           kind != RoleKind::norm && kind != RoleKind::other;
  }
};

inline constexpr std::array<std::string_view, kRoleKinds> kRoleKindNames{
    "embedding", "position", "attention", "ffn",    "expert", "shared_expert", "router",
    "norm",      "head",     "mixer",     "vision", "audio",  "projector",     "other"};
inline constexpr std::array<std::string_view, 5> kRoleSuffixNames{"", "bias", "conv", "state", "buffer"};

[[nodiscard]] constexpr std::string_view name_of(RoleKind kind) {
  return kRoleKindNames[static_cast<std::size_t>(kind)];
}
[[nodiscard]] std::string name_of(Role role);

/// What a name alone says that a tensor is for.
struct NamedRole {
  Role role;
  std::vector<std::string> indices;  ///< what a family calls the numbers of the name, in order; of a tower empty
};

/// Throws Error naming the text when it is no role.
[[nodiscard]] Role parse_role(std::string_view text);

}  // namespace paramcount
