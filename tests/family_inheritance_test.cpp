// Families that extend others.
#include "paramcount/count/expand.hpp"

#include <fstream>
#include <map>

#include "catch.hpp"
#include "family_helper.hpp"
#include "naive_scope.hpp"
#include "paramcount/catalog/catalog.hpp"
#include "read/hf_config.hpp"

namespace paramcount {
namespace {

constexpr const char* kParent = R"({
  "family": "p", "source": "t", "keys": {"n": 2, "bias": true, "wide": false}, "dims": {"n_layers": "$n"},
  "indices": {"layer": "n_layers"}, "requires": [["$n > 1", "n: too few"], ["$n < 9", "n: too many"]],
  "tensors": [
    ["embedding", "embed.weight", ["10"]],
    {"prefix": "h.{layer}.", "if": "$n > 0", "tensors": [
      {"prefix": "attn.", "if": "$bias", "tensors": [["attention.bias", "q.bias", ["2"], "not $wide"]]},
      ["attention", "attn.q.weight", ["3"]],
      ["ffn", "mlp.up.weight", ["4"]],
      ["ffn", "mlp.down.weight", ["5"]]]}],
  "state": [["kv", "kv.{layer}", ["2"]]],
  "gguf": {"arch": "p", "keys": {"n_layers": "block_count"}, "names": {"embed.weight": "token_embd.weight"}}
})";

/// The tensors of a child of kParent, as "name elements" pairs, or why there are none.
std::string child(const std::string& rest, const std::string& config = "{}") {
  try {
    const Value parent = resolve_family(parse_json(kParent), nullptr);
    const Family family = read_family(
        resolve_family(parse_json(R"({"family": "c", "source": "t", "extends": "p")" + rest + "}"), &parent));
    Expander expander([&](std::string_view) -> const Family& { return family; });
    Model model;
    model.family = family.id;
    model.config = parse_json(config);
    std::string text;
    for (const auto& t : expander.expand(model).tensors) {
      text += (text.empty() ? "" : ", ") + t.name.text() + " " + std::to_string(t.params().value);
    }
    return text;
  } catch (const Error& error) {
    return error.what();
  }
}

TEST_CASE("a child has its parent's tensors, renamed, replaced, dropped and followed by its own") {
  CHECK(child("") ==
        "embed.weight 10, h.{layer}.attn.q.bias 4, h.{layer}.attn.q.weight 6, h.{layer}.mlp.up.weight 8, "
        "h.{layer}.mlp.down.weight 10");
  CHECK(child("", R"({"wide": true})") == child("", R"({"bias": false})"));
  CHECK(child("", R"({"bias": false})") ==
        "embed.weight 10, h.{layer}.attn.q.weight 6, h.{layer}.mlp.up.weight 8, h.{layer}.mlp.down.weight 10");
  CHECK(child(R"(, "rename": {"h.": "layers."}, "drop": ["layers.*.mlp.*.weight", "*.q.bias"])") ==
        "embed.weight 10, layers.{layer}.attn.q.weight 6");
  CHECK(child(R"(, "drop": ["h.*up.*", "embed.weight"],
                 "tensors": [["ffn", "h.{layer}.mlp.down.weight", ["7"]], ["head", "head", ["1"]]])") ==
        "h.{layer}.attn.q.bias 4, h.{layer}.attn.q.weight 6, h.{layer}.mlp.down.weight 14, head 1");
  CHECK(child("", R"({"n": 1})") == "n: too few");
  CHECK(child(R"(, "drop": ["n: too few"])", R"({"n": 1, "bias": false})") ==
        "embed.weight 10, h.{layer}.attn.q.weight 3, h.{layer}.mlp.up.weight 4, h.{layer}.mlp.down.weight 5");
  CHECK(child(R"(, "drop": ["h.*.nothing"])") == "/drop: h.*.nothing matches nothing inherited");
  CHECK(child(R"(, "drop": ["h.*.mlp.*.bias"])") == "/drop: h.*.mlp.*.bias matches nothing inherited");
  CHECK(child(R"(, "gguf": {"names": {"embd.weight": "x"}})") ==
        "/gguf/names: embd.weight is not a tensor of the family");
  CHECK(child(R"(, "parts": {})") == "/parts: expected a list, got an object of 0 keys");
  CHECK(child(R"(, "tensors": [["ffn", "w"]])") == "/tensors/0: expected [role, name, shape, condition?]");
  std::string deep = R"(["ffn", "w", ["1"]])";
  for (int i = 0; i < 25; ++i) deep = R"({"tensors": [)" + deep + "]}";
  CHECK_THAT(child(R"(, "tensors": [)" + deep + "]"), ContainsSubstring("groups nested too deeply"));
}

TEST_CASE("a child's part takes the place of its parent's of the same name") {
  const Value parent = resolve_family(parse_json(R"({"family": "f", "source": "t", "keys": {"k": 1},
      "parts": [{"part": "tower", "family": "'g'", "config": "$", "prefix": "a."},
                {"part": "other", "family": "'g'", "config": "$", "prefix": "o."}]})"),
                                      nullptr);
  const Family made = read_family(resolve_family(parse_json(R"({"family": "c", "source": "t", "extends": "f",
      "parts": [{"part": "tower", "family": "'g'", "config": "$", "prefix": "b."},
                {"part": "third", "family": "'g'", "config": "$", "prefix": "t."}]})"),
                                                 &parent));
  const Family inner = family_of(R"({"family": "g", "source": "t", "tensors": [["ffn", "w", ["2"]]]})");
  Expander expander([&](std::string_view name) -> const Family& { return name == "g" ? inner : made; });
  Model model;
  model.family = "c";
  model.config = parse_json("{}");
  std::string names;
  for (const auto& t : expander.expand(model).tensors) names += t.name.text() + " ";
  CHECK(names == "b.w o.w t.w ");
}

}  // namespace
}  // namespace paramcount
