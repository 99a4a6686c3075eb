// data/models/*.json: one published model. data/README.md documents the file.
#pragma once

#include "paramcount/base/value.hpp"
#include "paramcount/catalog/model.hpp"

namespace paramcount {

/// Throws Error with a JSON pointer when a field is missing, of the wrong kind, or unknown.
[[nodiscard]] Model read_model(const Value& file);

}  // namespace paramcount
