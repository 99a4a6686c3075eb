// The tensor types of GGUF files: number, name, and how many bytes a block takes. What they mean for a whole model is
// data/dtypes.json's business.
#pragma once

#include <cstdint>
#include <string_view>

namespace paramcount {

struct GgmlType {
  std::uint32_t number;
  std::string_view name;
  std::uint32_t block;  ///< elements
  std::uint32_t bytes;  ///< of a block
};

/// nullptr when there is no type of that number, or none any more.
[[nodiscard]] const GgmlType* find_ggml_type(std::uint32_t number);

}  // namespace paramcount
