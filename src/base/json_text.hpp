// JSON strings: scanning eight bytes at a time, and writing.
#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

#include "base/byte_words.hpp"

namespace paramcount {

/// High bits of the bytes that end or interrupt a JSON text: quote, backslash, control characters, anything beyond
/// ASCII. Only the lowest is exact.
constexpr std::uint64_t special_bytes(std::uint64_t word) {
  const std::uint64_t control = (word - kEachByte * ' ') & ~word & kHighBits;
  return control | zero_bytes(word ^ (kEachByte * '"')) | zero_bytes(word ^ (kEachByte * '\\')) | (word & kHighBits);
}

/// Whether the text needs no escapes between quotes. DEL is a control character to a terminal, though not to JSON.
inline bool is_plain_json(std::string_view text) {
  constexpr std::uint64_t kSpaces = kEachByte * ' ';
  constexpr std::uint64_t kDeletes = kEachByte * 0x7F;
  const auto is_special = [](std::uint64_t w) { return special_bytes(w) != 0 || zero_bytes(w ^ kDeletes) != 0; };
  std::uint64_t word{};
  for (; text.size() >= sizeof word; text.remove_prefix(sizeof word)) {
    std::memcpy(&word, text.data(), sizeof word);
    if (is_special(word)) return false;
  }
  word = kSpaces;
  std::memcpy(&word, text.data(), text.size());
  return !is_special(word);
}

/// Appends the text between quotes. Hidden characters (base/characters.hpp) are escaped; a byte that is invalid UTF-8
/// becomes the escape of U+FFFD.
void append_json(std::string& out, std::string_view text);

}  // namespace paramcount
