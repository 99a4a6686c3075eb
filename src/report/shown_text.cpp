#include "report/shown_text.hpp"

#include "base/symbols.hpp"
#include "base/text.hpp"
#include "report/figures.hpp"

namespace paramcount {
namespace {

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
    if (copied == 0) result.reserve(text.size());
    result.append(text, copied, at - copied);
    copied = at + 1;
  });
  return copied == 0 ? text : result.append(text, copied);
}

bool ShownTexts::is_dash(const std::string& text) const { return utf8_ && text == kNone; }

std::string ShownTexts::shown(const std::string& text) const {
  std::string result = terminal_ ? text : ungrouped(text);
  if (!is_printable(result)) result = printable(result);
  return utf8_ ? result : in_ascii(std::move(result));
}

ShownText ShownTexts::shown(const std::string& text, std::string& copy) const {
  if (is_dash(text)) return {text, 1};
  const TextTraits traits = traits_of(text);
  const bool grouped = !terminal_ && traits.commas;
  if (!grouped && traits.plain) return {text, text.size()};
  if (!grouped && utf8_) {
    if (const auto width = printable_columns(text)) return {text, *width};
  }
  copy = shown(text);
  return {copy, columns(copy)};
}

std::size_t ShownTexts::width(const std::string& text) const {
  if (is_dash(text)) return 1;
  const TextTraits traits = traits_of(text);
  const bool as_it_is = traits.plain || utf8_;
  const std::size_t width = traits.plain ? text.size() : columns(as_it_is ? text : shown(text));
  return width - (as_it_is && traits.commas && !terminal_ ? groupings(text) : 0);
}

std::vector<std::string> folded_lines(std::string_view text, std::size_t first, std::size_t rest) {
  std::vector<std::string> lines(1);
  std::size_t used = 0;
  bool empty = true;
  for (const auto word : split(text, ' ')) {
    const std::size_t width = columns(word);
    if (!empty && used + 1 + width > (lines.size() == 1 ? first : rest)) {
      lines.emplace_back();
      used = 0;
      empty = true;
    }
    if (!empty) lines.back() += ' ';
    lines.back() += word;
    used += width + (empty ? 0 : 1);
    empty = false;
  }
  return lines;
}

}  // namespace paramcount
