// Classifies a checkpoint's tensors before the architecture is known: weights under their own shapes or packed by a
// quantiser, and what a quantiser stores with them. Packings are recognised by names and shapes together.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "count/name_groups.hpp"
#include "paramcount/catalog/packed_format.hpp"
#include "paramcount/catalog/spellings.hpp"
#include "paramcount/read/checkpoint.hpp"

namespace paramcount {

/// A packed tensor's weights.
struct LogicalShape {
  std::vector<std::uint64_t> shape;     ///< empty with elements: only their number is known
  std::uint64_t elements{0};            ///< 0: not known until a family gives the shape
  std::string format{};                 ///< "int4 (gptq)"; empty: its group's
  std::vector<std::uint64_t> padded{};  ///< of a reading: each axis may be less, but not by a whole such multiple

  [[nodiscard]] bool open() const { return shape.empty() && elements == 0; }
};

/// The groups of a checkpoint, named as the weights they hold are: "…q_proj.weight" for "…q_proj.qweight".
struct StoredWeights {
  struct Group {
    NameGroup names;
    StoredPart part{StoredPart::weight};
    std::string format{};      ///< of packed weights: "int4 (gptq)"
    std::string why{};         ///< of unknown ones: what contradicts what, of `culprit`; never counted
    std::uint32_t culprit{0};  ///< a tensor
    bool undecided{false};     ///< of unknown ones: some have several readings, among which a family's shape decides
  };
  const Checkpoint* checkpoint{nullptr};
  std::vector<Group> groups;
  std::vector<LogicalShape> logical;      ///< of packed tensors
  std::vector<std::uint32_t> logical_of;  ///< by tensor: its place in `logical` from 1, or 0; empty: nothing is packed
  std::map<std::uint32_t, std::vector<LogicalShape>> readings;  ///< by tensor: what it may be by its partners' shapes
  std::uint64_t by_family{0};   ///< tensors in a packing that is not understood, with the family's shapes
  std::string by_family_first;  ///< the first of them: "model.layers.0.q_proj.Qidxs (QuIP#, I64, 2048×64)"

  [[nodiscard]] const StoredTensor& stored(std::uint32_t tensor) const { return checkpoint->tensors[tensor]; }
  [[nodiscard]] const std::vector<std::uint64_t>& shape(std::uint32_t tensor) const;
  [[nodiscard]] std::uint64_t elements(std::uint32_t tensor) const;
  /// Of a packed tensor, where it is not its group's; else empty.
  [[nodiscard]] std::string format(std::uint32_t tensor) const {
    return is_packed(tensor) ? logical[logical_of[tensor] - 1].format : std::string();
  }
  [[nodiscard]] bool is_packed(std::uint32_t tensor) const { return !logical_of.empty() && logical_of[tensor] != 0; }
  /// Whether nothing is known of its weights but their name.
  [[nodiscard]] bool is_open(std::uint32_t tensor) const {
    return is_packed(tensor) && logical[logical_of[tensor] - 1].open();
  }
  void set_logical(std::uint32_t tensor, LogicalShape weights);
};

/// Whether it may hold packed weights: integers, and floats that only carry integers' bits.
[[nodiscard]] bool is_integer(const StoredTensor& tensor);

/// Whether its tensors may be parameters: weights, integers of any kind.
[[nodiscard]] inline bool may_be_weight(StoredPart part) {
  return part == StoredPart::weight || part == StoredPart::integer || part == StoredPart::unknown;
}

/// Causal masks are stored as a square behind axes of one, under the name of a bias or a mask.
[[nodiscard]] bool looks_like_mask(std::string_view key, const std::vector<std::uint64_t>& shape);

/// What a group is that holds no parameters, whatever the architecture: "rotary table", "attention mask"; else empty.
[[nodiscard]] std::string known_buffer(const StoredWeights& stored, std::size_t group, const Spellings& spellings);

/// Whether it is the bias of a module that GPTQ packed. AutoGPTQ writes one, of zeros, for every weight.
[[nodiscard]] bool is_bias_of_gptq(const StoredWeights& stored, const std::string& key);

/// A number format of a file under the name the rest of the program uses: "fp16" for F16.
[[nodiscard]] std::string format_name(std::string_view dtype);

/// Integers that hold weights in a way not known here, and those that may (more than a fiftieth of the files' bytes, or
/// in a module without any weight), are left as StoredPart::unknown.
[[nodiscard]] StoredWeights unpack_checkpoint(const Checkpoint& checkpoint, const NameLookup& names);

}  // namespace paramcount
