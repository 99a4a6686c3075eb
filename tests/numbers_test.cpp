#include "base/numbers.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <random>

#include "base/text.hpp"
#include "catch.hpp"
#include "paramcount/base/error.hpp"

namespace paramcount {
namespace {

TEST_CASE("counts are grouped by thousands") {
  CHECK(grouped(0) == "0");
  CHECK(grouped(999) == "999");
  CHECK(grouped(1000) == "1,000");
  CHECK(grouped(405853388800) == "405,853,388,800");
  CHECK(grouped(UINT64_MAX) == "18,446,744,073,709,551,615");
}

TEST_CASE("numbers round as the library rounds them") {
  std::mt19937_64 random(1);
  std::size_t negatives = 0;
  const auto check = [&](double value) {
    for (int decimals = 0; decimals <= 4; ++decimals) {
      std::string plain = fixed(value, decimals);
      plain.erase(std::remove(plain.begin(), plain.end(), ','), plain.end());
      if (plain != fmt::format("{:.{}f}", value, decimals)) FAIL(value << " with " << decimals << " decimals");
    }
    negatives += std::signbit(value) ? 1 : 0;
  };
  // Halves, which are even or not exactly halves, and numbers of every size.
  for (int i = -20'000; i <= 20'000; ++i) {
    check(i / 2.0);
    check(i / 8.0);
    check(i * 0.005);
    check(std::nextafter(i * 0.005, 1e9));
  }
  for (int i = 0; i < 200'000; ++i) {
    const auto bits = random();
    const double value = std::ldexp(static_cast<double>(bits >> 12U), static_cast<int>(bits & 63U) - 52);
    check((bits & 64U) != 0 ? value : -value);
  }
  for (const double value : {0.0, -0.0, 999.9999999, 999999999999.0, 999999999999.9995, 1e12, 1e300}) check(value);
  CHECK(negatives > 100'000);
}

TEST_CASE("columns are counted by code points") {
  for (const auto* text : {"", "a", "ab", "abc", "abcd", "abcdefg", "abcdefgh", "abcdefghi", "×", "a×", "abc×–·…",
                           "–––––––––", "ab–cdefgh–ijk…", "𝛴𝛴𝛴 and 𝛴"}) {
    std::size_t expected = 0;
    for (const char c : std::string(text)) expected += (static_cast<unsigned char>(c) & 0xC0U) != 0x80U ? 1U : 0U;
    INFO(text);
    CHECK(columns(text) == expected);
  }
}

TEST_CASE("names sort as people sort them") {
  CHECK(natural_less("gpt-2", "gpt-10"));
  CHECK_FALSE(natural_less("gpt-10", "gpt-2"));
  CHECK(natural_less("gpt-2", "gpt-2-xl"));
  CHECK(natural_less("llama-3.1-8b", "llama-3.1-70b"));
  CHECK_FALSE(natural_less("opt-13b", "opt-13b"));
}

TEST_CASE("scaled numbers take the scale their rounding reaches") {
  CHECK(scaled(405853388800) == "405.85 B");
  CHECK(scaled(999) == "999");
  CHECK(scaled(999'999) == "1.00 M");
  CHECK(scaled(1.56e9) == "1.56 B");
  CHECK(scaled_short(300e9) == "300 B");
  CHECK(scaled_short(15.6e12) == "15.6 T");
}

TEST_CASE("powers of ten are written without plus and leading zero") {
  CHECK(scientific(3.798787719168e25) == "3.80e25");
  CHECK(scientific(3.8e25, 2) == "3.8e25");
  CHECK(scientific(0.00123) == "1.23e-3");
  CHECK(scientific(1) == "1.00e0");
}

TEST_CASE("significant digits round without an exponent") {
  CHECK(significant(66.18) == "66.2");
  CHECK(significant(1'870'123) == "1,870,000");
  CHECK(significant(0.041344) == "0.0413");
  CHECK(significant(9.999) == "10.0");
}

TEST_CASE("numbers are read with the suffix of their option") {
  CHECK(parse_count("128k", "--context", true, 1ULL << 40U) == 131072);
  CHECK(parse_count("8192", "--context", true, 1ULL << 40U) == 8192);
  CHECK(parse_number("15T", "--tokens", false, 1e18) == 15e12);
  CHECK(parse_number("1.4e12", "--tokens", false, 1e18) == 1.4e12);
  CHECK(parse_number("300B", "--tokens", false, 1e18) == 300e9);
  CHECK(parse_count("1,024", "--batch", false, 1'000'000) == 1024);
}

TEST_CASE("numbers that mean nothing are usage errors that name the option") {
  const auto bad = GENERATE(values<std::string>(
      {"0", "-1", "abc", "", "1e30", "8kk", "4q", "nan", "inf", "0x10", "1.5", "1e400", "--", "8 192"}));
  try {
    static_cast<void>(parse_count(bad, "--context", true, 1ULL << 40U));
    FAIL("accepted " << bad);
  } catch (const Error& error) {
    CHECK(error.code() == ExitCode::usage);
    CHECK_THAT(error.what(), ContainsSubstring("--context"));
  }
}

TEST_CASE("a text from a file cannot drive the terminal") {
  CHECK(printable("plain ünïcode – ok") == "plain ünïcode – ok");
  CHECK(printable("\x1b[31mred") == "?[31mred");
  CHECK(printable("a\nb\tc") == "a?b?c");
  CHECK(printable("\xC0\xAF\xED\xA0\x80") == "?????");  // overlong, surrogate
  CHECK(printable("\xC2\x9B"
                  "31m") == "??31m");  // C1 control sequence introducer
  CHECK(printable("\xE2\x80\xAE"
                  "evil") == "???evil");  // right-to-left override
  CHECK(printable(std::string_view("\0x", 2)) == "?x");
}

TEST_CASE("doubles are written as short as reads back") {
  CHECK(shortest(0.41) == "0.41");
  CHECK(shortest(3.8e25) == "3.8e+25");
  CHECK(shortest(16) == "16");
}

}  // namespace
}  // namespace paramcount
