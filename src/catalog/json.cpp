#include "catalog/json.hpp"

#include <algorithm>
#include <bitset>
#include <charconv>
#include <limits>
#include <nlohmann/json.hpp>
#include <numeric>
#include <optional>

#include "base/file.hpp"
#include "base/hash.hpp"
#include "base/json_scanner.hpp"
#include "base/text.hpp"
#include "paramcount/base/error.hpp"

namespace paramcount {
namespace {

/// "line 3, column 7" of a byte offset.
std::string position(std::string_view text, std::size_t byte) {
  const auto before = text.substr(0, std::min(byte, text.size()));
  const auto line = 1 + std::count(before.begin(), before.end(), '\n');
  const auto start = before.rfind('\n');
  const auto column = start == std::string_view::npos ? before.size() : before.size() - start - 1;
  return "line " + std::to_string(line) + ", column " + std::to_string(std::max<std::size_t>(column, 1));
}

/// Bounds the memory that values take, each of which may have been two bytes of text.
void count_value(std::size_t& values) {
  if (++values > kMostJsonValues) throw Error("more than 1,000,000 values; refused");
}

/// Gives back what lists and objects keep in hand to grow: most are small, and there may be many.
void shrink(Value& value) {
  if (auto* list = value.as<Value::List>()) list->shrink_to_fit();
  if (auto* object = value.as<Value::Object>()) object->shrink_to_fit();
}

/// Builds a Value from the events of nlohmann's parser, which itself does not recurse.
class Builder : public nlohmann::json_sax<nlohmann::json> {
 public:
  explicit Builder(std::string_view text) : text_(text) {}

  bool null() override { return add(Value{}); }
  bool boolean(bool v) override { return add(v); }
  bool number_integer(number_integer_t v) override { return add(v); }
  bool number_unsigned(number_unsigned_t v) override {
    if (v > static_cast<number_unsigned_t>(std::numeric_limits<std::int64_t>::max()))
      return add(static_cast<double>(v));
    return add(static_cast<std::int64_t>(v));
  }
  bool number_float(number_float_t v, const string_t&) override { return add(v); }
  bool string(string_t& v) override { return add(std::move(v)); }
  bool binary(binary_t&) override { return false; }
  bool start_object(std::size_t) override { return open(Value(Value::Object{})); }
  bool start_array(std::size_t) override { return open(Value(Value::List{})); }
  bool key(string_t& v) override {
    key_ = std::move(v);
    return true;
  }
  bool end_object() override {
    check_duplicates(*stack_.back().value.as<Value::Object>());
    return close();
  }
  bool end_array() override { return close(); }
  bool parse_error(std::size_t byte, const std::string&, const nlohmann::detail::exception& error) override {
    error_byte = byte;
    message = error.what();
    return false;
  }

  Value result;
  std::size_t error_byte{0};
  std::string message;

 private:
  struct Level {
    Value value;
    std::string key;  ///< under which it goes into the level above
  };

  bool add(Value value) {
    count_value(values_);
    if (stack_.empty()) {
      result = std::move(value);
    } else if (auto* list = stack_.back().value.as<Value::List>()) {
      list->push_back(std::move(value));
    } else {
      stack_.back().value.as<Value::Object>()->emplace_back(std::move(key_), std::move(value));
    }
    return true;
  }

  bool open(Value value) {
    if (stack_.size() == kDeepestJson) throw Error("nested deeper than 64 levels");
    stack_.push_back({std::move(value), std::move(key_)});
    return true;
  }

  bool close() {
    shrink(stack_.back().value);
    Level level = std::move(stack_.back());
    stack_.pop_back();
    key_ = std::move(level.key);
    return add(std::move(level.value));
  }

  /// A key given twice is harmless when both say the same; then the first stays.
  static void check_duplicates(Value::Object& object) {
    if (object.size() < 2) return;
    std::vector<std::size_t> sorted(object.size());
    std::iota(sorted.begin(), sorted.end(), std::size_t{0});
    const auto key = [&](std::size_t i) -> const std::string& { return object[i].first; };
    std::stable_sort(sorted.begin(), sorted.end(), [&](std::size_t a, std::size_t b) { return key(a) < key(b); });
    std::vector<std::size_t> again;
    for (std::size_t i = 1; i < sorted.size(); ++i) {
      if (key(sorted[i]) != key(sorted[i - 1])) continue;
      if (!(object[sorted[i]].second == object[sorted[i - 1]].second)) {
        throw Error("/" + printable(key(sorted[i])) + ": given twice, with different values");
      }
      again.push_back(sorted[i]);
    }
    if (again.empty()) return;
    std::sort(again.begin(), again.end());
    Value::Object once;
    once.reserve(object.size() - again.size());
    auto next = again.begin();
    for (std::size_t i = 0; i < object.size(); ++i) {
      if (next != again.end() && *next == i) {
        ++next;
      } else {
        once.push_back(std::move(object[i]));
      }
    }
    object = std::move(once);
  }

  std::string_view text_;
  std::size_t values_{0};
  std::string key_;
  std::vector<Level> stack_;
};

/// Reads what almost every file holds: JSON without oddities, several times faster than the library, which bulk input
/// needs. Anything else is the library's to read or to refuse.
class UsualReader {
 public:
  /// `padded` is the text with the scanner's padding; texts with escapes are decoded in it.
  explicit UsualReader(std::string& padded) : scanner_(padded.data(), padded.size() - JsonScanner::kPadding, 0) {}

