#include "count/expression.hpp"

#include "catch.hpp"
#include "family_helper.hpp"

namespace paramcount {
namespace {

/// The value of an integer expression over a config.
std::uint64_t value(const std::string& expression, const std::string& config = "{}", const std::string& keys = "{}") {
  return expand_text(one_expression(expression, keys), config).tensors.at(0).shape.at(0);
}

std::string failure(const std::string& expression, const std::string& config = "{}", const std::string& keys = "{}") {
  return expand_failure(one_expression(expression, keys), config);
}

TEST_CASE("operators bind as in Python") {
  CHECK(value("2 + 3 * 4") == 14);
  CHECK(value("(2 + 3) * 4") == 20);
  CHECK(value("17 // 5 * 2 + 17 % 5") == 8);
  CHECK(value("-7 // 2 + 5") == 1);
  CHECK(value("-7 % 4") == 1);
  CHECK(value("7 - 2 - 1") == 4);
  CHECK(value("true ? 1 : false ? 2 : 3") == 1);
  CHECK(value("1 < 2 and not (2 < 1) or false ? 5 : 6") == 5);
  CHECK(value("2 in [1, 2, 3] ? 1 : 0") == 1);
  CHECK(value("4 not in [1, 2, 3] ? 1 : 0") == 1);
  CHECK(value("'gated-' in 'gated-gelu' ? 1 : 0") == 1);
}

TEST_CASE("numbers with a fraction calculate as such, and become whole only when asked to") {
  CHECK(value("int(2.5 + 2)") == 4);
  CHECK(value("int(7 - 0.5)") == 6);
  CHECK(value("int(1.5 * 3)") == 4);
  CHECK(value("int(7.5 // 2)") == 3);
  CHECK(value("int(-7.5 // 2) + 10") == 6);
  CHECK(value("int(7.5 % 2 * 2)") == 3);
  CHECK(value("1.5 < 2 and 2 <= 2.0 ? 1 : 2") == 1);
  CHECK_THAT(failure("7.5 // 0"), ContainsSubstring("other than 0"));
  CHECK_THAT(failure("int(1e19)"), ContainsSubstring("the number is too large"));
  CHECK(value("int('1280') + 1") == 1281);
  for (const char* text : {"''", "'12a'", "'1.5'", "' 7'", "'99999999999999999999'"}) {
    CHECK_THAT(failure("int(" + std::string(text) + ")"), ContainsSubstring("a number"));
  }
}

TEST_CASE("null takes the alternative, and only null does") {
  CHECK(value("null ?? 5") == 5);
  CHECK(value("(0 ?? 5) + 1") == 1);
  CHECK(value("null ?? null ?? 7") == 7);
  CHECK(value("$a ?? 24 // 4", "{}", R"({"a": null})") == 6);
  CHECK(value("$a ?? 9", R"({"a": null})", R"({"a": 3})") == 9);
  CHECK(value("$a ?? 9", "{}", R"({"a": 3})") == 3);
  CHECK(value("(null == null) ? 1 : 0") == 1);
}

TEST_CASE("indexing reaches into lists, texts, objects, scalars and null") {
  CHECK(value("[10, 20, 30][1]") == 20);
  CHECK(value("'abc'[1] == 'b' ? 1 : 0") == 1);
  CHECK(value("$o.k.m", R"({"o": {"k": {"m": 8}}})", R"({"o": null})") == 8);
  CHECK(value("$o.k.m ?? 3", "{}", R"({"o": null})") == 3);
  CHECK(value("$o['k']", R"({"o": {"k": 4}})", R"({"o": null})") == 4);
  CHECK(value("$n[5]", R"({"n": 12})", R"({"n": 1})") == 12);
  CHECK(value("null[3] ?? 2") == 2);
}

TEST_CASE("the functions are those of the language") {
  CHECK(value("int(1536 * 5.833333333333333)") == 8960);
  CHECK(value("int(2.9)") == 2);
  CHECK(value("max(3, 8)") == 8);
  CHECK(value("ceil_div(7, 2)") == 4);
  CHECK(value("round_up(130, 128)") == 256);
  CHECK(value("len([1, 2, 3]) + len('four') + len(null) + len(5)") == 8);
  CHECK(value("index_of([4, 5, 6], 6)") == 2);
  CHECK(value("index_of([4, 5, 6], 7) + 2") == 1);
}

TEST_CASE("functions are refused other names, other numbers of values and other kinds of them") {
  CHECK_THAT(failure("min(1, 2)"), ContainsSubstring("there is no function min"));
  CHECK_THAT(failure("max(1)"), ContainsSubstring("max takes 2 values"));
  CHECK_THAT(failure("len()"), ContainsSubstring("len takes 1 values"));
  CHECK_THAT(failure("int('one')"), ContainsSubstring("expected a number"));
  CHECK_THAT(failure("max(1, 'a')"), ContainsSubstring("expected a number"));
  CHECK_THAT(failure("ceil_div(1.5, 2)"), ContainsSubstring("expected an integer"));
  CHECK_THAT(failure("ceil_div(1, 0)"), ContainsSubstring("expected a positive integer"));
  CHECK_THAT(failure("round_up(9223372036854775807, 2)"), ContainsSubstring("64 bits"));
  CHECK_THAT(failure("index_of(3, 3)"), ContainsSubstring("expected a list"));
  CHECK_THAT(failure("3 not 4"), ContainsSubstring("column"));
}

TEST_CASE("and, or, ?: and ?? do not look at what they do not need") {
  CHECK(value("false and 1 // 0 == 1 ? 1 : 2") == 2);
  CHECK(value("true or 1 // 0 == 1 ? 1 : 2") == 1);
  CHECK(value("true ? 3 : 1 // 0") == 3);
  CHECK(value("4 ?? 1 // 0") == 4);
}

TEST_CASE("nothing converts by itself") {
  CHECK_THAT(failure("1 + true"), ContainsSubstring("expected a number"));
  CHECK_THAT(failure("1 and true ? 1 : 2"), ContainsSubstring("true or false"));
  CHECK_THAT(failure("2.0"), ContainsSubstring("expected an integer"));
  CHECK_THAT(failure("'4'"), ContainsSubstring("expected an integer"));
  CHECK_THAT(failure("null < 3 ? 1 : 2"), ContainsSubstring("expected a number"));
  CHECK(value("true == 1 ? 1 : 2") == 2);
  CHECK(value("1 == 1.0 ? 1 : 2") == 1);
}

TEST_CASE("arithmetic never wraps around") {
  CHECK_THAT(failure("9223372036854775807 + 1"), ContainsSubstring("64 bits"));
  CHECK_THAT(failure("4294967296 * 4294967296"), ContainsSubstring("64 bits"));
  CHECK_THAT(failure("1 // 0"), ContainsSubstring("other than 0"));
  CHECK_THAT(failure("1 % 0"), ContainsSubstring("other than 0"));
  CHECK_THAT(failure("-3"), ContainsSubstring("negative"));
}

TEST_CASE("an error names the config key the value came from") {
  const std::string keys = R"({"heads": 4, "sizes": [1, 2]})";
  CHECK(failure("$heads * 2", R"({"heads": "8"})", keys) == R"(/heads: expected a number, got "8")");
  CHECK(failure("$heads", R"({"heads": -8})", keys) == "/heads: must not be negative, got -8");
  CHECK(failure("$heads * 64", R"({"heads": -8})", keys) == "/heads: must not be negative, got -8");
  CHECK(failure("$sizes[1]", R"({"sizes": [1, true]})", keys) == "/sizes/1: expected an integer, got true");
  CHECK(failure("$sizes[2]", "{}", keys) == "/sizes (default of family one): has 2 entries, entry 2 is needed");
  CHECK(failure("($none ?? $sizes)[1]", R"({"sizes": [1, true]})", R"({"none": null, "sizes": [1, 2]})") ==
        "/sizes/1: expected an integer, got true");
  CHECK(failure("($sizes ?? $none)[1]", R"({"sizes": [1, true]})", R"({"none": null, "sizes": [1, 2]})") ==
        "/sizes/1: expected an integer, got true");
  CHECK(failure("($heads > 4 ? $sizes : $heads)[1]", R"({"heads": 8, "sizes": [1, true]})", keys) ==
        "/sizes/1: expected an integer, got true");
  CHECK(failure("12 // $heads", R"({"heads": 0})", keys) == "/heads: expected a number other than 0, got 0");
  CHECK(failure("$missing * 2", "{}", R"({"missing": null})") == "/missing: missing, expected a number");
}

TEST_CASE("a text that is not an expression is refused with its column") {
  for (const char* text :
       {"1 +", "(1", "1 ? 2", "[1, 2", "f(", "'open", "$a b", "1..2", ")", "a.", "99999999999999999999"}) {
    INFO(text);
    try {
      static_cast<void>(parse_expression(text));
      FAIL_CHECK("accepted");
    } catch (const Error& error) {
      CHECK_THAT(error.what(), ContainsSubstring("column"));
    }
  }
}

TEST_CASE("nesting and length are bounded") {
  CHECK_THROWS_AS(parse_expression(std::string(10'000, '(')), Error);
  CHECK_THROWS_AS(parse_expression(std::string(5'000, '-') + "1"), Error);
  std::string nots;
  for (int i = 0; i < 1000; ++i) nots += "not ";
  CHECK_THROWS_AS(parse_expression(nots + "true"), Error);
  std::string sum = "1";
  for (int i = 0; i < 3000; ++i) sum += "+1";
  CHECK_THAT(failure(sum), ContainsSubstring("nested too deeply"));
}

}  // namespace
}  // namespace paramcount
