#include "catalog/json.hpp"

#include "catalog/pack.hpp"
#include "catch.hpp"
#include "paramcount/base/error.hpp"

namespace paramcount {
namespace {

std::string failure(const std::string& text) {
  try {
    static_cast<void>(parse_json(text));
  } catch (const Error& error) {
    return error.what();
  }
  return "accepted";
}

TEST_CASE("JSON values keep their kind and order") {
  const Value value = parse_json(R"({"b": 1, "a": [true, null, 2.5, "x", -7], "o": {"k": 9223372036854775807}})");
  const auto& object = *value.as<Value::Object>();
  CHECK(object[0].first == "b");
  CHECK(*value.find("a")->as<Value::List>() == Value::List{true, Value{}, 2.5, "x", -7});
  CHECK(*value.find("o")->find("k")->as<std::int64_t>() == INT64_MAX);
  CHECK(value.find("none") == nullptr);
}

TEST_CASE("invalid JSON is refused with its place") {
  CHECK_THAT(failure("{\"a\": 1,\n \"b\": }"), ContainsSubstring("line 2, column 7"));
  CHECK_THAT(failure(""), ContainsSubstring("empty"));
  CHECK_THAT(failure(" \n\t"), ContainsSubstring("empty"));
  CHECK_THAT(failure("{\"a\": 1"), ContainsSubstring("not valid JSON"));
  CHECK_THAT(failure(std::string("{\0\"\0a\0", 6)), ContainsSubstring("UTF-16"));
  CHECK_THAT(failure("\xFF\xFE{"), ContainsSubstring("UTF-16"));
  CHECK_THAT(failure("\xFE\xFF{"), ContainsSubstring("UTF-16"));
  CHECK_THAT(failure(std::string("\0{", 2)), ContainsSubstring("UTF-16"));
  CHECK_THAT(failure(std::string("{\"a\": 1}\0{", 10)), ContainsSubstring("binary"));
  CHECK_THAT(failure("["), ContainsSubstring("line 1, column 1: not valid JSON"));
  CHECK_THAT(failure("{\"a\": \"\xFF\"}"), ContainsSubstring("not valid JSON"));
}

TEST_CASE("depth and size are bounded") {
  CHECK_THAT(failure(std::string(10'000, '[')), ContainsSubstring("64 levels"));
  CHECK(failure(std::string(64, '[') + std::string(64, ']')) == "accepted");
  CHECK_THAT(failure(std::string(65, '[') + std::string(65, ']')), ContainsSubstring("64 levels"));
  CHECK_THAT(failure(std::string(kMostJsonBytes + 1, ' ')), ContainsSubstring("16 MiB"));
}

TEST_CASE("a key given twice is harmless only when both values agree") {
  CHECK_THAT(failure(R"({"a": 1, "a": 2})"), ContainsSubstring("/a"));
  CHECK(parse_json(R"({"a": 1, "a": 1})").as<Value::Object>()->size() == 1);
}

TEST_CASE("keys given twice in a large object leave the first of each, in their order") {
  std::string text = "{";
  constexpr int kKeys = 200'000;
  for (int i = 0; i < kKeys; ++i) text += "\"k" + std::to_string(i) + "\":0,\"same\":1,";
  const Value value = parse_json(text + "\"last\": 2}");
  const auto& object = *value.as<Value::Object>();
  REQUIRE(object.size() == kKeys + 2);
  CHECK(object[0].first == "k0");
  CHECK(object[1] == Value::Member("same", 1));
  CHECK(object[2].first == "k1");
  CHECK(object[kKeys].first == "k199999");
  CHECK(object.back() == Value::Member("last", 2));
}

TEST_CASE("what Python writes for special numbers is read as a text, a byte order mark is skipped") {
  CHECK(*parse_json(R"({"limit": [0.0, Infinity], "NaN": "Infinity"})").find("limit")->as<Value::List>() ==
        Value::List{0.0, "Infinity"});
  CHECK(*parse_json(R"({"a\"NaN": [-Infinity, NaN, "\\"]})").find("a\"NaN")->as<Value::List>() ==
        Value::List{"-Infinity", "NaN", "\\"});
  CHECK_THAT(failure("{\"a\": NaN,\n \"b\": }"), ContainsSubstring("not valid JSON"));
  CHECK_THAT(failure(R"({"a": NaN, "b": "\)"), ContainsSubstring("not valid JSON"));
  CHECK(*parse_json("\xEF\xBB\xBF{\"a\": 1}").find("a") == Value(1));
}

TEST_CASE("integers beyond 64 bits become doubles") {
  CHECK(parse_json("18446744073709551615").as<double>() != nullptr);
  CHECK(parse_json("9223372036854775808").as<double>() != nullptr);
}

TEST_CASE("packing and unpacking is the identity") {
  const Value value = parse_json(
      R"({"n": null, "t": true, "f": false, "i": [0, 1, -1, 9223372036854775807, -9223372036854775807, 127, 128],
          "d": 2.5, "s": "ünï", "e": {}, "l": []})");
  CHECK(unpack(pack(value)) == value);
  const Value least(INT64_MIN);
  CHECK(unpack(pack(least)) == least);
}

TEST_CASE("damaged packed bytes are an error") {
  const std::string bytes = pack(parse_json(R"({"a": [1, 2, "text"]})"));
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    CHECK_THROWS_AS(unpack(std::string_view(bytes).substr(0, size)), Error);
  }
}

}  // namespace
}  // namespace paramcount
