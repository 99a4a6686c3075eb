#include "base/json_text.hpp"

#include <array>

#include "base/characters.hpp"

namespace paramcount {
namespace {

constexpr std::uint32_t kReplacement = 0xFFFD;

void append_unit(std::string& out, std::uint32_t unit) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  out += "\\u";
  for (const unsigned shift : {12U, 8U, 4U, 0U}) out += kDigits[(unit >> shift) & 0xFU];
}

/// Beyond 16 bits: a pair of surrogates, as RFC 8259 has it.
void append_code(std::string& out, std::uint32_t code) {
  constexpr std::uint32_t kFirstPair = 0x10000;
  if (code < kFirstPair) return append_unit(out, code);
  append_unit(out, 0xD800U + ((code - kFirstPair) >> 10U));
  append_unit(out, 0xDC00U + ((code - kFirstPair) & 0x3FFU));
}

/// The letter of a character's short escape, or 0.
char short_escape(std::uint32_t code) {
  constexpr std::array<std::pair<char, char>, 7> kShort{
      {{'"', '"'}, {'\\', '\\'}, {'\b', 'b'}, {'\f', 'f'}, {'\n', 'n'}, {'\r', 'r'}, {'\t', 't'}}};
  for (const auto& [character, letter] : kShort) {
    if (code == static_cast<std::uint32_t>(character)) return letter;
  }
  return '\0';
}

}  // namespace

void append_json(std::string& out, std::string_view text) {
  out += '"';
  if (is_plain_json(text)) {
    out += text;
  } else {
    while (!text.empty()) {
      const Character character = first_character(text);
      if (character.size == 0) {
        append_unit(out, kReplacement);
      } else if (const char letter = short_escape(character.code); letter != '\0') {
        out += '\\';
        out += letter;
      } else if (is_hidden(character.code)) {
        append_code(out, character.code);
      } else {
        out += text.substr(0, character.size);
      }
      text.remove_prefix(character.size > 0 ? character.size : 1);
    }
  }
  out += '"';
}

}  // namespace paramcount
