// What the metadata of a GGUF say a model is: the dimensions of a family, which follow from them and from which tensors
// there are in what shapes, or without a family the few that all architectures share. Whether the family then explains
// the file is count/explanation.hpp's question.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "count/packing.hpp"
#include "paramcount/base/value.hpp"
#include "paramcount/catalog/family.hpp"
#include "paramcount/count/gguf.hpp"

namespace paramcount {

/// A number of the metadata, by its key without the architecture; a value for each layer counts if all are the same.
/// 0: there is none.
[[nodiscard]] std::uint64_t metadata_count(const Checkpoint& checkpoint, std::string_view arch, std::string_view key);
/// A text of the metadata, by its whole key; empty: there is none.
[[nodiscard]] std::string metadata_text(const Checkpoint& checkpoint, std::string_view key);

/// `family` has its `gguf` section, its rows among its tensors; `spellings` are those all families share.
[[nodiscard]] std::vector<std::pair<std::string, Value>> fit_dims(const Family& family, const StoredWeights& stored,
                                                                  const Spellings& spellings);

/// Of an architecture that no family describes: its dimensions into `inventory`, whose caches stay unknown.
GgufInventory read_metadata(const Checkpoint& checkpoint, const std::string& arch, Inventory& inventory);

}  // namespace paramcount