  std::optional<Value> read() {
    try {
      Value result = value(0);
      scanner_.finish();
      return result;
    } catch (const Error&) {
      return std::nullopt;
    }
  }

 private:
  static constexpr std::size_t kMostMembers = 256;  ///< of one object: beyond, searching it for twins would take long

  [[noreturn]] static void give_up() { throw Error("unusual"); }

  Value value(std::size_t depth) {
    if (++values_ > kMostJsonValues) give_up();
    switch (scanner_.peek()) {
      case '"':
        return scanner_.text();
      case '{':
        return object(depth + 1);
      case '[':
        return list(depth + 1);
      case 't':
        scanner_.word("true");
        return true;
      case 'f':
        scanner_.word("false");
        return false;
      case 'n':
        scanner_.word("null");
        return {};
      default:
        return number(scanner_.number());
    }
  }

  static Value number(std::string_view text) {
    const char* const end = text.data() + text.size();
    std::int64_t whole{};
    const auto read = std::from_chars(text.data(), end, whole);
    if (read.ptr == end && read.ec == std::errc{}) return whole;
    double fraction{};
    if (text.find_first_of(".eE") == std::string_view::npos) give_up();
    if (const auto as = std::from_chars(text.data(), end, fraction); as.ptr != end || as.ec != std::errc{}) give_up();
    return fraction;
  }

  Value list(std::size_t depth) {
    if (depth > kDeepestJson) give_up();
    Value::List items;
    scanner_.need('[');
    if (scanner_.accept(']')) return items;
    do items.push_back(value(depth));
    while (scanner_.accept(','));
    scanner_.need(']');
    return items;
  }

  Value object(std::size_t depth) {
    if (depth > kDeepestJson) give_up();
    Value::Object members;
    members.reserve(depth == 1 ? 40 : 8);
    std::bitset<256> seen;  // of keys' fingerprints: most keys need no search for a twin
    scanner_.need('{');
    if (scanner_.accept('}')) return Value::Object{};
    do {
      const std::string_view key = scanner_.text();
      const auto mark = fingerprint(key);
      if (seen[mark]) {
        for (const auto& [other, unused] : members) {
          if (other == key) give_up();
        }
      }
      seen[mark] = true;
      if (members.size() == kMostMembers) give_up();
      auto& member = members.emplace_back(key, Value{});
      scanner_.need(':');
      member.second = value(depth);
    } while (scanner_.accept(','));
    scanner_.need('}');
    if (members.size() < members.capacity() / 2) members.shrink_to_fit();
    return members;
  }

  JsonScanner scanner_;
  std::size_t values_{0};
};

/// The part of nlohmann's message that says what was wrong.
std::string reason(const std::string& message) {
  const auto dash = message.find(" - ");
  if (dash == std::string::npos) return "not valid JSON";
  auto end = message.find("; last read", dash);
  if (end == std::string::npos) end = message.size();
  return "not valid JSON: " + printable(message.substr(dash + 3, std::min<std::size_t>(end - dash - 3, 100)));
}

/// Python writes NaN, Infinity and -Infinity bare; quoted, they can be read. Nothing when there are none.
std::optional<std::string> quote_specials(std::string_view text) {
  std::string result;
  bool found = false;
  bool in_string = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (in_string) {
      result += c;
      if (c == '\\' && i + 1 < text.size()) result += text[++i];
      if (c == '"') in_string = false;
      continue;
    }
    bool special = false;
    for (const std::string_view word : {"-Infinity", "Infinity", "NaN"}) {
      if (!text.substr(i).starts_with(word)) continue;
      result += '"';
      result += word;
      result += '"';
      i += word.size() - 1;
      special = found = true;
      break;
    }
    if (special) continue;
    if (c == '"') in_string = true;
    result += c;
  }
  if (!found) return std::nullopt;
  return result;
}

std::string_view encoding_fault(std::string_view text) {
  if (text.starts_with("\xFF\xFE") || text.starts_with("\xFE\xFF")) return "UTF-16 text; save it as UTF-8";
  // Anywhere: to the library it would be the end of the text, whatever follows.
  if (text.find('\0') != std::string_view::npos) return "not a text file (UTF-16 or binary); save it as UTF-8";
  return {};
}

}  // namespace

Value parse_json(std::string_view text) {
  if (text.size() > kMostJsonBytes) throw Error("larger than 16 MiB; refused before reading");
  if (trim(text).empty()) throw Error("empty; expected a JSON object");
  if (const auto fault = encoding_fault(text); !fault.empty()) throw Error(std::string(fault));
  // What is not long goes where the text before it was.
  constexpr std::size_t kLong = 64U << 10U;
  thread_local std::string kept;
  std::string own;
  std::string& padded = text.size() < kLong ? kept : own;
  padded.assign(text).append(JsonScanner::kPadding, '\0');
  if (auto usual = UsualReader(padded).read()) return std::move(*usual);
  Builder builder(text);
  if (nlohmann::json::sax_parse(text, &builder)) return std::move(builder.result);
  if (const auto quoted = quote_specials(text)) {
    Builder again(*quoted);
    if (nlohmann::json::sax_parse(*quoted, &again)) return std::move(again.result);
  }
  throw Error(position(text, builder.error_byte) + ": " + reason(builder.message));
}

Value read_json(const std::string& path) {
  const std::string text = read_file(path, kMostJsonBytes);
  return locating(path, [&] { return parse_json(text); });
}

}  // namespace paramcount
