// Small string utilities: escaping for display, shortest decimals, splitting. Number formatting for display is in
// base/numbers.hpp.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace paramcount {

/// The text with every byte of hidden characters (base/characters.hpp) and of invalid UTF-8 replaced by '?', so that a
/// file cannot drive the terminal.
[[nodiscard]] std::string printable(std::string_view text);
/// What a text is made of, seen in one pass.
struct TextTraits {
  bool plain;   ///< printable ASCII alone, as nearly all texts: a column a byte, shown as it is everywhere
  bool commas;  ///< some, which may group digits
};
[[nodiscard]] TextTraits traits_of(std::string_view text);
[[nodiscard]] inline bool is_plain(std::string_view text) { return traits_of(text).plain; }
/// Whether printable() would leave it as it is.
[[nodiscard]] bool is_printable(std::string_view text);

[[nodiscard]] constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }
/// The number that the text is: digits alone, and no more than 64 bits hold.
[[nodiscard]] std::optional<std::uint64_t> whole_number(std::string_view text);

[[nodiscard]] bool is_utf8(std::string_view text);

/// The shortest decimal that reads back as the same double: "0.41", "3.8e+25".
[[nodiscard]] std::string shortest(double value);
[[nodiscard]] std::string shortest_float(float value);

[[nodiscard]] std::vector<std::string_view> split(std::string_view text, char at);
[[nodiscard]] std::string lower(std::string_view text);
[[nodiscard]] std::string_view trim(std::string_view text);
/// One text of several.
[[nodiscard]] std::string joined(std::initializer_list<std::string_view> parts);
[[nodiscard]] std::string joined(const std::vector<std::string>& parts, std::string_view between);
void replace_all(std::string& text, std::string_view from, std::string_view to);

/// "gpt-2" before "gpt-10": digits compare as numbers.
[[nodiscard]] bool natural_less(std::string_view a, std::string_view b);
struct NaturalLess {
  bool operator()(std::string_view a, std::string_view b) const { return natural_less(a, b); }
};

/// Terminal columns of a text made printable: two for a wide character (Chinese, emoji), none for a combining mark.
[[nodiscard]] std::size_t columns(std::string_view text);
/// The same of a text that printable() would leave as it is; nothing of any other.
[[nodiscard]] std::optional<std::size_t> printable_columns(std::string_view text);
/// Bytes of the longest beginning, in whole characters, that takes no more columns.
[[nodiscard]] std::size_t bytes_within(std::string_view text, std::size_t columns);

}  // namespace paramcount
