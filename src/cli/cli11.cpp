// The program's only use of CLI11: parsing the arguments and the config file.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <sstream>

#include "base/budgets.hpp"
#include "base/file.hpp"
#include "base/text.hpp"
#include "cli/defaults.hpp"
#include "cli/option_set.hpp"
#include "paramcount/base/error.hpp"

namespace paramcount {
namespace {

/// Without the help flag that every App begins with: --help is found before anything is parsed.
struct Parser : CLI::App {
  Parser() : CLI::App({}, {}, nullptr) {}
};

}  // namespace

std::vector<std::string> OptionSet::parse(std::vector<std::string> arguments) const {
  // Declaring an option takes CLI11 ten thousand instructions, and commands have some forty: only those that are given
  // are declared. Words are left to remaining(), since CLI11 would split a positional argument like "[a,b]".
  const auto is_there = [&](std::string_view name) {
    return std::any_of(arguments.begin(), arguments.end(), [&](std::string_view argument) {
      return argument.starts_with(name) && (argument.size() == name.size() || argument[name.size()] == '=');
    });
  };
  Parser app;
  app.allow_extras();
  for (const auto& [name, text, value] : entries_) {
    if (text.positional() || !is_there(name)) continue;
    if (auto* const* one = std::get_if<std::string*>(&value)) {
      app.add_option(name, **one)->type_name(text.type.text());
    } else if (auto* const* list = std::get_if<std::vector<std::string>*>(&value)) {
      app.add_option(name, **list)->type_name(text.type.text())->allow_extra_args(false);
    } else if (auto* const* flag = std::get_if<bool*>(&value)) {
      app.add_flag(name, **flag);
    } else {
      // CLI11 would read a value as a number, and throws an error of another type if it is not one.
      const std::string with_value = std::string(name) + "=";
      const auto has_value = [&](std::string_view argument) { return argument.starts_with(with_value); };
      if (std::any_of(arguments.begin(), arguments.end(), has_value))
        throw usage_error(std::string(name) + " takes no value");
      app.add_flag_function(name, [](std::int64_t) {});
    }
  }
  std::reverse(arguments.begin(), arguments.end());
  try {
    app.parse(std::move(arguments));
  } catch (const CLI::ParseError& error) {
    throw usage_error(printable(error.what()));
  }
  return take_words(app.remaining());
}

std::vector<Setting> read_settings(const std::string& path) {
  std::istringstream text(read_file(path, kMostConfigTomlBytes));
  std::vector<Setting> settings;
  try {
    for (auto& item : CLI::ConfigTOML().from_config(text)) {
      const bool edge_of_section = item.name == "++" || item.name == "--";
      if (!edge_of_section) settings.push_back({std::move(item.parents), std::move(item.name), std::move(item.inputs)});
    }
  } catch (const CLI::Error& error) {
    throw usage_error(printable(path) + ": " + printable(error.what()));
  }
  return settings;
}

}  // namespace paramcount
