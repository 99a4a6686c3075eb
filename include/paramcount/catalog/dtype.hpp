// A number format: bits per element plus what blocks of elements share. The table is data/dtypes.json.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "paramcount/base/units.hpp"
#include "paramcount/catalog/role.hpp"

namespace paramcount {

class Value;

struct Dtype {
  static constexpr std::string_view kTable = "dtypes";
  [[nodiscard]] static Dtype read(const Value& row);

  /// Bits stored once for a tile of a matrix; 0 rows or columns: all of them.
  struct Scale {
    std::uint64_t bits{0};
    std::uint64_t rows{1};
    std::uint64_t columns{1};
  };

  /// What a writer stores of each matrix: `one` is a single number, `vector` as long as a row.
  struct Stored {
    /// `inputs`: a number for each column, which neither `bits` nor `scales` count.
    enum class Shape : std::uint8_t { matrix, vector, inputs, one };
    std::string ending;  ///< in place of ".weight"
    std::string dtype;   ///< as safetensors calls it: "I32"
    Shape shape{Shape::matrix};
    std::uint64_t beside{0};  ///< bytes per matrix in the file that neither `bits` nor `scales` count
  };

  std::string id;
  std::string name;
  std::vector<std::string> aliases;
  std::uint64_t bits{0};      ///< per `elements` neighbouring elements
  std::uint64_t elements{1};  ///< more than 1 if one element does not have a whole number of bits
  std::vector<Scale> scales;
  /// Roles that the method does not quantise, nor anything outside matrix multiplications; empty: it quantises all.
  std::vector<RoleKind> leaves;
  std::string rest;  ///< the format of what is not quantised
  /// Roles whose matrices have another format: its id.
  std::vector<std::pair<RoleKind, std::string>> roles;
  bool exact{false};    ///< the rule by which files are written is known: no range of what may stay unquantised
  std::string refused;  ///< if not empty: why it has no size
  std::uint64_t ggml_block{
      0};                      ///< elements of a block in GGUF files, whose rows are whole blocks; 0: no type of theirs
  bool gguf_only{false};       ///< a block type of GGUF files, not a format for a whole model
  std::string fallback;        ///< what llama.cpp's quantiser uses for rows that are not whole blocks; empty: it fails
  bool needs_imatrix{false};   ///< llama.cpp's quantiser needs an importance matrix for it
  std::string units;           ///< the format whose peak FLOP/s apply if a device has them: "fp8"; empty: 16 bits
  std::string cache;           ///< the KV cache format that its published checkpoints request; empty: 16 bits
  std::vector<Stored> stored;  ///< empty: the contents of its files are not known
  std::string source;

  /// For a large matrix, where scales per row or tensor are negligible.
  [[nodiscard]] double bits_per_weight() const;
  /// Bytes per element, if that is a whole number without scales.
  [[nodiscard]] std::optional<std::uint64_t> whole_bytes_each() const {
    if (elements != 1 || bits % 8 != 0 || !scales.empty()) return std::nullopt;
    return bits / 8;
  }
  /// Bytes of that many elements in one row, rounded up. Throws Error on overflow.
  [[nodiscard]] Bytes bytes_of(std::uint64_t count) const;
  /// Bytes of a tensor, rounded up; with more than two dimensions the last two form a matrix. Throws Error on overflow.
  [[nodiscard]] Bytes bytes_of(const std::vector<std::uint64_t>& shape) const;
  /// Whether tensors of that role stay in the format `rest`.
  [[nodiscard]] bool leaves_alone(Role role) const;
};

}  // namespace paramcount
