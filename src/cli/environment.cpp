#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <string_view>

#include "base/file.hpp"
#include "base/text.hpp"
#include "paramcount/run.hpp"

namespace paramcount {
namespace {

std::string_view variable(const char* name) {
  const char* value = std::getenv(name);
  return value != nullptr ? std::string_view(value) : std::string_view{};
}

/// Whether the locale's encoding is UTF-8, by the variables in the order POSIX gives them.
bool utf8_locale() {
  for (const char* name : {"LC_ALL", "LC_CTYPE", "LANG"}) {
    const auto value = variable(name);
    if (value.empty()) continue;
    const std::string locale = lower(value);
    return locale.find("utf-8") != std::string::npos || locale.find("utf8") != std::string::npos;
  }
  return true;
}

/// $COLUMNS, where someone exports it, wins over what the terminal says, as in ls.
std::size_t terminal_width() {
  const std::string asked(variable("COLUMNS"));
  const bool number = !asked.empty() && asked.size() < 5 && std::all_of(asked.begin(), asked.end(), is_digit);
  if (const auto wide = number ? std::stoul(asked) : 0; wide >= 20) return wide;
  winsize size{};
  if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col >= 20) return size.ws_col;
  return 80;
}

}  // namespace

Environment process_environment() {
  Environment environment;
  auto& surface = environment.surface;
  surface.terminal = ::isatty(STDOUT_FILENO) == 1;
  if (surface.terminal) surface.width = terminal_width();
  surface.color = surface.terminal && variable("NO_COLOR").empty() && variable("TERM") != "dumb";
  surface.utf8 = utf8_locale();
  std::string config(variable("XDG_CONFIG_HOME"));
  if (config.empty() && !variable("HOME").empty()) config = std::string(variable("HOME")) + "/.config";
  if (!config.empty() && is_folder(config + "/paramcount")) {
    environment.catalogs.push_back(config + "/paramcount");
    if (exists(config + "/paramcount/config.toml")) environment.config = config + "/paramcount/config.toml";
  }
  for (char** entry = environ; *entry != nullptr; ++entry) {
    constexpr std::string_view kPrefix = "PARAMCOUNT_";
    if (std::strncmp(*entry, kPrefix.data(), kPrefix.size()) != 0) continue;
    const std::string_view text = std::string_view(*entry).substr(kPrefix.size());
    const auto equals = text.find('=');
    if (equals == std::string_view::npos || equals + 1 == text.size() || text.starts_with("CATALOG=")) continue;
    environment.defaults.emplace_back(lower(text.substr(0, equals)), std::string(text.substr(equals + 1)));
  }
  if (const auto catalog = variable("PARAMCOUNT_CATALOG"); !catalog.empty()) {
    environment.catalogs.emplace_back(catalog);
  }
  return environment;
}

}  // namespace paramcount
