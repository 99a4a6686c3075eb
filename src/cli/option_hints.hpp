// Options of other programs that people try here, and what this one calls them.
#pragma once

#include <string>
#include <string_view>

#include "cli/description.hpp"

namespace paramcount {

/// "It is --context here." for --max-model-len, "It is --format json here." for --json; where the command has no such
/// option but others do, which; empty where the name is no other program's.
[[nodiscard]] std::string foreign_option_hint(std::string_view typed, const CommandText& command);

}  // namespace paramcount
