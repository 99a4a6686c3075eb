#include "base/numbers.hpp"

#include <fmt/format.h>

#include <cmath>

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

TEST_CASE("decimals are those that fmt writes, ties and edges of the quick way among them") {
  std::uint64_t bits = 1;
  const auto same = [&](double value) {
    for (int decimals = 0; decimals < 5; ++decimals) {
      std::string expected = fmt::format("{:.{}f}", value, decimals);
      std::string shown = fixed(value, decimals);
      std::erase(shown, ',');
      if (shown != expected) FAIL(fmt::format("{}: {} is shown, not {}", value, shown, expected));
    }
  };
  for (int i = 0; i < 20000; ++i) {
    bits = bits * 6364136223846793005U + 1442695040888963407U;
    same(std::ldexp(static_cast<double>(bits >> 11U), -(i % 64) - 10));
    same(static_cast<double>(bits >> 40U) / 8);
    same(static_cast<double>(bits >> 44U) / 1000);
    same(static_cast<double>(bits >> 44U) / 2000);
  }
  for (const double edge : {0.0, 0.005, 0.995, 1e8, 99999999.999, 1e15, -0.5}) same(edge);
}

TEST_CASE("fixed decimals are rounded and grouped") {
  CHECK(fixed(1342.05, 2) == "1,342.05");
  CHECK(fixed(-1234567.891, 1) == "-1,234,567.9");
  CHECK(fixed(0.125, 2) == "0.12");  // a half goes to the even digit
  CHECK(fixed(0.375, 2) == "0.38");
  CHECK(fixed(999.996, 2) == "1,000.00");
  CHECK(fixed(1e15, 0) == "1,000,000,000,000,000");
}

TEST_CASE("wide characters take two columns and combining marks none") {
  CHECK(columns("") == 0);
  CHECK(columns("abc×–·…") == 7);
  CHECK(columns("–––––––––") == 9);
  CHECK(columns("𝛴 and 𝛴") == 7);
  CHECK(columns("e\u0301") == 1);
  CHECK(columns("通义千问") == 8);
  CHECK(columns("ひらがな カナ") == 13);
  CHECK(columns("한국어") == 6);
  CHECK(columns("Ｑｗｅｎ") == 8);
  CHECK(columns("🦙 llama") == 8);
  CHECK(columns("half ｶﾅ") == 7);
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
  // Lengths in powers of two, amounts in powers of ten; b and g are both a billion.
  const std::string suffixes = "kmbgt";
  const std::vector<double> binary{1024, 1048576, 1073741824, 1073741824, 1099511627776};
  const std::vector<double> decimal{1e3, 1e6, 1e9, 1e9, 1e12};
  for (std::size_t i = 0; i < suffixes.size(); ++i) {
    const std::string text = std::string("3") + suffixes[i];
    INFO(text);
    CHECK(parse_number(text, "--context", true, 1e18) == 3 * binary[i]);
    CHECK(parse_number(text, "--tokens", false, 1e18) == 3 * decimal[i]);
  }
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

TEST_CASE("a text from a file cannot control the terminal") {
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
