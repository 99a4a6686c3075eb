// What a family's dimensions have to be for a GGUF file: read from its metadata, and from which tensors it has and what
// shapes they have. Whether the family then accounts for the file is another question (count/stored_model.cpp).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "count/stored_pattern.hpp"
#include "paramcount/base/value.hpp"
#include "paramcount/catalog/family.hpp"
#include "paramcount/read/checkpoint.hpp"

namespace paramcount {

/// A number of the metadata, by its key without the architecture; a value for each layer counts if all are the same.
/// 0: there is none.
[[nodiscard]] std::uint64_t metadata_count(const Checkpoint& checkpoint, std::string_view arch, std::string_view key);

/// `family` has its `gguf` section, its rows among its tensors.
[[nodiscard]] std::vector<std::pair<std::string, Value>> fit_dims(const Family& family, const Checkpoint& checkpoint,
                                                                  const std::vector<StoredPattern>& patterns);

}  // namespace paramcount
