// Spellings of names in family files: their form, and what a child inherits.
#include "catalog/family_file.hpp"
#include "catalog/json.hpp"
#include "catch.hpp"
#include "paramcount/base/error.hpp"

namespace paramcount {
namespace {

std::string spelling_failure(const std::string& spellings) {
  const std::string file = R"({"family": "x", "source": "x", "tensors": [["ffn", "a.weight", ["1"]]], "spellings": )";
  try {
    static_cast<void>(read_family(resolve_family(parse_json(file + spellings + "}"), nullptr)));
  } catch (const Error& error) {
    return error.what();
  }
  return "accepted";
}

TEST_CASE("spellings that are not what the file's form asks for are refused with their place") {
  CHECK(spelling_failure(R"({"renames": [[".a$", ".b$"]], "merges": [["q", ["a", "b.{i}"]]], "tied": ["x"]})") ==
        "accepted");
  CHECK(spelling_failure("[]") == "/spellings: expected an object, got []");
  CHECK(spelling_failure(R"({"rename": []})") == "/spellings/rename: unknown key");
  CHECK_THAT(spelling_failure(R"({"renames": [["a"]]})"), ContainsSubstring("/spellings/renames/0: expected a pair"));
  CHECK_THAT(spelling_failure(R"({"renames": [["a", "a"]]})"),
             ContainsSubstring("/spellings/renames/0: renames nothing"));
  CHECK_THAT(spelling_failure(R"({"renames": [["^a", "b"]]})"),
             ContainsSubstring("both strings need the same ^ and $"));
  CHECK_THAT(spelling_failure(R"({"renames": [["", "b"]]})"), ContainsSubstring("an empty string"));
  CHECK_THAT(spelling_failure(R"({"merges": [["a", []]]})"), ContainsSubstring("/spellings/merges/0/1: no parts"));
  CHECK_THAT(spelling_failure(R"({"merges": [["a", ["b.{i}.{j}"]]]})"),
             ContainsSubstring("as many indices as the whole"));
  CHECK_THAT(spelling_failure(R"({"buffers": [["a", 3]]})"),
             ContainsSubstring("/spellings/buffers/0/1: expected a string"));
  CHECK_THAT(spelling_failure(R"({"tied": "a"})"), ContainsSubstring("/spellings/tied"));
}

TEST_CASE("a child inherits its parent's spellings after its own") {
  const Value parent =
      resolve_family(parse_json(R"({"family": "p", "source": "x", "tensors": [["ffn", "a.weight", ["1"]]],
                     "spellings": {"renames": [["a", "b"]], "tied": ["t"]}})"),
                     nullptr);
  const Family child = read_family(resolve_family(
      parse_json(R"({"family": "c", "source": "x", "extends": "p", "spellings": {"renames": [["c", "d"]]}})"),
      &parent));
  REQUIRE(child.spellings.renames.size() == 2);
  CHECK(child.spellings.renames[0].from == "c");
  CHECK(child.spellings.renames[1].from == "a");
  CHECK(child.spellings.tied == std::vector<std::string>{"t"});
}

}  // namespace
}  // namespace paramcount
