// What a tensor is for. A role is a part of the model and, after a dot, a suffix for tensors outside matrix
// multiplications: "attention", "attention.bias", "mixer.conv", "router.buffer". One table has the spellings.
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
  other,  ///< of a checkpoint: its purpose is unknown
};
inline constexpr std::size_t kRoleKinds = 14;

/// An image or audio encoder of a language model, or the projector between them.
[[nodiscard]] constexpr bool is_tower(RoleKind kind) {
  return kind == RoleKind::vision || kind == RoleKind::audio || kind == RoleKind::projector;
}

enum class RoleSuffix : std::uint8_t {
  none,
  bias,
  conv,
  state,   ///< learned vectors of a recurrence or of an attention, such as A_log or a sink
  buffer,  ///< stored in checkpoints but not a parameter
};

struct Role {
  RoleKind kind{};
  RoleSuffix suffix{RoleSuffix::none};

  bool operator==(const Role&) const = default;

  [[nodiscard]] bool is_buffer() const { return suffix == RoleSuffix::buffer; }
  /// True if a token is multiplied with the tensor as a matrix. So is a tied embedding, being the head, but only the
  /// inventory knows that.
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

/// The role of a tensor by its name alone.
struct NamedRole {
  Role role;
  std::vector<std::string> indices;  ///< what a family calls the numbers of the name, in order; of a tower empty
};

/// Throws Error naming the text if it is not a role.
[[nodiscard]] Role parse_role(std::string_view text);

}  // namespace paramcount
