// Options and commands of other programs that people try here, and their equivalents.
#pragma once

#include <string>
#include <string_view>

#include "cli/description.hpp"

namespace paramcount {

/// "It is --context here." for --max-model-len, "It is --format json here." for --json; where the command has no such
/// option but others do, which, of this program's own names too; empty if none has it.
[[nodiscard]] std::string foreign_option_hint(std::string_view typed, const CommandText& command);

/// What does here what a word of other programs and of common speech asks for: "Models named one after another are
/// compared: paramcount MODEL MODEL" for compare; empty where it is none.
[[nodiscard]] std::string foreign_command_hint(std::string_view word);

}  // namespace paramcount
