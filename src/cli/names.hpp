// Known names by kind, for completions and help.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "cli/command.hpp"
#include "report/topic_report.hpp"

namespace paramcount {

/// What `paramcount generate names KIND` prints.
[[nodiscard]] const std::vector<std::string_view>& name_kinds();

/// Throws usage Error for a kind that does not exist.
[[nodiscard]] std::vector<std::string> names_of(std::string_view kind, const Catalog& catalog);

/// The kind of names an option takes; empty: none.
[[nodiscard]] std::string_view kind_of_option(std::string_view option);
/// The kind of names a positional argument takes, by what it is called: MODEL, TOPIC, KIND.
[[nodiscard]] std::string_view kind_of_argument(std::string_view type);

/// The keys of what a command reports, from its examples.
[[nodiscard]] std::vector<Entry> keys_of_command(const Command& command);

}  // namespace paramcount
