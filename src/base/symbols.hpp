// The non-ASCII characters that the program prints, and their replacements in formats without them.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace paramcount {

struct Symbol {
  std::string_view utf8;
  std::string_view ascii;
  std::string_view latex;
  std::string_view roff;
};
[[nodiscard]] std::span<const Symbol> symbols();

/// The text with all symbols in one of their spellings: respelled(text, &Symbol::latex). Other characters stay.
[[nodiscard]] std::string respelled(std::string text, std::string_view Symbol::*spelling);

/// The text in ASCII: symbols as above, '?' for each other character beyond it (those of names that users gave).
[[nodiscard]] std::string in_ascii(std::string text);

}  // namespace paramcount
