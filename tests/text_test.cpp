// What a text is made of, looked at eight bytes at a time, against a look at each byte; whole numbers of JSON of every
// length, against std::to_string.
#include "base/text.hpp"

#include <algorithm>
#include <limits>
#include <string>

#include "base/json_scanner.hpp"
#include "catch.hpp"
#include "paramcount/base/error.hpp"

namespace paramcount {
namespace {

TEST_CASE("any byte at any place of a string of any length is seen as a look at each byte sees it") {
  for (std::size_t length = 1; length <= 26; ++length) {
    for (std::size_t at = 0; at < length; ++at) {
      for (int byte = 0; byte < 256; ++byte) {
        std::string text(length, 'x');
        text[at] = static_cast<char>(byte);
        const auto traits = traits_of(text);
        if (traits.plain == (byte >= ' ' && byte <= '~') && traits.commas == (byte == ',')) continue;
        INFO("byte " << byte << " at " << at << " of " << length);
        CHECK(traits.plain == (byte >= ' ' && byte <= '~'));
        CHECK(traits.commas == (byte == ','));
      }
    }
  }
  CHECK(traits_of("").plain);
  CHECK(!traits_of("").commas);
  CHECK(traits_of("\x7F\xFF,,").commas);
}

TEST_CASE("columns of a text that can be shown are its columns, and of any other there are none") {
  for (const std::string text : {"", "8.03 B", "–", "~1,024 GiB", "漢字", "e\u0301", "Llama 3.1 (8B) – of 2024"}) {
    INFO(text);
    CHECK(printable_columns(text) == columns(text));
  }
  CHECK(columns("–") == 1);
  CHECK(columns("漢字") == 4);
  CHECK(columns("e\u0301") == 1);
  for (const std::string text : {"\n", "a\x1B[31m", "\xFF", "–\u202E"}) CHECK(!printable_columns(text));
}

std::uint64_t whole_number(const std::string& digits) {
  std::string text = digits + std::string(JsonScanner::kPadding, '\0');
  return JsonScanner(text.data(), digits.size(), 0).whole();
}

TEST_CASE("whole numbers of every length are read") {
  constexpr auto kMost = std::numeric_limits<std::uint64_t>::max();
  for (std::uint64_t number = 1; number < kMost / 10; number = number * 10 + number % 9) {
    for (const auto one : {number, number - 1, kMost / number}) CHECK(whole_number(std::to_string(one)) == one);
  }
  CHECK(whole_number("0") == 0);
  CHECK(whole_number("18446744073709551615") == kMost);
  CHECK_THROWS_AS(whole_number("18446744073709551616"), Error);
  CHECK_THROWS_AS(whole_number("0123456789"), Error);
  CHECK_THROWS_AS(whole_number("12345678.5"), Error);
  for (const std::string after : {":", "/", "a", " "}) {
    std::string text = "12345678" + after + std::string(JsonScanner::kPadding, '\0');
    CHECK(JsonScanner(text.data(), 9, 0).whole() == 12345678);
    text = "1234567" + after + std::string(JsonScanner::kPadding, '\0');
    CHECK(JsonScanner(text.data(), 8, 0).whole() == 1234567);
  }
}

}  // namespace
}  // namespace paramcount
