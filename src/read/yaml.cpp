#include "read/yaml.hpp"

#include <algorithm>
#include <charconv>
#include <set>
#include <string>

#include "base/budgets.hpp"
#include "base/text.hpp"
#include "paramcount/base/error.hpp"

namespace paramcount {
namespace {

bool is_space(char c) { return c == ' ' || c == '\t'; }

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  return text;
}

template <class T>
bool read_number(std::string_view digits, T& value) {
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  return error == std::errc() && end == digits.data() + digits.size();
}

/// A plain scalar: null, a flag, a number, else a text.
Value scalar_of(std::string_view text) {
  const std::string word = lower(std::string(text));
  if (text.empty() || text == "~" || word == "null") return {};
  if (word == "true" || word == "yes" || word == "on") return Value(true);
  if (word == "false" || word == "no" || word == "off") return Value(false);
  std::string digits;
  for (const char c : text) {
    if (c != '_') digits += c;
  }
  if (digits.front() == '+') digits.erase(0, 1);
  const bool numeric = digits.find_first_of("0123456789") != std::string::npos &&
                       digits.find_first_not_of("0123456789+-.eE") == std::string::npos;
  if (!numeric) return Value(text);
  std::int64_t whole{};
  if (read_number(std::string_view(digits), whole)) return Value(whole);
  double number{};
  if (digits.ends_with('.')) digits += '0';
  if (read_number(std::string_view(digits), number)) return Value(number);
  return Value(text);
}

class Parser {
 public:
  explicit Parser(std::string_view text) : text_(text) {}

  Value run() {
    skip_blank();
    if (line_is("---")) {
      next_line();
      skip_blank();
    }
    if (at_ == text_.size()) fail("contains no config");
    Value value = text_[at_] == '{' || text_[at_] == '[' ? whole_flow() : block(indent_here(), 0);
    skip_blank();
    if (line_is("...")) return value;
    if (at_ != text_.size())
      fail(line_is("---") ? "more than one document" : "a line that does not belong to anything before it");
    return value;
  }

 private:
  [[noreturn]] void fail(const std::string& what) const {
    const auto lines = std::count(text_.begin(), text_.begin() + static_cast<std::ptrdiff_t>(at_), '\n');
    throw Error("line " + std::to_string(lines + 1) + ": " + what);
  }

  [[nodiscard]] std::string_view line() const { return text_.substr(at_, text_.find('\n', at_) - at_); }
  [[nodiscard]] bool line_is(std::string_view what) const {
    return at_ < text_.size() && (at_ == 0 || text_[at_ - 1] == '\n') && trimmed(without_end(line())) == what;
  }
  static std::string_view without_end(std::string_view line) {
    return line.ends_with('\r') ? line.substr(0, line.size() - 1) : line;
  }
  void next_line() {
    const auto end = text_.find('\n', at_);
    at_ = end == std::string_view::npos ? text_.size() : end + 1;
  }
  /// To the first character of the next line that says something.
  void skip_blank() {
    while (at_ < text_.size()) {
      std::size_t at = at_;
      while (at < text_.size() && (text_[at] == ' ' || text_[at] == '\t' || text_[at] == '\r')) ++at;
      if (at < text_.size() && text_[at] != '#' && text_[at] != '\n') {
        at_ = at;
        return;
      }
      at_ = at;
      next_line();
    }
  }
  /// How far the current position is from the beginning of its line.
  [[nodiscard]] std::size_t indent_here() const {
    const auto start = at_ == 0 ? std::string_view::npos : text_.rfind('\n', at_ - 1);
    return at_ - (start == std::string_view::npos ? 0 : start + 1);
  }

  void count_value(std::size_t depth) {
    if (++values_ > kMostJsonValues) fail("more than 1,000,000 values");
    if (depth > kDeepestJson) fail("nested deeper than 64 levels");
  }

  Value block(std::size_t indent, std::size_t depth) {
    count_value(depth);
    const bool list = text_.substr(at_).starts_with("- ") || trimmed(without_end(line())) == "-";
    Value value = list ? block_list(indent, depth) : block_mapping(indent, depth);
    return value;
  }

  /// Whether a further entry of the block begins here.
  bool more(std::size_t indent) {
    skip_blank();
    if (at_ == text_.size() || line_is("...") || line_is("---")) return false;
    const std::size_t here = indent_here();
    if (here > indent) fail("indented further than the line it would belong to");
    return here == indent;
  }

