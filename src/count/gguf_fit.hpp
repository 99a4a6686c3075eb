// What a family's dimensions have to be for a GGUF: by its metadata, and by which tensors it has in what shapes.
// Whether the family then explains the file is count/explanation.hpp's question.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "count/packing.hpp"
#include "paramcount/base/value.hpp"
#include "paramcount/catalog/family.hpp"

namespace paramcount {

/// `family` has its `gguf` section, its rows among its tensors; `spellings` are those all families share.
[[nodiscard]] std::vector<std::pair<std::string, Value>> fit_dims(const Family& family, const StoredWeights& stored,
                                                                  const Spellings& spellings);

}  // namespace paramcount
