#include "report/translation.hpp"

#include <algorithm>
#include <utility>

#include "base/text.hpp"
#include "report/shown_text.hpp"

namespace paramcount {
namespace {

constexpr std::string_view kFigure = "{#}";
constexpr std::string_view kAny = "{}";
constexpr std::string_view kKept = "{=}";
constexpr std::string_view kNoFigure = "–";
constexpr int kDeepest = 4;  ///< a text within a text within a text

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_capital(char c) { return c >= 'A' && c <= 'Z'; }

/// Arabic letters are two bytes, the first from 0xD8 to 0xDB.
bool has_arabic(std::string_view text) {
  return std::any_of(text.begin(), text.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte >= 0xD8 && byte <= 0xDB;
  });
}

/// The ends that a figure at the start of the text may have, the longest first: "~1.30", "$97.2 M", "3.80e25", "–".
std::vector<std::size_t> figure_ends(std::string_view text) {
  if (text.starts_with(kNoFigure)) return {kNoFigure.size()};
  std::size_t at = 0;
  const auto skip = [&](std::string_view sign) {
    if (text.substr(at).starts_with(sign)) at += sign.size();
  };
  skip("~");
  if (text.substr(at).starts_with("< ") || text.substr(at).starts_with("+ ") || text.substr(at).starts_with("- ")) {
    at += 2;
  }
  skip("-");
  skip("$");
  const auto digit = [&](std::size_t i) { return i < text.size() && is_digit(text[i]); };
  if (!digit(at)) return {};
  while (digit(at) || (at < text.size() && (text[at] == ',' || text[at] == '.') && digit(at + 1))) ++at;
  if (at < text.size() && text[at] == 'e' && (digit(at + 1) || (at + 1 < text.size() && text[at + 1] == '+'))) {
    at += 2;
    while (digit(at)) ++at;
  }
  std::vector<std::size_t> ends;
  const auto rest = text.substr(at);
  for (const char scale : {'K', 'M', 'B', 'T', 'k'}) {
    if (rest.size() >= 2 && rest[0] == ' ' && rest[1] == scale && (rest.size() == 2 || !is_letter(rest[2]))) {
      ends.push_back(at + 2);
    }
  }
  ends.push_back(at);
  return ends;
}

/// Whether each bracket of the text closes in it.
bool is_whole(std::string_view text) {
  int open = 0;
  for (const char c : text) {
    if (c == '(') ++open;
    if (c == ')' && --open < 0) return false;
  }
  return open == 0;
}

bool is_figure(std::string_view text) {
  const auto ends = figure_ends(text);
  return !ends.empty() && ends.front() == text.size();
}

}  // namespace

Translation::Translation(Language language, Digits digits) : language_(std::move(language)), digits_(digits) {
  for (const auto& [english, translation] : language_.phrases) {
    const auto has = [&, &words = english](std::string_view hole) { return words.find(hole) != std::string::npos; };
    if (!has(kFigure) && !has(kAny) && !has(kKept)) {
      exact_.emplace(english, translation);
    } else {
      patterns_.push_back(pattern_of(english, translation));
    }
  }
  std::stable_sort(patterns_.begin(), patterns_.end(),
                   [](const Pattern& a, const Pattern& b) { return a.letters > b.letters; });
  names_.insert(language_.names.begin(), language_.names.end());
}

Translation::Pattern Translation::pattern_of(const std::string& english, const std::string& translation) {
  Pattern pattern{{}, translation, 0};
  std::string words;
  const auto end_words = [&] {
    pattern.letters += words.size();
    if (!words.empty()) pattern.pieces.push_back({Piece::Kind::words, std::move(words)});
    words.clear();
  };
  for (std::size_t i = 0; i < english.size();) {
    const auto rest = std::string_view(english).substr(i);
    const auto hole = rest.starts_with(kFigure) ? kFigure
                      : rest.starts_with(kAny)  ? kAny
                      : rest.starts_with(kKept) ? kKept
                                                : std::string_view{};
    if (hole.empty()) {
      words += english[i++];
      continue;
    }
    end_words();
    const auto kind = hole == kFigure ? Piece::Kind::figure : hole == kAny ? Piece::Kind::any : Piece::Kind::kept;
    pattern.pieces.push_back({kind, {}});
    i += hole.size();
  }
  end_words();
  return pattern;
}

