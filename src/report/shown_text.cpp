#include "report/shown_text.hpp"

#include <algorithm>

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
  if (traits.plain) {
    if (!grouped) return {text, text.size()};
    copy = ungrouped(text);
    return {copy, copy.size()};
  }
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

std::vector<std::string_view> folded_lines(std::string_view text, std::size_t first, std::size_t rest) {
  std::vector<std::string_view> lines;
  for (std::size_t room = first;; room = rest) {
    std::size_t end = bytes_within(text, room);
    if (end < text.size()) end = text.rfind(' ', end);
    if (end == std::string_view::npos) end = std::min(text.find(' '), text.size());
    lines.push_back(text.substr(0, end));
    if (end == text.size()) return lines;
    text.remove_prefix(end + 1);
  }
}

}  // namespace paramcount
