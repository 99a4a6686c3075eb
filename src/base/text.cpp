#include "base/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <cstring>
#include <utility>

#include "base/byte_words.hpp"
#include "base/characters.hpp"

namespace paramcount {

bool is_utf8(std::string_view text) {
  for (std::size_t i = 0; i < text.size();) {
    const auto size = first_character(text.substr(i)).size;
    if (size == 0) return false;
    i += size;
  }
  return true;
}

namespace {

template <class Word>
std::uint64_t word_at(const char* at) {
  Word word{};
  std::memcpy(&word, at, sizeof word);
  return word;
}

/// Bytes at the start of the text that are printable ASCII.
std::size_t plain_bytes(std::string_view text) {
  const auto odd = [](char c) { return static_cast<signed char>(c) < 0x20 || c == 0x7F; };
  return static_cast<std::size_t>(std::find_if(text.begin(), text.end(), odd) - text.begin());
}

/// Letters of Arabic writing, their digits and marks left out.
bool is_arabic(std::uint32_t code) { return (code >= 0x620 && code <= 0x64A) || (code >= 0x671 && code <= 0x6D3); }

/// Bytes of the character at the start of the text; 0 when it is not to be shown. `before`: the character before it.
/// A zero-width non-joiner between two letters of Arabic writing belongs to the spelling (UAX #31, section 2.3, A1).
std::size_t shown_bytes(std::string_view text, std::uint32_t& before) {
  constexpr std::uint32_t kNonJoiner = 0x200C;
  const Character character = first_character(text);
  const auto last = std::exchange(before, character.code);
  if (character.size == 0) return 0;
  if (character.code == kNonJoiner && is_arabic(last) && text.size() > character.size &&
      is_arabic(first_character(text.substr(character.size)).code)) {
    return character.size;
  }
  return is_hidden(character.code) ? 0 : character.size;
}

}  // namespace

TextTraits traits_of(std::string_view text) {
  std::uint64_t odd = 0;
  std::uint64_t comma = 0;
  const auto take = [&](std::uint64_t word) {
    odd |= odd_bytes(word);
    comma |= zero_bytes(word ^ kEachByte * ',');
  };
  const char* const at = text.data();
  const std::size_t size = text.size();
  // The last word may overlap the one before it.
  if (size >= 8) {
    for (std::size_t i = 0; i + 8 < size; i += 8) take(word_at<std::uint64_t>(at + i));
    take(word_at<std::uint64_t>(at + size - 8));
  } else if (size >= 4) {
    take(word_at<std::uint32_t>(at) << 32U | word_at<std::uint32_t>(at + size - 4));
  } else if (size > 0) {
    const auto byte = [&](std::size_t i) { return std::uint64_t{static_cast<unsigned char>(at[i])}; };
    take((kEachByte * ' ') << 24U | byte(0) << 16U | byte(size / 2) << 8U | byte(size - 1));
  }
  return {odd == 0, comma != 0};
}

bool is_printable(std::string_view text) {
  if (is_plain(text)) return true;
  std::uint32_t before = 0;
  while (true) {
    if (const auto run = plain_bytes(text); run > 0) {
      text.remove_prefix(run);
      before = 0;
    }
    if (text.empty()) return true;
    const auto size = shown_bytes(text, before);
    if (size == 0) return false;
    text.remove_prefix(size);
  }
}

std::string printable(std::string_view text) {
  if (is_plain(text)) return std::string(text);
  std::string result;
  result.reserve(text.size());
  std::uint32_t before = 0;
  while (true) {
    if (const auto run = plain_bytes(text); run > 0) {
      result.append(text.substr(0, run));
      text.remove_prefix(run);
      before = 0;
    }
    if (text.empty()) return result;
    // Of a hidden character every byte, so that a text stays as long as it was.
    const auto size = shown_bytes(text, before);
    result += size > 0 ? text.substr(0, size) : "?";
    text.remove_prefix(size > 0 ? size : 1);
  }
}

std::string joined(std::initializer_list<std::string_view> parts) {
  std::size_t size = 0;
  for (const auto part : parts) size += part.size();
  std::string text;
  text.reserve(size);
  for (const auto part : parts) text += part;
  return text;
}

std::string joined(const std::vector<std::string>& parts, std::string_view between) {
  std::string text;
  for (const auto& part : parts) text += joined({text.empty() ? std::string_view{} : between, part});
  return text;
}

std::optional<std::uint64_t> whole_number(std::string_view text) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size() ? std::optional(number) : std::nullopt;
}

