// How a quantiser stores one weight as several tensors: a row of data/packed.json; data/README.md explains the
// notation.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace paramcount {

class Value;

/// What a tensor of a checkpoint is, before anything is known of the architecture.
enum class StoredPart : std::uint8_t {
  weight,
  scale,    ///< scales of a quantiser, and scales of those
  zero,     ///< its zero points
  order,    ///< which group a row belongs to (GPTQ's g_idx)
  table,    ///< values of codes, descriptions of formats
  rest,     ///< other companions of weights in an unknown packing
  integer,  ///< counters, positions, masks
  unknown,  ///< weights in a packing that is not understood, or integers that may be such weights
};

/// A packed format as a list of tensors whose axes are products of shared variables.
struct PackedFormat {
  static constexpr std::string_view kTable = "packed";
  [[nodiscard]] static PackedFormat read(const Value& row);

  /// ⌈factor · above… / (divisor · below…)⌉ + more; above and below are positions in `variables`.
  struct Size {
    std::uint64_t factor{1}, divisor{1}, more{0};
    std::vector<std::uint8_t> above, below;
  };
  struct Shape {
    bool any{false};      ///< the shape is unspecified
    bool one{false};      ///< one element, whatever the number of axes
    bool leading{false};  ///< "...": the payload's own leading axes stand before
    std::vector<Size> sizes;
  };
  struct Stored {
    std::string ending;               ///< after the module's name: ".qweight"
    std::vector<std::string> dtypes;  ///< as safetensors spells them
    Shape shape;
    StoredPart part{StoredPart::weight};  ///< of a payload; else a scale, zero, order or table
    bool optional{false};
  };

  /// A variable whose value the config says for each module.
  struct Given {
    std::uint8_t variable{0};
    bool log2{false};                 ///< of each number its base-2 logarithm, rounded down
    std::vector<std::string> places;  ///< in the module's settings, summed: "vector_lens/1"; below 1: none of it
  };

  std::string id;
  std::string format;                  ///< as pages show it; "{bits}" stands for the number of bits
  std::string weight;                  ///< how the weight's name ends in place of the payload's ending
  std::vector<std::uint64_t> bits;     ///< possible values; empty: the format has no such number
  std::vector<std::uint64_t> groups;   ///< possible group sizes; empty: any
  std::vector<std::string> variables;  ///< the first two are "bits" and "group"
  Stored payload;
  std::vector<Stored> partners;
  std::vector<std::string> tables;  ///< names in the module that may stand there and hold no weights
  Shape shape;                      ///< of the weight; `any`: only its number of elements is known
  Size elements;                    ///< with `shape.any`
  /// By axis of the shape: it is padded to a multiple of this; 1: not padded. Empty: all axes are as they are.
  std::vector<std::uint64_t> padded;
  std::string bias;            ///< with `padded`: how the name ends of a bias that is filled up as the outputs are
  std::string settings;        ///< of a quantiser's settings, those of each module by its name; empty: there are none
  std::vector<Given> given{};  ///< by these
};

/// Bits and group size that a config names for some of its weights; a group of 0: of any size.
struct PackedWidth {
  std::uint64_t bits{0}, group{0};
};

}  // namespace paramcount