bool Translation::matches(const Pattern& pattern, std::size_t piece, std::string_view text,
                          std::vector<Captured>& captured) {
  if (piece == pattern.pieces.size()) return text.empty();
  const Piece& one = pattern.pieces[piece];
  if (one.kind == Piece::Kind::words) {
    return text.starts_with(one.words) && matches(pattern, piece + 1, text.substr(one.words.size()), captured);
  }
  const auto take = [&](std::size_t size) {
    if (one.kind == Piece::Kind::kept && !is_whole(text.substr(0, size))) return false;
    captured.push_back({std::string(text.substr(0, size)), one.kind});
    if (matches(pattern, piece + 1, text.substr(size), captured)) return true;
    captured.pop_back();
    return false;
  };
  if (one.kind == Piece::Kind::figure) {
    const auto ends = figure_ends(text);
    return std::any_of(ends.begin(), ends.end(), take);
  }
  if (piece + 1 == pattern.pieces.size()) return !text.empty() && take(text.size());
  const Piece& next = pattern.pieces[piece + 1];
  for (std::size_t size = 1; size <= text.size(); ++size) {
    if (next.kind == Piece::Kind::words) {
      size = text.find(next.words, size);
      if (size == std::string_view::npos) return false;
    }
    if (take(size)) return true;
  }
  return false;
}

std::string Translation::filled(const Pattern& pattern, const std::vector<std::string>& texts) const {
  std::string text = pattern.translation;
  for (std::size_t i = texts.size(); i-- > 0;) {
    const std::string hole = "{" + std::to_string(i + 1) + "}";
    if (const auto at = text.find(hole); at != std::string::npos) text.replace(at, hole.size(), texts[i]);
  }
  return text;
}

std::string Translation::with_digits(std::string_view figure) const {
  std::string text = digits_.grouped ? std::string(figure) : ungrouped(std::string(figure));
  if (!digits_.own) return text;
  const std::size_t each = language_.digits.size() / 10;
  std::string result;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool between = i > 0 && i + 1 < text.size() && is_digit(text[i - 1]) && is_digit(text[i + 1]);
    if (is_digit(text[i])) {
      result.append(language_.digits, static_cast<std::size_t>(text[i] - '0') * each, each);
    } else if (between && (text[i] == ',' || text[i] == '.')) {
      result += text[i] == ',' ? language_.comma : language_.point;
    } else {
      result += text[i];
    }
  }
  return result;
}

bool Translation::stays(std::string_view text) const {
  constexpr std::string_view kBetween = "(),;:[]|+*&";
  std::string words(text);
  std::replace_if(
      words.begin(), words.end(), [&](char c) { return kBetween.find(c) != std::string_view::npos; }, ' ');
  const auto parts = split(words, ' ');
  return std::all_of(parts.begin(), parts.end(), [&](std::string_view word) {
    while (!word.empty() && word.back() == '.') word.remove_suffix(1);
    if (word.empty() || std::none_of(word.begin(), word.end(), is_letter) || names_.contains(word)) return true;
    const bool digits = std::any_of(word.begin(), word.end(), is_digit);
    const bool capital = std::any_of(word.begin() + 1, word.end(), is_capital);
    return digits || capital || (word.size() == 1 && is_capital(word.front())) ||
           word.find_first_of("_./=") != std::string_view::npos || word.starts_with("--");
  });
}

template <class Tell>
std::string Translation::by_pattern(std::string_view text, const Tell& tell) const {
  std::vector<Captured> captured;
  for (const auto& pattern : patterns_) {
    captured.clear();
    if (!matches(pattern, 0, text, captured)) continue;
    std::vector<std::string> texts;
    for (const auto& one : captured) {
      texts.push_back(tell(one));
      if (texts.back().empty()) break;
    }
    if (texts.empty() || texts.back().empty()) continue;
    return filled(pattern, texts);
  }
  return {};
}

