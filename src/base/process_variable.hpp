// Environment variables.
#pragma once

#include <cstdlib>
#include <string>

namespace paramcount {

/// Empty where it is not set.
[[nodiscard]] inline std::string process_variable(const char* name) {
  const char* const value = std::getenv(name);
  return value != nullptr ? value : "";
}

}  // namespace paramcount