  Value block_list(std::size_t indent, std::size_t depth) {
    Value::List items;
    do {
      if (text_[at_] != '-') break;
      ++at_;
      items.push_back(entry_value(indent, depth, true));
    } while (more(indent));
    return Value(std::move(items));
  }

  Value block_mapping(std::size_t indent, std::size_t depth) {
    Value::Object members;
    std::set<std::string, std::less<>> names;
    do {
      std::string key = read_key();
      if (!names.insert(key).second) fail(printable(key) + " twice");
      Value value = entry_value(indent, depth, false);
      members.emplace_back(std::move(key), std::move(value));
    } while (more(indent));
    return Value(refer(std::move(members)));
  }

  /// "${.key}" is the value of a sibling member.
  static Value::Object refer(Value::Object members) {
    Value::Object result = members;
    for (auto& [name, value] : result) {
      const auto* text = value.as<std::string>();
      if (text == nullptr || !text->starts_with("${.") || !text->ends_with("}")) continue;
      const std::string_view key = std::string_view(*text).substr(3, text->size() - 4);
      const auto other = std::ranges::find_if(members, [&](const auto& member) { return member.first == key; });
      if (other != members.end() && other->second.is_number()) value = other->second;
    }
    return result;
  }

  std::string read_key() {
    refuse_markers();
    std::string key;
    if (text_[at_] == '"' || text_[at_] == '\'') {
      key = quoted();
    } else {
      const auto start = at_;
      while (at_ < text_.size() && text_[at_] != '\n' && !ends_key(at_)) ++at_;
      key = std::string(trimmed(text_.substr(start, at_ - start)));
    }
    while (at_ < text_.size() && is_space(text_[at_])) ++at_;
    if (at_ == text_.size() || text_[at_] != ':' || key.empty()) fail("expected \"key: value\"");
    ++at_;
    return key;
  }
  [[nodiscard]] bool ends_key(std::size_t at) const {
    return text_[at] == ':' &&
           (at + 1 == text_.size() || std::string_view(" \t\r\n").find(text_[at + 1]) != std::string_view::npos);
  }

  void refuse_markers() const {
    if (at_ == text_.size()) return;
    const char c = text_[at_];
    if (c == '&' || c == '*') fail("an anchor or alias, which is not supported");
    if (c == '!') fail("a tag, which is not supported");
    if (c == '%' || c == '@' || c == '`') fail("a character that nothing in YAML begins with");
    if (c == '?' && at_ + 1 < text_.size() && is_space(text_[at_ + 1]))
      fail("a multi-line key, which is not supported");
  }

  /// What follows "key:" or "-".
  Value entry_value(std::size_t indent, std::size_t depth, bool of_list) {
    const std::size_t before = at_;
    while (at_ < text_.size() && is_space(text_[at_])) ++at_;
    const bool spaced = at_ > before;
    if (at_ == text_.size() || text_[at_] == '\n' || text_[at_] == '\r' || (spaced && text_[at_] == '#')) {
      next_line();
      skip_blank();
      if (at_ == text_.size() || line_is("...") || line_is("---")) return counted({}, depth);
      const std::size_t here = indent_here();
      // A list may be below its key without an indent.
      const bool list_below = !of_list && here == indent && text_.substr(at_).starts_with("- ");
      if (here > indent || list_below) return begins_block() ? block(here, depth + 1) : inline_value(indent, depth);
      return counted({}, depth);
    }
    if (!spaced) fail("expected a space");
    if (of_list && (text_.substr(at_).starts_with("- ") || begins_mapping())) return block(indent_here(), depth + 1);
    return inline_value(indent, depth);
  }

  Value counted(Value value, std::size_t depth) {
    count_value(depth);
    return value;
  }

  [[nodiscard]] bool begins_block() const {
    return text_.substr(at_).starts_with("- ") || trimmed(without_end(line())) == "-" || begins_mapping();
  }
  /// Whether the line is "key: value".
  [[nodiscard]] bool begins_mapping() const {
    const char c = text_[at_];
    if (c == '{' || c == '[') return false;
    std::size_t at = at_;
    if (c == '"' || c == '\'') {
      at = text_.find(c, at_ + 1);
      if (at == std::string_view::npos) return false;
    }
    for (; at < text_.size() && text_[at] != '\n'; ++at) {
      if (text_[at] == '#' && is_space(text_[at - 1])) return false;
      if (ends_key(at)) return true;
    }
    return false;
  }

