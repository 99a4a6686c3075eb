// Generates the manual page and completions from the commands' declarations.
#pragma once

#include <string>
#include <vector>

#include "cli/command.hpp"

namespace paramcount {

struct DescribedCommand {
  const Command* command;
  CommandText text;
};

/// The main command first.
[[nodiscard]] std::vector<DescribedCommand> described_commands();

[[nodiscard]] std::string man_page(const std::vector<DescribedCommand>& commands);
[[nodiscard]] std::string bash_completion(const std::vector<DescribedCommand>& commands);
[[nodiscard]] std::string zsh_completion(const std::vector<DescribedCommand>& commands);
[[nodiscard]] std::string fish_completion(const std::vector<DescribedCommand>& commands);

}  // namespace paramcount
