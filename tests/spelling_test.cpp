#include "base/spelling.hpp"

#include "catch.hpp"

namespace paramcount {
namespace {

TEST_CASE("the edit distance counts a swap of neighbours once and ignores case") {
  CHECK(edit_distance("llama", "llama", 3) == 0);
  CHECK(edit_distance("lama", "llama", 3) == 1);
  CHECK(edit_distance("lalma", "llama", 3) == 1);
  CHECK(edit_distance("LLAMA", "llama", 3) == 0);
  CHECK(edit_distance("gpt", "mistral", 3) == 4);
}

TEST_CASE("the nearest names are suggested, nearest first") {
  Suggestions suggestions("lama-3.1-405b");
  for (const char* name : {"qwen3-8b", "llama-3.1-8b", "llama-3.1-405b", "llama-3.1-70b"}) suggestions.consider(name);
  REQUIRE_FALSE(suggestions.best().empty());
  CHECK(suggestions.best().front() == "llama-3.1-405b");
  CHECK_THAT(suggestions.hint(), ContainsSubstring("Did you mean llama-3.1-405b"));
}

TEST_CASE("a name typed in part finds what contains it") {
  Suggestions suggestions("maverick");
  suggestions.consider("llama-4-maverick-17b-128e");
  CHECK(suggestions.best().size() == 1);
}

TEST_CASE("nothing near gives no hint") {
  Suggestions suggestions("zzzzzz");
  suggestions.consider("llama-3.1-8b");
  CHECK(suggestions.hint().empty());
}

}  // namespace
}  // namespace paramcount
