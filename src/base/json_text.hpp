// What JSON texts are made of, eight bytes at a time, and how one is written.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace paramcount {

/// High bits of the bytes that end or interrupt a JSON text: quote, backslash, control characters, anything beyond
/// ASCII. Only the lowest is exact.
constexpr std::uint64_t special_bytes(std::uint64_t word) {
  constexpr std::uint64_t kOnes = 0x0101010101010101U;
  constexpr std::uint64_t kHighs = 0x8080808080808080U;
  const auto zeros = [](std::uint64_t w) { return (w - kOnes) & ~w & kHighs; };
  const std::uint64_t control = (word - 0x20 * kOnes) & ~word & kHighs;
  return control | zeros(word ^ (0x22 * kOnes)) | zeros(word ^ (0x5C * kOnes)) | (word & kHighs);
}

/// Whether the text can stand between quotes as it is. DEL is no character of control to JSON, but to a terminal.
inline bool is_plain_json(std::string_view text) {
  constexpr std::uint64_t kSpaces = 0x2020202020202020U;
  constexpr std::uint64_t kDeletes = 0x7F7F7F7F7F7F7F7FU;
  const auto is_special = [](std::uint64_t w) {
    const std::uint64_t other = w ^ kDeletes;
    return special_bytes(w) != 0 || ((other - 0x0101010101010101U) & ~other & 0x8080808080808080U) != 0;
  };
  std::uint64_t word{};
  for (; text.size() >= sizeof word; text.remove_prefix(sizeof word)) {
    std::memcpy(&word, text.data(), sizeof word);
    if (is_special(word)) return false;
  }
  word = kSpaces;
  std::memcpy(&word, text.data(), text.size());
  return !is_special(word);
}

/// Appends the text between quotes. Hidden characters (base/characters.hpp) are escaped; a byte that is no UTF-8
/// becomes the escape of U+FFFD.
void append_json(std::string& out, std::string_view text);

}  // namespace paramcount
