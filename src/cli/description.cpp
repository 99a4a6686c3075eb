#include "cli/description.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace paramcount {
namespace {

constexpr std::size_t kColumn = 24;  ///< where descriptions begin

/// "  --batch N             sequences in the cache", folded.
std::string entry(const OptionText& option, std::size_t most) {
  std::string out = "  " + option.spelling();
  std::string line(kColumn, ' ');
  if (out.size() + 2 <= kColumn) {
    line = out + std::string(kColumn - out.size(), ' ');
    out.clear();
  } else {
    out += "\n";
  }
  std::size_t width = kColumn;
  for (const auto word : split(option.text, ' ')) {
    const std::size_t wide = columns(word);
    if (width > kColumn && width + 1 + wide > most) {
      out += line + "\n";
      line.assign(kColumn, ' ');
      width = kColumn;
    }
    if (width > kColumn) {
      line += ' ';
      ++width;
    }
    line += word;
    width += wide;
  }
  return out + line + "\n";
}

}  // namespace

std::string OptionText::spelling() const {
  if (positional()) return type + (many ? "..." : "");
  return (short_name.empty() ? "" : short_name + ", ") + name + (type.empty() ? "" : " " + type);
}

const OptionText* CommandText::find(std::string_view option) const {
  const auto found =
      std::find_if(options.begin(), options.end(), [&](const OptionText& o) { return o.name == option; });
  return found != options.end() && !option.empty() ? &*found : nullptr;
}

std::vector<std::string> CommandText::groups() const {
  std::vector<std::string> names;
  for (const auto& option : options) {
    if (!option.positional() && std::find(names.begin(), names.end(), option.group) == names.end())
      names.push_back(option.group.text());
  }
  return names;
}

std::string help_text(const CommandText& command, std::size_t width) {
  std::string out = command.description + "\n\nUsage: " + command.name;
  std::string positionals;
  for (const auto& option : command.options) {
    if (!option.positional()) continue;
    out += " " + option.spelling();
    positionals += entry(option, width);
  }
  out += " [OPTIONS]\n";
  if (!positionals.empty()) out += "\n" + positionals;
  for (const auto& group : command.groups()) {
    out += "\n" + group + "\n";
    for (const auto& option : command.options) {
      if (!option.positional() && option.group == group) out += entry(option, width);
    }
  }
  if (!command.footer.empty()) out += "\n" + command.footer + "\n";
  return out;
}

}  // namespace paramcount
