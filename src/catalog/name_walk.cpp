#include "catalog/name_walk.hpp"

#include "base/text.hpp"

namespace paramcount {
namespace {

char low(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }
bool is_separator(char c) { return c == '-' || c == '_' || c == '.' || c == ' ' || c == ':'; }

/// Goes through a name without its separators; one between digits is reported, as '.' or '-'.
class NameWalk {
 public:
  explicit NameWalk(std::string_view text) : text_(text) {}

  /// '\0' at the end.
  char next() {
    bool separated = false;
    bool dot = false;
    for (; at_ < text_.size() && is_separator(text_[at_]); ++at_) {
      separated = true;
      dot = dot || text_[at_] == '.';
    }
    if (at_ == text_.size()) return '\0';
    const char c = low(text_[at_]);
    if (separated && is_digit(last_) && is_digit(c)) {
      lone_zero_ = last_ == '0' && !is_digit(before_last_);
      before_last_ = last_ = '\0';
      return dot ? '.' : '-';
    }
    before_last_ = last_;
    last_ = c;
    ++at_;
    return c;
  }

  /// After a separator between digits: whether a size follows it ("5b" of "1.5b").
  [[nodiscard]] bool before_size() const {
    auto i = at_;
    while (i < text_.size() && is_digit(text_[i])) ++i;
    if (i == at_ || i == text_.size() || (low(text_[i]) != 'b' && low(text_[i]) != 'm')) return false;
    return i + 1 == text_.size() || !(is_digit(text_[i + 1]) || is_letter(text_[i + 1]));
  }
  /// Whether what stood before it was "0" alone, as in "0.6b".
  [[nodiscard]] bool after_zero() const { return lone_zero_; }

 private:
  static bool is_letter(char c) { return low(c) >= 'a' && low(c) <= 'z'; }

  std::string_view text_;
  std::size_t at_{0};
  char last_{'\0'}, before_last_{'\0'};
  bool lone_zero_{false};
};

}  // namespace

bool same_name(std::string_view typed, std::string_view name) {
  const auto differ = [](char a, char b) { return low(a) != low(b) && !is_separator(a) && !is_separator(b); };
  if (!typed.empty() && !name.empty() && differ(typed.front(), name.front())) return false;
  NameWalk one(typed);
  NameWalk other(name);
  while (true) {
    const char a = one.next();
    char b = other.next();
    if (a == b) {
      if (a == '\0') return true;
      continue;
    }
    if (b != '.' || (other.before_size() && !(a == '-' && one.after_zero()))) return false;
    if (a == '-') continue;
    b = other.next();  // the dot was left out
    if (a != b) return false;
  }
}

std::size_t common_beginning(std::string_view a, std::string_view b) {
  NameWalk one(a);
  NameWalk other(b);
  std::size_t length = 0;
  std::size_t digits = 0;  // at the end of what they have in common
  while (true) {
    const char c = one.next();
    const char d = other.next();
    // "7" is not a beginning of "70".
    if (c != d) return is_digit(c) || is_digit(d) ? length - digits : length;
    if (c == '\0') return length;
    ++length;
    digits = is_digit(c) ? digits + 1 : 0;
  }
}

}  // namespace paramcount
