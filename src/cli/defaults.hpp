// Defaults for options from the config file and the environment, for options not on the command line.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "cli/command.hpp"
#include "cli/description.hpp"

namespace paramcount {

/// A line of a config file: [kv] context = "8k" is {"kv"}, "context", {"8k"}.
struct Setting {
  std::vector<std::string> sections;
  std::string name;
  std::vector<std::string> values;
};

/// The lines of a config file, as far as TOML and CLI11 agree. Throws usage Error.
[[nodiscard]] std::vector<Setting> read_settings(const std::string& path);

/// The arguments of the call with what the environment, and then the config file, say about options that are not among
/// them. --no-config leaves both out. Throws Error for a file that names what no command has.
[[nodiscard]] std::vector<std::string> with_defaults(const CommandText& text, const Invocation& invocation,
                                                     const std::vector<Setting>& settings, std::string_view command);

/// ". PARAMCOUNT_DEVICE sets --device; --no-config ignores it": where an error is about an option that only a default
/// gave. Empty: it is not.
[[nodiscard]] std::string default_at_fault(std::string_view message, const std::vector<std::string>& arguments,
                                           const Environment& environment);

}  // namespace paramcount
