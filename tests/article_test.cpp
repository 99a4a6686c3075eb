// explain --article: every claim is checked by commands that answer, and shows what they say.
#include <set>
#include <string>

#include "catch.hpp"
#include "cli/article.hpp"
#include "process.hpp"
#include "report/keys.hpp"

namespace paramcount {
namespace {

TEST_CASE("every figure of the article is what its command prints") {
  std::size_t figures = 0;
  for (const auto& [claim, rows] : checked_claims({})) {
    INFO(claim.id);
    CHECK(claim.figures.size() == rows.size());
    CHECK_FALSE(claim.said.empty());
    for (std::size_t i = 0; i < rows.size(); ++i) {
      INFO(claim.figures[i].command << ": " << claim.figures[i].key);
      CHECK(rows[i].value.is_number());
      ++figures;
    }
  }
  CHECK(figures > 20);
}

TEST_CASE("the article's page has a command for each claim") {
  const Finished page = run_line("explain --article");
  CHECK(page.code == 0);
  CHECK_THAT(page.out, ContainsSubstring("$ paramcount train gpt-3-175b --picture"));
  CHECK_THAT(page.out, ContainsSubstring("10  Efficiency, not only intelligence"));
}

TEST_CASE("the article names its own models") {
  const Finished refused = run_line("explain gpt-2 --article");
  CHECK(refused.code == 2);
  CHECK_THAT(refused.err, ContainsSubstring("names its own models"));
}

TEST_CASE("explain takes gpt-2 where no model is named, and ends in bytes, time and money") {
  const Finished page = run_line("explain");
  CHECK(page.out == run_line("explain gpt-2").out);
  for (const char* step : {"  In bytes", "  In time", "  In money", "In other terms"}) {
    CHECK_THAT(page.out, ContainsSubstring(step));
  }
  // An encoder generates nothing, and is trained like any other.
  const Finished encoder = run_line("explain bert-base-uncased");
  CHECK_THAT(encoder.out, !ContainsSubstring("tokens/s"));
  CHECK_THAT(encoder.out, ContainsSubstring("FLOPs"));
}

TEST_CASE("the way through a layer is drawn where its parts follow each other") {
  const std::string way = "attention ─(+)─┬─ ffn ─(+)─▶   12 times";
  CHECK_THAT(run_line("explain gpt-2").out, ContainsSubstring(way));
  CHECK_THAT(run_line("explain gpt-2 --format markdown").out, !ContainsSubstring("─┬─"));
  // Both at once (GPT-J, Pythia), another kind of layer (Mamba), two stacks (T5).
  for (const char* other : {"gpt-j-6b", "pythia-160m", "mamba-130m", "t5-small"}) {
    INFO(other);
    CHECK_THAT(run_line("explain " + std::string(other)).out, !ContainsSubstring("─┬─"));
  }
}

TEST_CASE("members of lists have names as well as numbers") {
  CHECK(run_line("gpt-2 --get memory.weights.bf16.bytes").out == "248879616\n");
  CHECK(run_line("train gpt-3-175b --get comparables.people.each").out == "8230000000\n");
  CHECK(run_line("gpt-2 --get memory.weights.bf17.bytes").code == 2);
}

TEST_CASE("help explains a word of the glossary") {
  CHECK_THAT(run_line("help kv-cache").out, ContainsSubstring("the keys and values of all tokens so far"));
  CHECK_THAT(run_line("help decode").out, ContainsSubstring("prefill, decode"));
  CHECK_THAT(run_line("help memory").out, ContainsSubstring("quantisation"));
  CHECK(run_line("help nosuchword").code == 2);
}

TEST_CASE("called without arguments, the program shows what it does") {
  const Finished page = run_words({});
  CHECK(page.code == 0);
  CHECK_THAT(page.out, ContainsSubstring("paramcount fit qwen3-32b --device rtx-4090"));
  CHECK(page.err.empty());
}

}  // namespace
}  // namespace paramcount
