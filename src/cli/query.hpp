// --get and --assert: single values of a report, and assertions about them.
#pragma once

#include <string>
#include <vector>

#include "paramcount/report/report.hpp"

namespace paramcount {

/// The bare value of each key, a line each, for one model after the other; an empty line where a model has no such
/// value. Keys are separated by commas. Throws usage Error for a key that no model has.
[[nodiscard]] std::string get_values(const Report& report, const std::vector<std::string>& keys);

/// Evaluates "KEY OPERATOR VALUE" for every model: < <= > >= == !=, numbers with suffixes (8B, 24GiB), texts. Returns
/// what was found where one is false, a line each; nothing when all hold. Throws usage Error for an unknown key, Error
/// for a value that one of the models does not have.
[[nodiscard]] std::string failed_assertions(const Report& report, const std::vector<std::string>& expressions);

}  // namespace paramcount
