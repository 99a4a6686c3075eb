#include "base/json_scanner.hpp"

#include <bit>
#include <cstring>

#include "base/budgets.hpp"
#include "base/byte_words.hpp"
#include "base/json_text.hpp"
#include "base/text.hpp"
#include "paramcount/base/error.hpp"

namespace paramcount {
namespace {

unsigned byte_of(char c) { return static_cast<unsigned char>(c); }

bool are_digits(std::uint64_t word) {
  constexpr std::uint64_t kUpper = kEachByte * 0xF0;
  return ((word & kUpper) | ((word + kEachByte * 6) & kUpper) >> 4U) == kEachByte * '3';
}

/// The number of eight digits, of which the lowest byte is the first: neighbours are joined three times.
std::uint64_t number_of_digits(std::uint64_t word) {
  word = (word & kEachByte * 0x0F) * (10 * 0x100 + 1) >> 8U;
  word = (word & 0x00FF00FF00FF00FFU) * (100 * 0x10000 + 1) >> 16U;
  return (word & 0x0000FFFF0000FFFFU) * (10000 * 0x100000000 + 1) >> 32U;
}

}  // namespace

void JsonScanner::fail_at(const char* at, const std::string& what) const {
  throw Error("byte " + std::to_string(origin_ + static_cast<std::uint64_t>(at - begin_)) + ": " + what);
}

void JsonScanner::fail_expected(char c) const {
  const std::string expected = std::string("expected ") + (c == '"' ? "a string" : std::string("'") + c + "'");
  if (at_ >= end_) fail(expected + ", and the header ends");
  fail(expected + ", got '" + printable(std::string_view(at_, 1)) + "'");
}

std::string_view JsonScanner::text() {
  need('"');
  char* const start = at_;
  if constexpr (std::endian::native == std::endian::little) {
    for (;;) {
      std::uint64_t word{};
      std::memcpy(&word, at_, sizeof word);
      const std::uint64_t special = special_bytes(word);
      if (special == 0) {
        at_ += sizeof word;
        continue;
      }
      at_ += std::countr_zero(special) / 8;
      break;
    }
  } else {
    while (*at_ != '"' && *at_ != '\\' && byte_of(*at_) >= 0x20 && byte_of(*at_) < 0x80) ++at_;
  }
  if (*at_ == '"') return {start, static_cast<std::size_t>(at_++ - start)};
  return decoded_text(start);
}

std::string_view JsonScanner::decoded_text(char* start) {
  char* to = at_;
  for (;;) {
    const char c = *at_;
    if (c == '"') {
      ++at_;
      return {start, static_cast<std::size_t>(to - start)};
    }
    if (c == '\\') {
      escape(to);
    } else if (byte_of(c) >= 0x80) {
      utf8(to);
    } else if (byte_of(c) >= 0x20) {
      *to++ = c;
      ++at_;
    } else {
      if (at_ >= end_) fail("an unterminated string");
      fail("a control character in a string");
    }
  }
}

std::uint32_t JsonScanner::four_digits() {
  std::uint32_t value = 0;
  for (int i = 0; i < 4; ++i, ++at_) {
    const char c = *at_;
    const unsigned digit = is_digit(c)              ? byte_of(c) - '0'
                           : (c >= 'a' && c <= 'f') ? byte_of(c) - 'a' + 10
                           : (c >= 'A' && c <= 'F') ? byte_of(c) - 'A' + 10
                                                    : 16;
    if (digit == 16) fail("\\u needs four hexadecimal digits");
    value = value * 16 + digit;
  }
  return value;
}

void JsonScanner::escape(char*& to) {
  const char* const from = at_++;
  const char c = *at_++;
  constexpr std::string_view kEscapes = "\"\\/bfnrt";
  constexpr std::string_view kMeanings = "\"\\/\b\f\n\r\t";
  if (const auto i = kEscapes.find(c); i != std::string_view::npos) {
    *to++ = kMeanings[i];
    return;
  }
  if (c != 'u') fail_at(from, "no such escape sequence");
  std::uint32_t code = four_digits();
  if (code >= 0xDC00 && code < 0xE000) fail_at(from, "half of a surrogate pair");
  if (code >= 0xD800 && code < 0xDC00) {
    if (at_[0] != '\\' || at_[1] != 'u') fail_at(from, "half of a surrogate pair");
    at_ += 2;
    const std::uint32_t low = four_digits();
    if (low < 0xDC00 || low >= 0xE000) fail_at(from, "half of a surrogate pair");
    code = 0x10000 + ((code - 0xD800) << 10U) + (low - 0xDC00);
  }
  const auto put = [&](std::uint32_t byte) { *to++ = static_cast<char>(byte); };
  if (code < 0x80) {
    put(code);
    return;
  }
  if (code < 0x800) {
    put(0xC0 | (code >> 6U));
  } else {
    if (code < 0x10000) {
      put(0xE0 | (code >> 12U));
    } else {
      put(0xF0 | (code >> 18U));
      put(0x80 | ((code >> 12U) & 0x3FU));
    }
    put(0x80 | ((code >> 6U) & 0x3FU));
  }
  put(0x80 | (code & 0x3FU));
}

void JsonScanner::utf8(char*& to) {
  const unsigned first = byte_of(*at_);
  const int more = first >= 0xF0 ? 3 : first >= 0xE0 ? 2 : 1;
  // The second byte's range keeps out overlong forms, surrogates and codes beyond U+10FFFF.
  const unsigned low = first == 0xE0 ? 0xA0 : first == 0xF0 ? 0x90 : 0x80;
  const unsigned high = first == 0xED ? 0x9F : first == 0xF4 ? 0x8F : 0xBF;
  bool valid = first >= 0xC2 && first <= 0xF4 && byte_of(at_[1]) >= low && byte_of(at_[1]) <= high;
  for (int i = 2; valid && i <= more; ++i) valid = (byte_of(at_[i]) & 0xC0U) == 0x80;
  if (!valid) fail("not valid UTF-8");
  for (int i = 0; i <= more; ++i) *to++ = *at_++;
}

std::uint64_t JsonScanner::whole() {
  skip_space();
  const char* const from = at_;
  if (!is_digit(*at_)) {
    fail(at_ >= end_ ? "expected a whole number, and the header ends" : "expected a whole number of at least 0");
  }
  std::uint64_t value = 0;
  // Nineteen digits always fit.
  char* at = at_;
  if constexpr (std::endian::native == std::endian::little) {
    std::uint64_t word{};
    std::memcpy(&word, at, sizeof word);
    if (are_digits(word)) {
      value = number_of_digits(word);
      at += sizeof word;
    }
  }
  for (const char* const safe = from + 19; is_digit(*at) && at < safe; ++at) value = value * 10 + (byte_of(*at) - '0');
  at_ = at;
  for (; is_digit(*at_); ++at_) {
    if (__builtin_mul_overflow(value, 10U, &value) || __builtin_add_overflow(value, byte_of(*at_) - '0', &value)) {
      fail_at(from, "a number larger than 64 bits");
    }
  }
  if (*from == '0' && at_ - from > 1) fail_at(from, "a number with a leading zero");
  if (*at_ == '.' || *at_ == 'e' || *at_ == 'E') fail_at(from, "expected a whole number");
  return value;
}

std::string_view JsonScanner::number() {
  const char* const from = at_;
  const auto digits = [&] {
    const char* const first = at_;
    while (is_digit(*at_)) ++at_;
    if (at_ == first) fail_at(from, "not a JSON value");
    return at_ - first;
  };
  if (*at_ == '-') ++at_;
  const bool zero = *at_ == '0';
  if (digits() > 1 && zero) fail_at(from, "a number with a leading zero");
  if (*at_ == '.') {
    ++at_;
    digits();
  }
  if (*at_ == 'e' || *at_ == 'E') {
    ++at_;
    if (*at_ == '+' || *at_ == '-') ++at_;
    digits();
  }
  return {from, static_cast<std::size_t>(at_ - from)};
}

void JsonScanner::word(std::string_view word) {
  if (std::string_view(at_, static_cast<std::size_t>(end_ - at_)).substr(0, word.size()) != word)
    fail("not a JSON value");
  at_ += word.size();
}

void JsonScanner::skip(int depth) {
  if (static_cast<std::size_t>(depth) >= kDeepestJson) fail("nested deeper than 64 levels");
  skip_space();
  switch (*at_) {
    case '"':
      static_cast<void>(text());
      return;
    case '{':
      ++at_;
      if (accept('}')) return;
      do {
        static_cast<void>(text());
        need(':');
        skip(depth + 1);
      } while (accept(','));
      need('}');
      return;
    case '[':
      ++at_;
      if (accept(']')) return;
      do {
        skip(depth + 1);
      } while (accept(','));
      need(']');
      return;
    case 't':
      word("true");
      return;
    case 'f':
      word("false");
      return;
    case 'n':
      word("null");
      return;
    default:
      if (at_ >= end_) fail("expected a value, and the header ends");
      static_cast<void>(number());
  }
}

void JsonScanner::finish() {
  skip_space();
  if (at_ < end_) fail("something follows the end of the JSON object");
}

}  // namespace paramcount
