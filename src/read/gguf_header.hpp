// The header of one GGUF file: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md. src/read/gguf.cpp joins split
// files.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "paramcount/base/value.hpp"
#include "paramcount/read/checkpoint.hpp"
#include "read/source.hpp"

namespace paramcount {

struct GgufHeader {
  Value::Object metadata;             ///< arrays and texts too long to keep as {"type", "length"}
  std::vector<StoredTensor> tensors;  ///< without names: those are in `names`
  std::string names;                  ///< one after the other
  std::vector<std::size_t> name_ends;
  std::vector<std::uint32_t> types;  ///< by tensor: the number of its type
  std::set<std::string> type_names;  ///< of types without a name of llama.cpp's: what `dtype` then points into
  std::vector<ForeignType> foreign_types;
  std::uint64_t unclaimed_bytes{0};  ///< between tensors, not counting padding
  std::uint64_t header_bytes{0};
  std::uint64_t file_bytes{0};

  [[nodiscard]] std::string_view name_of(std::size_t tensor) const;
  /// A whole number of the metadata. Throws Error when it is something else.
  [[nodiscard]] std::optional<std::uint64_t> number(std::string_view key) const;
};

/// Reads the source from front to back; arrays of tokens are stepped over, and nothing is believed that the file could
/// not hold. Throws Error "<name>: byte N: ...".
[[nodiscard]] GgufHeader read_gguf_header(const Source& source);

}  // namespace paramcount
