// A command's options as plain text, for help, the manual page, completions and defaults.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "paramcount/base/label.hpp"

namespace paramcount {

struct OptionText {
  Label name;  ///< "--dtype"; empty: a positional argument
  Label short_name;
  Label type;  ///< "D[,D...]"; empty: a flag
  Label text;
  Label group;
  bool many{false};  ///< of a positional argument: may be given several times

  [[nodiscard]] bool positional() const { return name.empty(); }
  [[nodiscard]] bool flag() const { return !positional() && type.empty(); }
  /// "--dtype D[,D...]", "-h, --help", "MODEL..."
  [[nodiscard]] std::string spelling() const;
};

struct CommandText {
  std::string name;  ///< "paramcount kv"
  std::string description;
  std::vector<OptionText> options;
  std::string footer;

  [[nodiscard]] const OptionText* find(std::string_view option) const;
  /// In the order of their first options.
  [[nodiscard]] std::vector<std::string_view> groups() const;
};

inline constexpr std::size_t kHelpColumns = 80;  ///< of a line of help, where the terminal has as many

/// The page of --help, its options folded at that many columns.
[[nodiscard]] std::string help_text(const CommandText& command, std::size_t width = kHelpColumns);

}  // namespace paramcount
