// The article of `paramcount explain --article`: its claims, with the results of their commands.
#pragma once

#include <string>
#include <vector>

#include "cli/command.hpp"
#include "report/article_report.hpp"

namespace paramcount {

/// Runs each command once. Throws Error where one does not answer or has no such value.
[[nodiscard]] std::vector<CheckedClaim> checked_claims(const std::vector<std::string>& folders);

}  // namespace paramcount
