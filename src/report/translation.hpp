// Translates pages: each text is looked up by its English with figures and names removed, so that pages are written in
// English only.
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "catalog/language_file.hpp"
#include "paramcount/report/report.hpp"

namespace paramcount {

class Translation {
 public:
  struct Digits {
    bool own{false};      ///< of the language: ۱۲۳
    bool grouped{false};  ///< "405,853"; a pipe has none
  };
  Translation(Language language, Digits digits);

  [[nodiscard]] const Language& language() const { return language_; }

  /// A text of a page. What the language's file does not have stays English, and is kept in untranslated().
  [[nodiscard]] std::string of(std::string_view text);

  /// All texts of the pages and of their plots. What has been translated is left as it is.
  void translate(Report& report);

  [[nodiscard]] const std::set<std::string>& untranslated() const { return untranslated_; }

 private:
  struct Piece {
    enum class Kind : std::uint8_t { words, figure, any, kept } kind{Kind::words};
    std::string words;
  };
  struct Pattern {
    std::vector<Piece> pieces;
    std::string translation;
    std::size_t letters{0};  ///< of its words: the more, the more it says of the text
  };
  struct Captured {
    std::string text;
    Piece::Kind kind{Piece::Kind::any};
  };

  [[nodiscard]] static Pattern pattern_of(const std::string& english, const std::string& translation);
  [[nodiscard]] static bool matches(const Pattern& pattern, std::size_t piece, std::string_view text,
                                    std::vector<Captured>& captured);
  /// Empty where the language's file does not have it: all of it, or the text at its placeholders.
  [[nodiscard]] std::string known(std::string_view text, int depth) const;
  /// For the text at a placeholder.
  [[nodiscard]] std::string known(const Captured& captured, int depth) const;
  template <class Tell>
  [[nodiscard]] std::string by_pattern(std::string_view text, const Tell& tell) const;
  [[nodiscard]] std::string by_clauses(std::string_view text, int depth) const;
  /// By the first pattern that fits, whatever its placeholders hold.
  [[nodiscard]] std::string loosely(std::string_view text);
  [[nodiscard]] std::string filled(const Pattern& pattern, const std::vector<std::string>& texts) const;
  /// Figures and identifiers, which stay except for their digits.
  [[nodiscard]] bool stays(std::string_view text) const;
  [[nodiscard]] std::string with_digits(std::string_view figure) const;
  void translate(Page& page);
  void translate(Plot& plot);
  void translate(Line& line);
  void take(std::string& text) { text = of(text); }

  Language language_;
  Digits digits_;
  std::unordered_map<std::string, std::string> exact_;
  std::vector<Pattern> patterns_;
  std::set<std::string, std::less<>> names_;
  std::set<std::string, std::less<>>
      told_;  ///< translations without a letter of the language: not to be translated again
  std::set<std::string> untranslated_;
};

}  // namespace paramcount
