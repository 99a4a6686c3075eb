// Variables of the environment.
#pragma once

#include <string>

namespace paramcount {

/// Empty where it is not set.
[[nodiscard]] std::string process_variable(const char* name);

}  // namespace paramcount
