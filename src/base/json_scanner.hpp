// A strict one-pass JSON reader over a buffer. It returns strings and numbers as written; interpreting them is up to
// the caller. catalog/json.hpp builds values from them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace paramcount {

class JsonScanner {
 public:
  /// Bytes that must follow the text and be 0, so that it is scanned in words.
  static constexpr std::size_t kPadding = 32;

  /// Precondition: kPadding zero bytes follow `size`. Escapes are decoded in place, so that texts stay views of the
  /// buffer. `origin` is what messages call the first byte: "byte N: what".
  JsonScanner(char* begin, std::size_t size, std::uint64_t origin)
      : begin_(begin), at_(begin), end_(begin + size), origin_(origin) {}

  /// Skips white space; the character that comes next, 0 at the end.
  char peek() {
    skip_space();
    return *at_;
  }
  /// Skips white space; takes the character when it comes next.
  bool accept(char c) {
    skip_space();
    if (*at_ != c) return false;
    ++at_;
    return true;
  }
  /// The same for a piece of text of fewer than kPadding bytes, as it stands: what a writer usually puts here.
  template <std::size_t N>
  bool accept_usual(const char (&piece)[N]) {
    static_assert(N <= kPadding);
    if (std::memcmp(at_, piece, N - 1) != 0) return false;
    at_ += N - 1;
    return true;
  }
  void need(char c) {
    if (!accept(c)) fail_expected(c);
  }

  /// A text, decoded; valid UTF-8.
  std::string_view text();
  /// A whole number of at least 0 that fits 64 bits; no sign, no fraction, no exponent.
  std::uint64_t whole();
  /// A number of any kind, as written.
  std::string_view number();
  /// One of JSON's words, from its first letter on.
  void word(std::string_view word);
  /// Any value, checked like the rest and left out.
  void skip(int depth = 0);
  /// Throws unless only white space is left.
  void finish();

  /// Throws Error "byte N: what", N being the scanner's position.
  [[noreturn]] void fail(const std::string& what) const { fail_at(at_, what); }

 private:
  void skip_space() {
    while (*at_ == ' ' || *at_ == '\n' || *at_ == '\t' || *at_ == '\r') ++at_;
  }
  [[noreturn]] void fail_at(const char* at, const std::string& what) const;
  [[noreturn]] void fail_expected(char c) const;
  std::string_view decoded_text(char* start);
  void escape(char*& to);
  std::uint32_t four_digits();
  void utf8(char*& to);

  const char* begin_;
  char* at_;
  const char* end_;
  std::uint64_t origin_;
};

}  // namespace paramcount
