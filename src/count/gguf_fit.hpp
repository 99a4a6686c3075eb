// Fits a family's dimensions to a GGUF, from its metadata and from its tensors' names and shapes. count/explanation.hpp
// decides whether the family then explains the file.
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
