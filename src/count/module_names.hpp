// How PEFT selects modules: by path suffix, or by a regular expression over the whole path. peft 0.18,
// src/peft/tuners/tuners_utils.py: check_target_module_exists; src/peft/utils/other.py: get_pattern_key.
#pragma once

#include <cstdint>
#include <optional>
#include <regex>
#include <string>
#include <string_view>
#include <vector>

#include "paramcount/count/inventory.hpp"

namespace paramcount {

enum class Named : std::uint8_t { none, some, all };

/// Of the paths that a name and the values of its indices make, those that `target` names: equal to it, or ending in it
/// after a dot.
[[nodiscard]] Named named_by(std::string_view target, const TensorName& name, const std::vector<Axis>& axes);
/// The same of one path.
[[nodiscard]] bool named_by(std::string_view target, std::string_view path);

/// The number of the layer that a path belongs to: its first component that is a number and has two before it.
[[nodiscard]] std::optional<std::uint64_t> layer_of(std::string_view path);

/// A regular expression as Python's `re` writes it, as far as ECMAScript's say the same.
class NamePattern {
 public:
  /// Throws Error beginning with `where` when it is not understood.
  NamePattern(const std::string& text, std::string_view where);
  /// Python's re.fullmatch.
  [[nodiscard]] bool matches(const std::string& path) const;
  /// What its first group holds where it matches; nothing where it does not.
  [[nodiscard]] std::optional<std::string> group(const std::string& path) const;

 private:
  std::regex regex_;
};

}  // namespace paramcount
