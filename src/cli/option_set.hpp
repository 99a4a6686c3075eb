// A command's options, declared once for parsing, help, the manual page, completions and defaults.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "cli/description.hpp"

namespace paramcount {

class OptionSet {
 public:
  explicit OptionSet(Label description) : description_(std::move(description)) {}
  OptionSet(const OptionSet&) = delete;
  OptionSet& operator=(const OptionSet&) = delete;

  static constexpr const char* kGroup = "Options";

  /// An argument without a dash, and any number of them.
  void word(std::string& value, Label type, Label text);
  void words(std::vector<std::string>& values, Label type, Label text);
  /// An option with a value; one that is given a list may be named several times.
  void option(const char* name, std::string& value, Label type, Label text, const char* group = kGroup);
  void option(const char* name, std::vector<std::string>& values, Label type, Label text, const char* group = kGroup);
  void flag(const char* name, bool& value, Label text, const char* group = kGroup);
  /// A flag that is looked for before anything is parsed.
  void known(const char* name, const char* short_name, Label text, const char* group);
  /// What follows in --help.
  void footer(std::function<std::string()> text) { footer_ = std::move(text); }
  void footer(const char* text) {
    footer_ = [text] { return std::string(text); };
  }

  [[nodiscard]] CommandText text(std::string_view command) const;

  /// Fills in what the arguments say; returns those that nothing here takes. Throws usage Error.
  [[nodiscard]] std::vector<std::string> parse(std::vector<std::string> arguments) const;

 private:
  struct Entry {
    const char* name;  ///< of an option
    OptionText text;
    std::variant<std::monostate, bool*, std::string*, std::vector<std::string>*> value;
  };
  /// "-" is one: standard input.
  [[nodiscard]] static bool is_word(std::string_view argument) { return !argument.starts_with('-') || argument == "-"; }
  /// Fills in the words among the arguments; returns what is left.
  [[nodiscard]] std::vector<std::string> take_words(std::vector<std::string> arguments) const;
  void add(const char* name, Label type, Label text, const char* group, decltype(Entry::value) value);

  Label description_;
  std::vector<Entry> entries_;
  std::function<std::string()> footer_;
};

}  // namespace paramcount
