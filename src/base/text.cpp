#include "base/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdint>

#include "paramcount/base/checked.hpp"
#include "paramcount/base/error.hpp"

namespace paramcount {
namespace {

/// Length of the UTF-8 sequence of several bytes at the start of the text, and the character it spells; 0 when it is
/// invalid.
std::size_t decode(std::string_view text, std::uint32_t& code) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned lead = byte(0);
  std::size_t size = 0;
  if (lead >= 0xC2 && lead <= 0xDF) {
    size = 2;
    code = lead & 0x1FU;
  } else if (lead >= 0xE0 && lead <= 0xEF) {
    size = 3;
    code = lead & 0x0FU;
  } else if (lead >= 0xF0 && lead <= 0xF4) {
    size = 4;
    code = lead & 0x07U;
  }
  if (size == 0 || size > text.size()) return 0;
  for (std::size_t i = 1; i < size; ++i) {
    if ((byte(i) & 0xC0U) != 0x80U) return 0;
    code = (code << 6U) | (byte(i) & 0x3FU);
  }
  constexpr std::array<std::uint32_t, 5> kLeast{0, 0, 0x80, 0x800, 0x10000};
  const bool invalid = code < kLeast[size] || code > 0x10FFFF || (code >= 0xD800 && code <= 0xDFFF);
  return invalid ? 0 : size;
}

/// The same, and 0 also for characters that drive a terminal or turn the direction of writing.
std::size_t sequence_length(std::string_view text) {
  std::uint32_t code = 0;
  const auto size = decode(text, code);
  const bool control = code < 0xA0 || code == 0x2028 || code == 0x2029 || (code >= 0x202A && code <= 0x202E) ||
                       (code >= 0x2066 && code <= 0x2069);
  return control ? 0 : size;
}

}  // namespace

void throw_overflow() { throw Error("a number is larger than 64 bits hold"); }

bool is_utf8(std::string_view text) {
  std::uint32_t code = 0;
  for (std::size_t i = 0; i < text.size();) {
    const auto size = static_cast<unsigned char>(text[i]) < 0x80 ? 1 : decode(text.substr(i), code);
    if (size == 0) return false;
    i += size;
  }
  return true;
}

std::string printable(std::string_view text) {
  const auto odd = [](char c) { return static_cast<signed char>(c) < 0x20 || c == 0x7F; };
  std::string result;
  result.reserve(text.size());
  while (true) {
    const auto run = static_cast<std::size_t>(std::find_if(text.begin(), text.end(), odd) - text.begin());
    result.append(text.substr(0, run));
    text.remove_prefix(run);
    if (text.empty()) return result;
    const auto size = static_cast<unsigned char>(text.front()) < 0x80 ? 0 : sequence_length(text);
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

std::string shortest(double value) { return fmt::format("{}", value); }

std::string shortest_float(float value) { return fmt::format("{}", value); }

std::vector<std::string_view> split(std::string_view text, char at) {
  std::vector<std::string_view> parts;
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
  for (auto at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size())) {
    text.replace(at, from.size(), to);
  }
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

struct Columns {
  std::uint32_t first, last;
  std::size_t columns;
};
/// Characters that take another number of columns than one: combining marks and joiners none, those of Chinese,
/// Japanese and Korean writing and emoji two (Unicode's East_Asian_Width W and F, by block).
constexpr std::array<Columns, 24> kColumns{{
    {0x300, 0x36F, 0},   {0x483, 0x489, 0},     {0x591, 0x5BD, 0},     {0x64B, 0x65F, 0},     {0x1100, 0x115F, 2},
    {0x1AB0, 0x1AFF, 0}, {0x1DC0, 0x1DFF, 0},   {0x200B, 0x200F, 0},   {0x20D0, 0x20FF, 0},   {0x2E80, 0x303E, 2},
    {0x3041, 0x3096, 2}, {0x3099, 0x309A, 0},   {0x309B, 0xA4CF, 2},   {0xA960, 0xA97C, 2},   {0xAC00, 0xD7A3, 2},
    {0xF900, 0xFAFF, 2}, {0xFE00, 0xFE0F, 0},   {0xFE20, 0xFE2F, 0},   {0xFE30, 0xFE6F, 2},   {0xFF01, 0xFF60, 2},
    {0xFFE0, 0xFFE6, 2}, {0x16FE0, 0x1B2FF, 2}, {0x1F300, 0x1FAFF, 2}, {0x20000, 0x3FFFD, 2},
}};

std::size_t columns_of(std::uint32_t code) {
  const auto* at = std::find_if(kColumns.begin(), kColumns.end(), [&](const Columns& c) { return code <= c.last; });
  return at != kColumns.end() && code >= at->first ? at->columns : 1;
}

}  // namespace

std::size_t columns(std::string_view text) {
  const auto ascii = static_cast<std::size_t>(
      std::find_if(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) >= 0x80; }) -
      text.begin());
  std::size_t sum = ascii;
  text.remove_prefix(ascii);
  while (!text.empty()) {
    std::uint32_t code = 0;
    const auto size = static_cast<unsigned char>(text[0]) < 0x80 ? 0 : decode(text, code);
    sum += size > 0 ? columns_of(code) : 1;
    text.remove_prefix(size > 0 ? size : 1);
  }
  return sum;
}

}  // namespace paramcount