  Value inline_value(std::size_t indent, std::size_t depth) {
    refuse_markers();
    const char c = text_[at_];
    if (c == '{' || c == '[') {
      Value value = flow(depth + 1);
      end_of_line();
      return value;
    }
    count_value(depth);
    if (c == '"' || c == '\'') {
      Value value(quoted());
      end_of_line();
      return value;
    }
    if (c == '|' || c == '>') return block_text(indent);
    std::string text(plain_line());
    // A long text continues in lines that are indented further.
    while (true) {
      const std::size_t before = at_;
      skip_blank();
      if (at_ == text_.size() || indent_here() <= indent || line_is("...")) {
        at_ = before;
        break;
      }
      if (begins_mapping()) fail("indented further than the line it would belong to");
      text += " " + std::string(plain_line());
      if (text.size() > kMostJsonBytes) fail("a string that is too long");
    }
    return scalar_of(text);
  }

  /// The rest of the line without its comment.
  std::string_view plain_line() {
    std::string_view rest = line();
    for (std::size_t i = 1; i < rest.size(); ++i) {
      if (rest[i] == '#' && is_space(rest[i - 1])) {
        rest = rest.substr(0, i);
        break;
      }
    }
    next_line();
    return trimmed(without_end(rest));
  }

  void end_of_line() {
    const std::string_view rest = trimmed(without_end(line()));
    if (!rest.empty() && rest.front() != '#') fail("something after a value");
    next_line();
  }

  /// A text of several lines, "|" or ">": how they are joined changes no count.
  Value block_text(std::size_t indent) {
    next_line();
    std::string text;
    while (at_ < text_.size()) {
      const std::string_view here = line();
      const auto first = here.find_first_not_of(' ');
      const bool blank = trimmed(without_end(here)).empty();
      if (!blank && first <= indent) break;
      text += std::string(here) + "\n";
      next_line();
    }
    return Value(std::move(text));
  }

  std::string quoted() {
    const char quote = text_[at_++];
    std::string out;
    while (true) {
      if (at_ == text_.size()) fail("a string without its closing quote");
      const char c = text_[at_++];
      if (c == quote && quote == '\'' && at_ < text_.size() && text_[at_] == '\'') {
        out += '\'';
        ++at_;
      } else if (c == quote) {
        return out;
      } else if (c == '\\' && quote == '"' && at_ < text_.size()) {
        const char escaped = text_[at_++];
        out += escaped == 'n' ? '\n' : escaped == 't' ? '\t' : escaped;
      } else if (c != '\n' && c != '\r') {
        out += c;
      }
    }
  }

  Value whole_flow() {
    Value value = flow(0);
    end_of_line();
    return value;
  }

  void skip_flow_space() {
    while (at_ < text_.size()) {
      if (std::string_view(" \t\r\n").find(text_[at_]) != std::string_view::npos) {
        ++at_;
      } else if (text_[at_] == '#' &&
                 (at_ == 0 || std::string_view(" \t\n").find(text_[at_ - 1]) != std::string_view::npos)) {
        next_line();
      } else {
        return;
      }
    }
    fail("an unterminated list or mapping");
  }

  Value flow(std::size_t depth) {
    count_value(depth);
    refuse_markers();
    const char open = text_[at_];
    if (open == '"' || open == '\'') return Value(quoted());
    if (open != '{' && open != '[') {
      const auto start = at_;
      while (at_ < text_.size() && std::string_view(",]}\n").find(text_[at_]) == std::string_view::npos &&
             !(text_[at_] == '#' && is_space(text_[at_ - 1]))) {
        ++at_;
      }
      return scalar_of(trimmed(without_end(text_.substr(start, at_ - start))));
    }
    const char close = open == '{' ? '}' : ']';
    Value::List items;
    Value::Object members;
    std::set<std::string, std::less<>> names;
    ++at_;
    for (skip_flow_space(); text_[at_] != close; skip_flow_space()) {
      if (open == '{') {
        std::string key = read_key();
        if (!names.insert(key).second) fail(printable(key) + " twice");
        skip_flow_space();
        members.emplace_back(std::move(key), flow(depth + 1));
      } else {
        items.push_back(flow(depth + 1));
      }
      skip_flow_space();
      if (text_[at_] == ',') {
        ++at_;
      } else if (text_[at_] != close) {
        fail(std::string("expected , or ") + close);
      }
    }
    ++at_;
    return open == '{' ? Value(std::move(members)) : Value(std::move(items));
  }

  std::string_view text_;
  std::size_t at_{0};
  std::size_t values_{0};
};

}  // namespace

Value parse_yaml(std::string_view text) { return Parser(text).run(); }

}  // namespace paramcount
