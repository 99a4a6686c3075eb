#include "cli/description.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "report/shown_text.hpp"

namespace paramcount {
namespace {

constexpr std::size_t kColumn = 24;  ///< where descriptions begin

/// Adds "  --batch N             sequences in the cache", folded.
void add_entry(const OptionText& option, std::size_t most, std::string& out) {
  const auto begin = out.size();
  out.append("  ").append(option.spelling());
  const std::size_t used = out.size() - begin;
  const bool fits = used + 2 <= kColumn;
  if (!fits) out += '\n';
  std::size_t indent = fits ? kColumn - used : kColumn;
  for (const auto line : folded_lines(option.text, most - kColumn, most - kColumn)) {
    out.append(indent, ' ').append(line).append("\n");
    indent = kColumn;
  }
}

}  // namespace

std::string OptionText::spelling() const {
  if (positional()) return joined({type, many ? "..." : ""});
  return joined({short_name, short_name.empty() ? "" : ", ", name, type.empty() ? "" : " ", type});
}

const OptionText* CommandText::find(std::string_view option) const {
  const auto found =
      std::find_if(options.begin(), options.end(), [&](const OptionText& o) { return o.name == option; });
  return found != options.end() && !option.empty() ? &*found : nullptr;
}

std::vector<std::string_view> CommandText::groups() const {
  std::vector<std::string_view> names;
  for (const auto& option : options) {
    if (!option.positional() && std::find(names.begin(), names.end(), option.group.view()) == names.end())
      names.push_back(option.group);
  }
  return names;
}

std::string help_text(const CommandText& command, std::size_t width) {
  std::string out;
  out.reserve(8192);
  out.append(command.description).append("\n\nUsage: ").append(command.name);
  std::string positionals;
  for (const auto& option : command.options) {
    if (!option.positional()) continue;
    out.append(" ").append(option.spelling());
    add_entry(option, width, positionals);
  }
  out += " [OPTIONS]\n";
  if (!positionals.empty()) out.append("\n").append(positionals);
  for (const auto group : command.groups()) {
    out.append("\n").append(group).append("\n");
    for (const auto& option : command.options) {
      if (!option.positional() && option.group == group) add_entry(option, width, out);
    }
  }
  if (!command.footer.empty()) out.append("\n").append(command.footer).append("\n");
  return out;
}

}  // namespace paramcount