std::string shortest(double value) { return fmt::format("{}", value); }

std::string shortest_float(float value) { return fmt::format("{}", value); }

std::vector<std::string_view> split(std::string_view text, char at) {
  std::vector<std::string_view> parts;
  parts.reserve(text.size() / 8 + 1);
  for (;;) {
    const auto end = text.find(at);
    parts.push_back(text.substr(0, end));
    if (end == std::string_view::npos) return parts;
    text.remove_prefix(end + 1);
  }
}

std::string lower(std::string_view text) {
  std::string result(text);
  for (char& c : result) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return result;
}

std::string_view trim(std::string_view text) {
  constexpr std::string_view kSpace = " \t\r\n";
  const auto first = text.find_first_not_of(kSpace);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kSpace) - first + 1);
}

void replace_all(std::string& text, std::string_view from, std::string_view to) {
  auto at = text.find(from);
  if (at == std::string::npos) return;
  std::string result;
  result.reserve(text.size());
  std::size_t copied = 0;
  for (; at != std::string::npos; at = text.find(from, copied)) {
    result.append(text, copied, at - copied).append(to);
    copied = at + from.size();
  }
  text = std::move(result.append(text, copied, std::string::npos));
}

bool natural_less(std::string_view a, std::string_view b) {
  std::size_t i = 0;
  std::size_t j = 0;
  while (i < a.size() && j < b.size()) {
    if (is_digit(a[i]) && is_digit(b[j])) {
      std::size_t ia = i;
      std::size_t jb = j;
      while (ia < a.size() && is_digit(a[ia])) ++ia;
      while (jb < b.size() && is_digit(b[jb])) ++jb;
      if (ia - i != jb - j) return ia - i < jb - j;
      const int order = a.substr(i, ia - i).compare(b.substr(j, jb - j));
      if (order != 0) return order < 0;
      i = ia;
      j = jb;
    } else if (a[i] != b[j]) {
      return a[i] < b[j];
    } else {
      ++i;
      ++j;
    }
  }
  return a.size() - i < b.size() - j;
}

namespace {

/// The columns of a text; `hidden` is called for each byte that is not to be shown, and takes one.
template <class Hidden>
std::size_t count_columns(std::string_view text, const Hidden& hidden) {
  std::size_t sum = 0;
  std::uint32_t before = 0;
  while (true) {
    if (const auto plain = plain_bytes(text); plain > 0) {
      sum += plain;
      text.remove_prefix(plain);
      before = 0;
    }
    if (text.empty()) return sum;
    const auto size = shown_bytes(text, before);
    if (size == 0) hidden();
    sum += size > 0 ? columns_of(before) : 1;
    text.remove_prefix(size > 0 ? size : 1);
  }
}

}  // namespace

std::size_t columns(std::string_view text) {
  return is_plain(text) ? text.size() : count_columns(text, [] {});
}

std::optional<std::size_t> printable_columns(std::string_view text) {
  bool printable = true;
  const std::size_t sum = count_columns(text, [&] { printable = false; });
  return printable ? std::optional(sum) : std::nullopt;
}

std::size_t bytes_within(std::string_view text, std::size_t columns) {
  std::size_t at = 0;
  std::uint32_t before = 0;
  while (at < text.size()) {
    const auto rest = text.substr(at);
    if (const auto plain = plain_bytes(rest.substr(0, columns)); plain > 0) {
      at += plain;
      columns -= plain;
      before = 0;
      continue;
    }
    const auto size = shown_bytes(rest, before);
    const std::size_t wide = size > 0 ? columns_of(before) : 1;
    if (wide > columns) break;
    columns -= wide;
    at += size > 0 ? size : 1;
  }
  return at;
}

}  // namespace paramcount