std::string Translation::known(std::string_view text, int depth) const {
  if (text.empty() || has_arabic(text)) return std::string(text);
  if (const auto at = exact_.find(std::string(text)); at != exact_.end()) return at->second;
  if (is_figure(text)) return with_digits(text);
  if (depth > kDeepest) return {};
  // A sentence is looked up without its full stop.
  if (text.size() > 1 && text.ends_with('.')) {
    if (const auto sentence = known(text.substr(0, text.size() - 1), depth); !sentence.empty()) return sentence + ".";
  }
  if (auto found = by_pattern(text, [&](const Captured& one) { return known(one, depth + 1); }); !found.empty())
    return found;
  if (stays(text)) {
    // A name keeps its digits; what begins with a figure is a sum, or figures with their units.
    const bool letters = std::any_of(text.begin(), text.end(), is_letter);
    if (letters && figure_ends(text).empty()) return std::string(text);
    std::string told;
    for (const auto word : split(text, ' ')) {
      const bool named = std::any_of(word.begin(), word.end(), is_letter) && !is_figure(word);
      told += (told.empty() ? "" : " ") + (named ? std::string(word) : with_digits(word));
    }
    return told;
  }
  return by_clauses(text, depth);
}

std::string Translation::known(const Captured& captured, int depth) const {
  switch (captured.kind) {
    case Piece::Kind::figure:
      return with_digits(captured.text);
    case Piece::Kind::kept:
      return std::none_of(captured.text.begin(), captured.text.end(), is_letter) ? with_digits(captured.text)
                                                                                 : captured.text;
    default:
      return known(captured.text, depth);
  }
}

std::string Translation::by_clauses(std::string_view text, int depth) const {
  for (const char* const end_text : {"; ", ". ", ": ", ", "}) {
    const std::string end = end_text;
    const auto own = exact_.find(end);
    const std::string& told = own != exact_.end() ? own->second : end;
    for (auto at = text.find(end); at != std::string_view::npos; at = text.find(end, at + 1)) {
      const std::string first = known(text.substr(0, at), kDeepest);
      if (first.empty()) continue;
      const std::string rest = known(text.substr(at + end.size()), depth + 1);
      if (!rest.empty()) return first + told + rest;
    }
  }
  return {};
}

std::string Translation::loosely(std::string_view text) {
  if (text.size() > 1 && text.ends_with('.')) return loosely(text.substr(0, text.size() - 1)) + ".";
  const std::string told = by_pattern(text, [&](const Captured& one) {
    std::string own = known(one, 1);
    if (!own.empty()) return own;
    untranslated_.insert(one.text);
    return one.text;
  });
  if (!told.empty()) return told;
  untranslated_.emplace(text);
  return std::string(text);
}

std::string Translation::of(std::string_view text) {
  const std::string_view words = trim(text);
  if (words.empty() || has_arabic(words) || told_.contains(words)) return std::string(text);
  std::string told = known(words, 0);
  if (told.empty()) told = loosely(words);
  if (!has_arabic(told)) told_.insert(told);
  const auto before = static_cast<std::size_t>(words.data() - text.data());
  return std::string(text.substr(0, before)) + told + std::string(text.substr(before + words.size()));
}

void Translation::translate(Line& line) {
  if (line.shared == 0) take(line.label.text);
  for (auto& cell : line.cells) take(cell.text);
  take(line.remark.text);
  for (auto& detail : line.details) take(detail);
}

void Translation::translate(Plot& plot) {
  take(plot.title);
  take(plot.note);
  take(plot.limit);
  for (auto* axis : {&plot.x, &plot.y}) {
    take(axis->label);
    for (auto& tick : axis->ticks) take(tick.text);
  }
  for (auto& series : plot.series) {
    take(series.name);
    for (auto& point : series.points) {
      take(point.x.text);
      take(point.y.text);
    }
  }
  for (auto& bar : plot.bars) {
    take(bar.label);
    take(bar.text);
    take(bar.verdict);
    if (bar.limit) take(bar.limit->text);
    for (auto& part : bar.parts) take(part.mark.text);
  }
}

void Translation::translate(Page& page) {
  take(page.title.text);
  take(page.heading);
  take(page.aside.text);
  for (auto& fact : page.summary) take(fact.text);
  for (auto& table : page.tables) {
    translate(table.head);
    for (auto& line : table.lines) translate(line);
    for (auto& drawn : table.drawing) take(drawn);
  }
  for (auto& plot : page.plots) translate(plot);
  for (auto& note : page.notes) {
    take(note.label);
    take(note.text);
  }
}

void Translation::translate(Report& report) {
  for (auto& page : report.pages) translate(page);
}

}  // namespace paramcount
