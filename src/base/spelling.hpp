// "Did you mean": the known names nearest to a mistyped one (edit distance).
#pragma once

#include <cstddef>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace paramcount {

/// Insertions, deletions, substitutions and swaps of neighbours that turn one text into the other; more than `most`
/// is reported as most + 1. Letter case does not count.
[[nodiscard]] std::size_t edit_distance(std::string_view a, std::string_view b, std::size_t most);

/// " Did you mean a, b or c?"
[[nodiscard]] std::string did_you_mean(const std::vector<std::string>& names);

/// Collects candidates one by one and keeps the best few: near in spelling, or containing what was typed.
class Suggestions {
 public:
  explicit Suggestions(std::string_view typed, std::size_t most = 3);
  void consider(std::string_view candidate);
  [[nodiscard]] std::vector<std::string> best() const;
  /// " Did you mean a, b or c?", or `otherwise` when nothing is near.
  [[nodiscard]] std::string hint(std::string_view otherwise = {}) const;

 private:
  struct Scored {
    std::size_t score;
    std::string text;
  };
  std::string typed_;
  std::size_t most_;
  std::vector<Scored> kept_;
};

/// Throws usage Error "OPTION WORD: expected a, b or c." with the nearest, where the word is none of the known ones. An
/// empty one among them is skipped silently.
void check_word(std::string_view option, std::string_view word, std::span<const std::string_view> known);

}  // namespace paramcount
