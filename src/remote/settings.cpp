#include "remote/settings.hpp"

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <string_view>

#include "base/budgets.hpp"
#include "base/file.hpp"
#include "base/process_variable.hpp"
#include "base/text.hpp"
#include "paramcount/base/error.hpp"

namespace paramcount {
namespace {

std::string checked(std::string_view text, const std::string& where) {
  const std::string_view token = trim(text);
  const bool fits = std::all_of(token.begin(), token.end(), [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 ||
           std::string_view("-._~+/=").find(c) != std::string_view::npos;
  });
  if (!fits || token.size() > kMostToken) throw Error(where + ": not a token: it has invalid characters");
  return std::string(token);
}

}  // namespace

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

std::string hub_token() {
  if (is_set("HF_HUB_DISABLE_IMPLICIT_TOKEN")) return {};
  for (const char* name : {"HF_TOKEN", "HUGGING_FACE_HUB_TOKEN"}) {
    if (const auto value = process_variable(name); !trim(value).empty()) return checked(value, name);
  }
  std::string file(process_variable("HF_TOKEN_PATH"));
  if (file.empty() && !process_variable("HF_HOME").empty()) file = process_variable("HF_HOME") + "/token";
  if (file.empty() && !cache_home().empty()) file = cache_home() + "/huggingface/token";
  if (file.empty() || !is_file(file)) return {};
  return checked(read_file(file, kMostToken), printable(file));
}

}  // namespace paramcount
