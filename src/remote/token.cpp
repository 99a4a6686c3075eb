#include "remote/token.hpp"

#include <algorithm>
#include <cctype>
#include <string_view>

#include "base/budgets.hpp"
#include "base/file.hpp"
#include "base/process_variable.hpp"
#include "base/text.hpp"
#include "paramcount/base/error.hpp"
#include "remote/settings.hpp"

namespace paramcount {
namespace {

std::string checked(std::string_view text, const std::string& where) {
  const std::string_view token = trim(text);
  const bool fits = std::all_of(token.begin(), token.end(), [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 ||
           std::string_view("-._~+/=").find(c) != std::string_view::npos;
  });
  if (!fits || token.size() > kMostToken) throw Error(where + ": no token: it has characters that no token has");
  return std::string(token);
}

}  // namespace

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
