#include "remote/settings.hpp"

#include <algorithm>
#include <cstdlib>

#include "base/budgets.hpp"
#include "base/process_variable.hpp"
#include "base/text.hpp"

namespace paramcount {

bool is_set(const char* name) {
  const std::string value = lower(trim(process_variable(name)));
  return value == "1" || value == "on" || value == "yes" || value == "true";
}

std::string cache_home() {
  // As the XDG specification has it, a path that is not absolute is none.
  if (auto home = process_variable("XDG_CACHE_HOME"); home.starts_with('/')) return home;
  const auto home = process_variable("HOME");
  return home.starts_with('/') ? home + "/.cache" : "";
}

bool offline_by_environment() { return is_set("HF_HUB_OFFLINE") || is_set("TRANSFORMERS_OFFLINE"); }

int remote_timeout() {
  const std::string value = process_variable("HF_HUB_DOWNLOAD_TIMEOUT");
  const bool number = !value.empty() && value.size() <= 4 && std::all_of(value.begin(), value.end(), is_digit);
  const int seconds = number ? std::atoi(value.c_str()) : 0;
  return seconds >= 1 && seconds <= 3600 ? seconds : kRemoteTimeout;
}

}  // namespace paramcount
