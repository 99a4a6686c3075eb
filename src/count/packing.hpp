// What the tensors of a checkpoint are before anything is known of the architecture: weights, under their own shapes
// or packed by a quantiser, and what a quantiser stores beside them. Packings are told by names and shapes together.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "count/name_groups.hpp"
#include "paramcount/catalog/spellings.hpp"
#include "paramcount/read/checkpoint.hpp"

namespace paramcount {

enum class StoredPart : std::uint8_t {
  weight,
  scale,    ///< scales of a quantiser, and scales of those
  zero,     ///< its zero points
  order,    ///< which group a row belongs to (GPTQ's g_idx)
  table,    ///< values of codes, descriptions of formats
  integer,  ///< counters, positions, masks
};

/// A packed tensor's weights.
struct LogicalShape {
  std::vector<std::uint64_t> shape;  ///< empty with elements: only their number is known
  std::uint64_t elements{0};
};

/// The groups of a checkpoint, named as the weights they hold are: "…q_proj.weight" for "…q_proj.qweight".
struct StoredWeights {
  struct Group {
    NameGroup names;
    StoredPart part{StoredPart::weight};
    std::string format;  ///< of packed weights: "int4 (gptq)"
  };
  const Checkpoint* checkpoint{nullptr};
  std::vector<Group> groups;
  std::vector<LogicalShape> logical;      ///< of packed tensors
  std::vector<std::uint32_t> logical_of;  ///< by tensor: its place in `logical` from 1, or 0; empty: nothing is packed

  [[nodiscard]] const StoredTensor& stored(std::uint32_t tensor) const { return checkpoint->tensors[tensor]; }
  [[nodiscard]] const std::vector<std::uint64_t>& shape(std::uint32_t tensor) const;
  [[nodiscard]] std::uint64_t elements(std::uint32_t tensor) const;
  [[nodiscard]] bool is_packed(std::uint32_t tensor) const { return !logical_of.empty() && logical_of[tensor] != 0; }
};

/// Causal masks are stored as a square behind axes of one, under the name of a bias or a mask.
[[nodiscard]] bool looks_like_mask(std::string_view key, const std::vector<std::uint64_t>& shape);

/// What a group is that holds no parameters, whatever the architecture: "rotary table", "attention mask"; else empty.
[[nodiscard]] std::string known_buffer(const StoredWeights& stored, std::size_t group, const Spellings& spellings);

/// A number format of a file under the name the rest of the program uses: "fp16" for F16.
[[nodiscard]] std::string format_name(std::string_view dtype);

/// Throws Error "<name>: packed format not understood ..." where integers hold weights in a way not known here: a
/// total would be wrong.
[[nodiscard]] StoredWeights unpack_checkpoint(const Checkpoint& checkpoint);

}  // namespace paramcount
