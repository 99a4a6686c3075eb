#include "base/process_variable.hpp"

#include <cstdlib>

namespace paramcount {

std::string process_variable(const char* name) {
  const char* const value = std::getenv(name);
  return value != nullptr ? value : "";
}

}  // namespace paramcount
