#include "cli/defaults.hpp"

#include <algorithm>

#include "base/budgets.hpp"
#include "base/file.hpp"
#include "base/spelling.hpp"
#include "base/text.hpp"
#include "paramcount/base/error.hpp"

namespace paramcount {
namespace {

std::string option_name(std::string name) {
  std::replace(name.begin(), name.end(), '_', '-');
  return "--" + name;
}

bool is_given(const std::vector<std::string>& arguments, const std::string& option) {
  for (const auto& argument : arguments) {
    if (argument == "--") break;
    if (argument == option || argument.starts_with(option + "=")) return true;
  }
  return false;
}

/// Options that make no sense as defaults.
bool is_fixed(const std::string& option) { return option == "--help" || option == "--no-config"; }

void append(std::vector<std::string>& arguments, const OptionText& option, const std::vector<std::string>& values,
            const std::string& where) {
  for (const auto& value : values) {
    if (!option.flag()) {
      arguments.push_back(option.name + "=" + value);
    } else if (value == "true" || value == "1") {
      arguments.push_back(option.name.text());
    } else if (value != "false" && value != "0") {
      throw usage_error(where + ": expected true or false, got " + printable(value));
    }
  }
}

/// A value that begins with a quote is one that no other quote closes: those that are closed have none here.
void check_quotes(const Setting& setting, const std::string& file, const std::string& where) {
  for (const auto& value : setting.values) {
    const char quote = value.empty() ? '\0' : value.front();
    if ((quote != '"' && quote != '\'') || std::count(value.begin(), value.end(), quote) % 2 == 0) continue;
    const std::string text = read_file(file, kMostConfigTomlBytes);
    const auto lines = split(text, '\n');
    const auto line = std::find_if(lines.begin(), lines.end(), [&](std::string_view one) {
      return trim(one).starts_with(setting.name) && one.find(value) != std::string_view::npos;
    });
    const std::string number = line == lines.end() ? "" : " (line " + std::to_string(line - lines.begin() + 1) + ")";
    throw usage_error(where + number + ": unclosed quote before " + printable(value.substr(1)));
  }
}

[[noreturn]] void no_such_option(const std::string& where, const std::string& option) {
  Suggestions suggestions(option);
  for (const auto& command : commands()) {
    for (const auto& known : describe(command).options) suggestions.consider(known.name);
  }
  throw usage_error(where + ": no such option." + suggestions.hint());
}

bool some_command_has(const std::string& option) {
  return std::any_of(commands().begin(), commands().end(),
                     [&](const Command& command) { return describe(command).find(option) != nullptr; });
}

}  // namespace

std::vector<std::string> with_defaults(const CommandText& text, const Invocation& invocation,
                                       const std::vector<Setting>& settings, std::string_view command) {
  std::vector<std::string> arguments = invocation.arguments;
  if (is_given(arguments, "--no-config")) return arguments;
  std::vector<std::string> before;
  for (const auto& [name, value] : invocation.environment.defaults) {
    // Variables are not ours alone: one that names no option of this command is none of its business.
    const std::string option = option_name(name);
    const auto* known = text.find(option);
    if (known == nullptr || is_fixed(option) || is_given(arguments, option)) continue;
    append(before, *known, {value}, "environment: " + printable(name));
  }
  std::vector<std::string> from_file;
  for (const auto& setting : settings) {
    std::string where = printable(invocation.environment.config) + ": ";
    for (const auto& section : setting.sections) where += printable(section) + ".";
    where += printable(setting.name);
    const std::string option = option_name(setting.name);
    const bool sectioned = !setting.sections.empty();
    if (setting.sections.size() > 1) throw usage_error(where + ": expected an option, or [COMMAND] and its options");
    if (sectioned && find_command(setting.sections.front()) == nullptr) {
      Suggestions suggestions(setting.sections.front());
      for (const auto& known : commands()) suggestions.consider(known.name);
      throw usage_error(where + ": no such command." + suggestions.hint());
    }
    if (sectioned && setting.sections.front() != command) continue;
    const auto* known = text.find(option);
    if (known == nullptr || is_fixed(option)) {
      if (sectioned || is_fixed(option) || !some_command_has(option)) no_such_option(where, option);
      continue;
    }
    check_quotes(setting, invocation.environment.config, where);
    if (!is_given(arguments, option) && !is_given(before, option)) append(from_file, *known, setting.values, where);
  }
  arguments.insert(arguments.begin(), from_file.begin(), from_file.end());
  arguments.insert(arguments.begin(), before.begin(), before.end());
  return arguments;
}

std::string default_at_fault(std::string_view message, const std::vector<std::string>& arguments,
                             const Environment& environment) {
  if (!message.starts_with("--") || is_given(arguments, "--no-config")) return {};
  std::string head(message.substr(0, message.find(':')));
  std::replace(head.begin(), head.end(), ',', ' ');
  const auto words = split(head, ' ');
  const auto blamed = [&](const std::string& name) {
    const std::string option = option_name(name);
    return std::find(words.begin(), words.end(), option) != words.end() && !is_given(arguments, option);
  };
  const auto hint = [&](const std::string& who, const std::string& name) {
    return (message.ends_with('.') || message.ends_with('?') ? " " : ". ") + who + " sets " + option_name(name) +
           "; --no-config ignores it";
  };
  for (const auto& [name, value] : environment.defaults) {
    if (!blamed(name)) continue;
    std::string variable = "PARAMCOUNT_" + name;
    std::transform(name.begin(), name.end(), variable.end() - static_cast<std::ptrdiff_t>(name.size()),
                   [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; });
    return hint(printable(variable), name);
  }
  if (environment.config.empty()) return {};
  try {
    for (const auto& setting : read_settings(environment.config)) {
      if (blamed(setting.name)) return hint(printable(environment.config), setting.name);
    }
  } catch (const Error&) {
    return {};  // a file that cannot be read set nothing
  }
  return {};
}

}  // namespace paramcount
