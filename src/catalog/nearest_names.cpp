#include "catalog/nearest_names.hpp"

#include <algorithm>
#include <bit>
#include <cstdint>
#include <utility>

#include "base/spelling.hpp"
#include "base/text.hpp"
#include "catalog/name_walk.hpp"

namespace paramcount {
namespace {

/// A name that was not found, and what makes another one near it.
class NearestNames {
 public:
  NearestNames(std::string_view typed, const Catalog& catalog) : typed_(lower(typed)) {
    word_ = first_word(typed_);
    size_ = size_in(typed_);
    signs_ = signs_in(typed_);
    catalog.each_name(Catalog::Kind::model, [&](std::string_view id, bool is_id) {
      if (is_id) consider(id);
    });
  }

  [[nodiscard]] std::vector<std::string> best() const {
    std::vector<std::string> names;
    for (const auto& [score, name] : kept_) {
      if (score * 2 >= kept_.front().first) names.push_back(name);
    }
    return names;
  }

 private:
  static std::string_view first_word(std::string_view text) {
    const auto is_lower = [](char c) { return c >= 'a' && c <= 'z'; };
    return text.substr(0,
                       static_cast<std::size_t>(std::find_if_not(text.begin(), text.end(), is_lower) - text.begin()));
  }
  /// "70b" of "llama-3.1-70b-instruct"; empty where there is none.
  static std::string_view size_in(std::string_view text) {
    for (std::size_t i = 0; i < text.size(); ++i) {
      if (!is_digit(text[i])) continue;
      auto end = i;
      while (end < text.size() && (is_digit(text[end]) || text[end] == '.')) ++end;
      const bool ends = end + 1 >= text.size() || text[end + 1] < '0' || (text[end + 1] > '9' && text[end + 1] < 'a');
      if (end < text.size() && (text[end] == 'b' || text[end] == 'm') && ends) return text.substr(i, end + 1 - i);
      i = end;
    }
    return {};
  }

  /// A bit for each letter and digit.
  static std::uint64_t signs_in(std::string_view text) {
    std::uint64_t signs = 0;
    for (const char c : text) signs |= std::uint64_t{1} << (static_cast<unsigned char>(c) & 63U);
    return signs;
  }
  /// How many of the typed letters it lacks: a lower bound of the edit distance.
  [[nodiscard]] std::size_t lacking(std::string_view id) const {
    return static_cast<std::size_t>(std::popcount(signs_ & ~signs_in(id)));
  }

  void consider(std::string_view id) {
    const bool same_start = !word_.empty() && id.starts_with(word_.front());
    const auto word = same_start ? first_word(id) : std::string_view{};
    const std::size_t unlike = std::max(id.size(), typed_.size()) - std::min(id.size(), typed_.size());
    const std::size_t reach = typed_.size() > 5 ? 2 : typed_.size() > 3 ? 1 : 0;
    const bool near = reach > 0 && unlike <= reach && lacking(id) <= reach;
    const std::size_t distance = near ? edit_distance(typed_, id, reach) : reach + 1;
    std::size_t score = 0;
    if (reach > 0 && distance < 2) {
      score = 1000;  // leaves the others out
    } else if (same_start && word == word_) {
      score = 400;
    } else if (word_.size() > 2 && same_start &&
               edit_distance(word_, word, word_.size() < 7 ? 1 : 2) <= (word_.size() < 7 ? 1U : 2U)) {
      score = 300;
    } else if (distance <= reach) {
      score = 300;
    } else if (typed_.size() > 3 && id.find(typed_) != std::string_view::npos) {
      score = 150;
    }
    if (score == 0) return;
    const std::size_t common = common_beginning(typed_, id);
    score += 10 * common;
    if (typed_.starts_with(id)) score += 20;
    if (!size_.empty() && size_in(id) == size_) score += 15;
    score -= std::min<std::size_t>(id.size() - common, 40);
    const auto at = std::find_if(kept_.begin(), kept_.end(), [&](const auto& one) { return one.first < score; });
    if (at == kept_.end() && kept_.size() == 3) return;
    kept_.insert(at, {score, std::string(id)});
    if (kept_.size() > 3) kept_.pop_back();
  }

  std::string typed_;
  std::string_view word_, size_;
  std::uint64_t signs_{0};
  std::vector<std::pair<std::size_t, std::string>> kept_;
};

}  // namespace

std::vector<std::string> nearest_names(std::string_view typed, const Catalog& catalog) {
  return NearestNames(typed, catalog).best();
}

}  // namespace paramcount
