// Folded names: tensor names without their numbers, "model.layers.*.mlp.up_proj.weight" in comments and on pages. In
// memory a number is a byte that is invalid in UTF-8, so that no name from a file can be mistaken for a folded one.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>

namespace paramcount {

/// Stands for a number in a folded name.
inline constexpr char kNumber = '\xFF';

/// A folded name of our own, written with "*" for numbers.
[[nodiscard]] inline std::string folded(std::string_view starred) {
  std::string key(starred);
  std::replace(key.begin(), key.end(), '*', kNumber);
  return key;
}

/// A folded name as people read it, with "*" for numbers.
[[nodiscard]] inline std::string starred(std::string_view key) {
  std::string text(key);
  std::replace(text.begin(), text.end(), kNumber, '*');
  return text;
}

/// How many numbers were taken out of it.
[[nodiscard]] inline std::size_t numbers_in(std::string_view key) {
  return static_cast<std::size_t>(std::count(key.begin(), key.end(), kNumber));
}

}  // namespace paramcount
