#include "base/characters.hpp"

#include <algorithm>
#include <array>

namespace paramcount {
namespace {

struct Range {
  std::uint32_t first, last;
};
/// Unicode's general categories Cc, Zl and Zp and its property Default_Ignorable_Code_Point
/// (DerivedCoreProperties.txt), with the annotation marks U+FFF9 to U+FFFB. Left out are the variation selectors U+FE00
/// to U+FE0F of emoji.
constexpr std::array<Range, 19> kHidden{{
    {0x00, 0x1F},        // control characters: escape, bell, tab, line feed
    {0x7F, 0x9F},        // delete, and the controls of ISO 6429, among them the sequence introducer U+009B
    {0xAD, 0xAD},        // soft hyphen
    {0x34F, 0x34F},      // combining grapheme joiner
    {0x61C, 0x61C},      // Arabic letter mark, a direction
    {0x115F, 0x1160},    // fillers of Korean writing
    {0x17B4, 0x17B5},    // vowels of Khmer that show nothing
    {0x180B, 0x180F},    // selectors and separator of Mongolian
    {0x200B, 0x200F},    // zero width: space, joiners, marks of direction
    {0x2028, 0x202E},    // separators of lines and paragraphs; embeddings and overrides of direction
    {0x2060, 0x206F},    // word joiner, invisible operators, isolates of direction
    {0x3164, 0x3164},    // filler
    {0xFEFF, 0xFEFF},    // byte order mark
    {0xFFA0, 0xFFA0},    // filler
    {0xFFF0, 0xFFF8},    // reserved to be ignored
    {0xFFF9, 0xFFFB},    // marks of annotations
    {0x1BCA0, 0x1BCA3},  // controls of shorthand
    {0x1D173, 0x1D17A},  // controls of musical notation
    {0xE0000, 0xE0FFF},  // tags, more variation selectors
}};

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

/// The range of a sorted table that contains the code, or nullptr.
template <class Table>
constexpr auto* range_of(const Table& table, std::uint32_t code) {
  const auto* at =
      std::partition_point(table.begin(), table.end(), [&](const auto& range) { return range.last < code; });
  return at != table.end() && code >= at->first ? at : nullptr;
}

}  // namespace

Character first_character(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned lead = byte(0);
  if (lead < 0x80) return {lead, 1};
  Character result;
  if (lead >= 0xC2 && lead <= 0xDF) {
    result = {lead & 0x1FU, 2};
  } else if (lead >= 0xE0 && lead <= 0xEF) {
    result = {lead & 0x0FU, 3};
  } else if (lead >= 0xF0 && lead <= 0xF4) {
    result = {lead & 0x07U, 4};
  }
  if (result.size == 0 || result.size > text.size()) return {};
  for (std::size_t i = 1; i < result.size; ++i) {
    if ((byte(i) & 0xC0U) != 0x80U) return {};
    result.code = (result.code << 6U) | (byte(i) & 0x3FU);
  }
  constexpr std::array<std::uint32_t, 5> kLeast{0, 0, 0x80, 0x800, 0x10000};
  const auto code = result.code;
  const bool invalid = code < kLeast[result.size] || code > 0x10FFFF || (code >= 0xD800 && code <= 0xDFFF);
  return invalid ? Character{} : result;
}

bool is_hidden(std::uint32_t code) { return range_of(kHidden, code) != nullptr; }

std::size_t columns_of(std::uint32_t code) {
  const auto* range = range_of(kColumns, code);
  return range != nullptr ? range->columns : 1;
}

}  // namespace paramcount
