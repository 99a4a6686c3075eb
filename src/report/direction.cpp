#include "report/direction.hpp"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "base/characters.hpp"
#include "base/text.hpp"

namespace paramcount {
namespace {

constexpr std::string_view kLeftMark = "\u200e";   ///< a letter from left to right that shows nothing
constexpr std::string_view kRightMark = "\u200f";  ///< and one from right to left
// ECMA-48, SELECT CHARACTER PATH: the direction of the lines that follow.
constexpr std::string_view kLinesToRight = "\x1b[1 k";
constexpr std::string_view kLinesToLeft = "\x1b[2 k";
constexpr std::string_view kLinesByDefault = "\x1b[0 k";

/// Letters of Arabic writing and their punctuation, without digits and the signs within numbers.
bool is_right_to_left(std::uint32_t code) {
  const bool digit = (code >= 0x660 && code <= 0x66C) || (code >= 0x6F0 && code <= 0x6F9);
  return code >= 0x600 && code <= 0x6FF && !digit;
}

/// Whether some character of the text is of that kind.
template <class Kind>
bool has(std::string_view text, const Kind& kind) {
  while (!text.empty()) {
    const auto [code, size] = first_character(text);
    if (kind(code)) return true;
    text.remove_prefix(std::max<std::size_t>(size, 1));
  }
  return false;
}
bool has_arabic_letter(std::string_view text) {
  return has(text, [](std::uint32_t code) { return code >= 0x620 && is_right_to_left(code); });
}
bool is_right_to_left(std::string_view text) {
  return has(text, [](std::uint32_t code) { return is_right_to_left(code); });
}

/// The length of the escape sequence at the start of a text; 0: there is none.
std::size_t escape_size(std::string_view text) {
  if (!text.starts_with("\x1b[")) return 0;
  const auto end = text.find('m');
  return end == std::string_view::npos ? 0 : end + 1;
}

/// Whether something in it has a direction of its own: letters, digits, drawings; escape sequences have none.
bool has_letter_or_digit(std::string_view text) {
  while (!text.empty()) {
    if (const auto size = escape_size(text); size > 0) {
      text.remove_prefix(size);
      continue;
    }
    const char c = text.front();
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    if (letter || is_digit(c) || static_cast<unsigned char>(c) >= 0xDB) return true;
    text.remove_prefix(1);
  }
  return false;
}

/// Characters between words that belong to none of them.
bool is_between(std::uint32_t code) {
  constexpr std::u32string_view kBetween = U" .:,=×/+|–…";
  return kBetween.find(static_cast<char32_t>(code)) != std::u32string_view::npos;
}

/// Of a run within a text from right to left, without the punctuation of the sentence around it. Brackets that both
/// stand in the run belong to it.
std::string_view trimmed(std::string_view run) {
  while (!run.empty()) {
    if (const auto escape = escape_size(run); escape > 0) {
      run.remove_prefix(escape);
      continue;
    }
    const auto [code, size] = first_character(run);
    const bool open = code == '(' && run.find(')') == std::string_view::npos;
    if (!open && code != ')' && !is_between(code)) break;
    run.remove_prefix(std::max<std::size_t>(size, 1));
  }
  while (!run.empty()) {
    const auto escape = std::min(run.rfind('\x1b'), run.size());
    if (escape < run.size() && escape + escape_size(run.substr(escape)) == run.size()) {
      run.remove_suffix(run.size() - escape);
      continue;
    }
    std::size_t at = run.size() - 1;
    while (at > 0 && (static_cast<unsigned char>(run[at]) & 0xC0U) == 0x80U) --at;
    const auto code = first_character(run.substr(at)).code;
    const bool close = code == ')' && run.find('(') == std::string_view::npos;
    if (!close && code != '(' && !is_between(code)) break;
    run.remove_suffix(run.size() - at);
  }
  return run;
}

/// Calls back with each run of the text; `latin` ones hold nothing that is written from right to left.
template <class Visit>
void each_run(std::string_view text, const Visit& visit) {
  constexpr std::uint32_t kNonJoiner = 0x200C;
  constexpr std::uint32_t kDot = 0xB7;  ///< between facts
  std::size_t done = 0;
  std::size_t begin = 0;
  const auto end_latin = [&](std::size_t end) {
    const std::string_view all = text.substr(begin, end - begin);
    const std::string_view run = all.size() == text.size() ? all : trimmed(all);
    if (!has_letter_or_digit(run)) return;
    const auto from = static_cast<std::size_t>(run.data() - text.data());
    if (from > done) visit(text.substr(done, from - done), false);
    visit(run, true);
    done = from + run.size();
  };
  for (std::size_t i = 0; i < text.size();) {
    const auto [code, size] = first_character(text.substr(i));
    const std::size_t step = std::max<std::size_t>(size, 1);
    if (is_right_to_left(code) || code == kNonJoiner || code == kDot) {
      if (i > begin) end_latin(i);
      begin = i + step;
    }
    i += step;
  }
  if (begin < text.size()) end_latin(text.size());
  if (done < text.size()) visit(text.substr(done), false);
}

/// A line cut where two or more spaces separate columns.
struct Segment {
  std::string_view text;
  bool gap;
};
std::vector<Segment> segments_of(std::string_view line) {
  std::vector<Segment> segments;
  for (std::size_t i = 0; i < line.size();) {
    std::size_t end = std::min(line.find_first_not_of(' ', i), line.size());
    const bool gap = end - i >= 2 || (end > i && (i == 0 || end == line.size()));
    if (!gap) end = std::min(line.find("  ", i), line.size());
    segments.push_back({line.substr(i, end - i), gap});
    i = end;
  }
  return segments;
}

/// Words of a line from right to left: Latin text is enclosed in marks, and two such runs are kept apart.
std::string turned_words(std::string_view words) {
  std::string out;
  bool after_latin = false;
  each_run(words, [&](std::string_view run, bool latin) {
    // A bare number goes from left to right by itself.
    const bool number = std::all_of(run.begin(), run.end(), [](char c) { return is_digit(c) || c == ',' || c == '.'; });
    if (latin && !number) {
      out += joined({kLeftMark, run, kLeftMark});
      after_latin = true;
      return;
    }
    if (after_latin && !has_arabic_letter(run)) out += kRightMark;
    out += run;
    after_latin = false;
  });
  return out;
}

std::string turned_line(std::string_view line) {
  std::string out(kRightMark);
  for (const auto& [words, gap] : segments_of(line)) {
    if (gap && words.data() != line.data()) out += kRightMark;
    out += gap ? std::string(words) : turned_words(words);
  }
  return out;
}

/// A line from left to right: a mark follows each right-to-left text, so that numbers do not join it.
std::string drawn_line(std::string_view line) {
  std::string out(kLeftMark);
  for (const auto& [words, gap] : segments_of(line)) {
    out += words;
    if (is_right_to_left(words)) out += kLeftMark;
  }
  return out;
}

}  // namespace

std::string drawn_lines(const std::string& plot) {
  std::string out;
  for (const auto line : split(plot, '\n')) {
    std::string_view words = line;
    while (!words.empty() && (words.front() == ' ' || escape_size(words) > 0)) {
      words.remove_prefix(std::max<std::size_t>(escape_size(words), 1));
    }
    const bool sentence = is_right_to_left(words) && words.find("  ") == std::string_view::npos;
    if (!out.empty()) out += '\n';
    if (!line.empty() && !sentence) out += kDrawnLine;
    out += line;
  }
  return out;
}

std::string turned_lines(const std::string& text, bool escapes) {
  std::string out(escapes ? kLinesToLeft : "");
  bool turned = true;
  for (const auto line : split(text, '\n')) {
    const bool drawn = line.starts_with(kDrawnLine);
    if (escapes && !line.empty() && drawn == turned) {
      out += drawn ? kLinesToRight : kLinesToLeft;
      turned = !drawn;
    }
    if (!line.empty()) out += drawn ? drawn_line(line.substr(1)) : turned_line(line);
    out += '\n';
  }
  out.pop_back();
  return out.append(escapes ? kLinesByDefault : "");
}

std::string isolated_html(const std::string& html) {
  // Elements whose texts hold no tags; drawings are nested.
  constexpr std::array<std::string_view, 2> kKept{"head", "svg"};
  std::string out;
  std::size_t kept = 0;
  for (std::string_view rest = html; !rest.empty();) {
    std::size_t end = std::min(rest.find('<'), rest.size());
    if (end > 0) {
      each_run(rest.substr(0, end), [&](std::string_view run, bool latin) {
        out += latin && kept == 0 ? joined({"<bdi dir=\"ltr\">", run, "</bdi>"}) : std::string(run);
      });
    } else {
      end = rest.find('>') + 1;
      const bool close = rest.starts_with("</");
      const std::string_view tag = rest.substr(close ? 2 : 1);
      for (const auto name : kKept) {
        const bool named = tag.starts_with(name) && (tag[name.size()] == '>' || tag[name.size()] == ' ');
        if (named) kept = close ? kept - 1 : kept + 1;
      }
      out += rest.substr(0, end);
    }
    rest.remove_prefix(end);
  }
  return out;
}

std::string right_to_left_style() {
  return R"(body { font-family: Vazirmatn, system-ui, "Noto Sans Arabic", Tahoma, sans-serif; }
table { font-variant-numeric: normal; }
caption, .remark, .detail td, .left td, .left th, th:first-child { text-align: start; }
th, td { padding: 0.15rem 0 0.15rem 0.9rem; }
.remark { padding-left: 0.9rem; padding-right: 0.4rem; }
.detail td { padding: 0 1.5rem 0.35rem 0; }
.fill { padding: 0; }
bdi { white-space: inherit; }
svg { direction: ltr; }
.bar { transform: scaleX(-1); }
svg text { unicode-bidi: plaintext; }
@media (max-width: 44rem) {
  .fold th, .fold td { padding: 0; }
  .fold th, .fold td:not([data-label]) { display: block; }
  .fold td[data-label]::before { text-align: start; margin-right: 0; margin-left: auto; unicode-bidi: isolate; }
  .fold tbody th, .fold td:not([data-label]), .left.fold td { text-align: start; }
}
)";
}

}  // namespace paramcount
