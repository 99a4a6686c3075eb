// The tensor types of GGUF files: number, name, and bytes per block. data/dtypes.json says what they mean for a whole
// model.
#pragma once

#include <cstdint>
#include <string_view>

#include "paramcount/read/checkpoint.hpp"

namespace paramcount {

struct GgmlType {
  std::uint32_t number;
  std::string_view name;
  std::uint32_t block;            ///< elements
  std::uint32_t bytes;            ///< of a block
  std::uint32_t row_bytes{0};     ///< of a row in addition to its blocks
  std::uint32_t tensor_bytes{0};  ///< of a tensor in addition to its rows

  /// Whether rows of the shape are whole blocks, and its bytes fit into 64 bits: then `out` has the bytes.
  [[nodiscard]] bool bytes_of(const StoredTensor& tensor, std::uint64_t& out) const;
};

/// A type of llama.cpp; nullptr when there is none of that number, or none any more.
[[nodiscard]] const GgmlType* find_ggml_type(std::uint32_t number);

/// What forks of llama.cpp, or earlier versions, have under that number, which others may have used for something else:
/// only a file's offsets can say that it is meant. nullptr: nothing is known.
[[nodiscard]] const GgmlType* find_fork_type(std::uint32_t number);

/// The numbers below are as old as the format, or taken by llama.cpp since; forks took theirs from here on.
inline constexpr std::uint32_t kFirstForkType = 31;

}  // namespace paramcount
