// A number format: bits per element plus what blocks of elements share. data/dtypes.json holds the table.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "paramcount/base/units.hpp"
#include "paramcount/catalog/role.hpp"

namespace paramcount {

struct Dtype {
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
    std::uint64_t beside{0};  ///< bytes of it in the file of each matrix that neither `bits` nor `scales` count
  };

  std::string id;
  std::string name;
  std::vector<std::string> aliases;
  std::uint64_t bits{0};      ///< of `elements` neighbours
  std::uint64_t elements{1};  ///< more than 1 where one element has no whole number of bits
  std::vector<Scale> scales;
  /// Roles the method leaves alone, together with everything that is no matrix multiplication; empty: it takes all.
  std::vector<RoleKind> leaves;
  std::string rest;  ///< the format of what is left alone
  /// Roles whose matrices the method gives another format: its id.
  std::vector<std::pair<RoleKind, std::string>> roles;
  bool exact{false};    ///< the rule by which files are written is known: no range of what may be left alone
  std::string refused;  ///< when not empty: why no size can be told of it
  std::uint64_t ggml_block{
      0};                     ///< elements of a block in GGUF files, whose rows are whole blocks; 0: no type of theirs
  bool gguf_only{false};      ///< a block type of GGUF files, not a format one names for a whole model
  std::string fallback;       ///< what llama.cpp's quantiser takes where rows are no whole blocks; empty: it fails
  bool needs_imatrix{false};  ///< llama.cpp's quantiser wants an importance matrix for it
  std::string units;  ///< the format of the units that multiply with it where a device has them: "fp8"; empty: 16 bits
  std::string cache;  ///< the format of the KV cache that published checkpoints of it ask for; empty: 16 bits
  std::vector<Stored> stored;  ///< empty: how its files name what they hold is not told
  std::string source;

  /// Of a large matrix: scales of a row or a tensor do not show.
  [[nodiscard]] double bits_per_weight() const;
  /// Bytes of any element, when it is whole bytes and nothing beside.
  [[nodiscard]] std::optional<std::uint64_t> whole_bytes_each() const {
    if (elements != 1 || bits % 8 != 0 || !scales.empty()) return std::nullopt;
    return bits / 8;
  }
  /// Whole bytes of that many elements in one row. Throws Error on overflow.
  [[nodiscard]] Bytes bytes_of(std::uint64_t count) const;
  /// Whole bytes of a tensor; of more than two dimensions the last two make a matrix. Throws Error on overflow.
  [[nodiscard]] Bytes bytes_of(const std::vector<std::uint64_t>& shape) const;
  /// Whether the method leaves tensors of that role in the format `rest`.
  [[nodiscard]] bool leaves_alone(Role role) const;
};

}  // namespace paramcount
