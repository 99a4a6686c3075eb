// The subset of YAML used in configs: mappings, lists, scalars and comments. Anything else is refused by name: anchors
// and aliases (with which a small text can expand to a huge one), tags, several documents.
#pragma once

#include <string_view>

#include "paramcount/base/value.hpp"

namespace paramcount {

/// Scalars by YAML 1.1, as PyYAML reads them; "1e-5" too is a number. A value "${.key}", OmegaConf's for the member
/// beside it, is that member's. Throws Error "line N: ..."; limits are those of JSON (base/budgets.hpp).
[[nodiscard]] Value parse_yaml(std::string_view text);

}  // namespace paramcount
