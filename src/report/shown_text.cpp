#include "report/shown_text.hpp"

#include <array>
#include <string_view>
#include <utility>

#include "base/text.hpp"

namespace paramcount {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// Calls back with the places of commas that group digits; those of prose are left out.
template <class Visit>
void each_grouping(const std::string& text, const Visit& visit) {
  for (auto i = text.find(','); i != std::string::npos; i = text.find(',', i + 1)) {
    const bool grouping = i > 0 && is_digit(text[i - 1]) && i + 3 < text.size() && is_digit(text[i + 1]) &&
                          is_digit(text[i + 2]) && is_digit(text[i + 3]) &&
                          (i + 4 == text.size() || !is_digit(text[i + 4]));
    if (grouping) visit(i);
  }
}

}  // namespace

std::size_t groupings(const std::string& text) {
  std::size_t count = 0;
  each_grouping(text, [&](std::size_t) { ++count; });
  return count;
}

std::string ungrouped(const std::string& text) {
  std::string result;
  std::size_t copied = 0;
  each_grouping(text, [&](std::size_t at) {
    result.append(text, copied, at - copied);
    copied = at + 1;
  });
  return copied == 0 ? text : result.append(text, copied);
}

std::string in_ascii(std::string text) {
  static constexpr std::array<std::pair<std::string_view, std::string_view>, 7> kSpellings{
      {{"×", "x"}, {"–", "-"}, {"·", "|"}, {"…", "..."}, {"Σ", "sum of"}, {"█", "#"}, {"²", "^2"}}};
  for (const auto& [from, to] : kSpellings) replace_all(text, from, to);
  std::string plain;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x80) {
      plain += c;
    } else if ((byte & 0xC0U) != 0x80U) {
      plain += '?';
    }
  }
  return plain;
}

}  // namespace paramcount
