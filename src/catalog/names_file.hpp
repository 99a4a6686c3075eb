// Rows of data/names.json.
#pragma once

#include "paramcount/base/value.hpp"
#include "paramcount/catalog/name_rule.hpp"

namespace paramcount {

/// Throws Error with a JSON pointer when a field is missing, of the wrong kind, or unknown.
[[nodiscard]] NameRule read_name_rule(const Value& row);

}  // namespace paramcount
