#include "base/spelling.hpp"

#include <algorithm>
#include <array>

#include "base/text.hpp"
#include "paramcount/base/error.hpp"

namespace paramcount {

std::size_t edit_distance(std::string_view a, std::string_view b, std::size_t most) {
  const auto longer = std::max(a.size(), b.size());
  if (longer - std::min(a.size(), b.size()) > most || longer > 128) return most + 1;
  const auto same = [](char x, char y) {
    const auto low = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
    return low(x) == low(y);
  };
  // Three rows of the table: no name that is longer than 128 comes this far.
  std::array<std::size_t, 129> rows[3];
  auto* before = &rows[0];
  auto* previous = &rows[1];
  auto* current = &rows[2];
  for (std::size_t j = 0; j <= b.size(); ++j) (*previous)[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    auto& now = *current;
    const auto& last = *previous;
    // Only near the diagonal can a cell be no more than `most`; those beside that band count as more.
    const std::size_t from = i > most ? i - most : 1;
    const std::size_t to = std::min(b.size(), i + most);
    now[from - 1] = from == 1 ? i : most + 1;
    std::size_t least = now[from - 1];
    for (std::size_t j = from; j <= to; ++j) {
      const std::size_t change = same(a[i - 1], b[j - 1]) ? 0 : 1;
      now[j] = std::min({last[j] + 1, now[j - 1] + 1, last[j - 1] + change});
      if (i > 1 && j > 1 && same(a[i - 1], b[j - 2]) && same(a[i - 2], b[j - 1])) {
        now[j] = std::min(now[j], (*before)[j - 2] + 1);
      }
      least = std::min(least, now[j]);
    }
    if (least > most) return most + 1;
    if (to < b.size()) now[to + 1] = most + 1;
    auto* const oldest = before;
    before = previous;
    previous = current;
    current = oldest;
  }
  return std::min((*previous)[b.size()], most + 1);
}

namespace {

/// Whether two lower-case texts are the same except for '-', '_' and '.': q4km is q4_k_m.
bool same_letters(std::string_view a, std::string_view b) {
  const auto is_separator = [](char c) { return c == '-' || c == '_' || c == '.'; };
  std::size_t i = 0;
  std::size_t j = 0;
  while (true) {
    while (i < a.size() && is_separator(a[i])) ++i;
    while (j < b.size() && is_separator(b[j])) ++j;
    if (i == a.size() || j == b.size()) return i == a.size() && j == b.size();
    if (a[i++] != b[j++]) return false;
  }
}

}  // namespace

Suggestions::Suggestions(std::string_view typed, std::size_t most) : typed_(lower(typed)), most_(most) {}

void Suggestions::consider(std::string_view candidate) {
  const std::size_t reach = std::max<std::size_t>(1, std::min<std::size_t>(4, typed_.size() / 3));
  std::size_t score = same_letters(typed_, candidate) ? 0 : edit_distance(typed_, candidate, reach);
  if (score > reach) {
    // A name typed in part: "llama-3.1" finds llama-3.1-8b after all that are near in spelling.
    if (typed_.size() < 3 || candidate.find(typed_) == std::string_view::npos) return;
    score = reach + 1 + (candidate.size() - typed_.size());
  }
  const auto better = [](const Scored& a, const Scored& b) {
    return a.score != b.score ? a.score < b.score : a.text < b.text;
  };
  Scored scored{score, std::string(candidate)};
  if (std::any_of(kept_.begin(), kept_.end(), [&](const Scored& s) { return s.text == scored.text; })) return;
  kept_.insert(std::upper_bound(kept_.begin(), kept_.end(), scored, better), std::move(scored));
  if (kept_.size() > most_) kept_.pop_back();
}

std::vector<std::string> Suggestions::best() const {
  std::vector<std::string> result;
  for (const auto& scored : kept_) {
    // A clearly nearer name leaves the others out.
    if (scored.score <= kept_.front().score + 1) result.push_back(scored.text);
  }
  return result;
}

std::string did_you_mean(const std::vector<std::string>& names) {
  std::string text = " Did you mean ";
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (i > 0) text += i + 1 == names.size() ? " or " : ", ";
    text += names[i];
  }
  return text + '?';
}

std::string Suggestions::hint(std::string_view otherwise) const {
  const auto names = best();
  return names.empty() ? std::string(otherwise) : did_you_mean(names);
}

void check_word(std::string_view option, std::string_view word, std::span<const std::string_view> known) {
  if (std::find(known.begin(), known.end(), word) != known.end()) return;
  Suggestions suggestions(word);
  std::string all;
  for (const auto one : known) {
    if (one.empty()) continue;
    suggestions.consider(one);
    all += joined({all.empty() ? "" : one == known.back() ? " or " : ", ", one});
  }
  throw usage_error(joined({option, " ", printable(word), ": expected ", all, ".", suggestions.hint()}));
}

}  // namespace paramcount
