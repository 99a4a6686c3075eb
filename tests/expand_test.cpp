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

const char* const kMixed = R"({
  "family": "mixed", "source": "test",
  "keys": {"layers": 6, "width": 8, "experts": 4, "top": 2, "dense": 2, "extra": 0},
  "dims": {"d_model": "$width", "n_layers": "$layers", "n_experts": "$experts", "experts_per_token": "$top",
           "is_moe": "layer >= $dense", "is_mtp": "layer >= n_layers", "tied_embeddings": "false"},
  "indices": {"layer": "n_layers + $extra", "expert": "n_experts"},
  "mtp": "is_mtp",
  "tensors": [
    ["embedding", "embed.weight", ["100", "d_model"]],
    ["attention", "h.{layer}.attn.weight", ["d_model", "d_model"]],
    ["attention.bias", "h.{layer}.attn.bias", ["d_model"]],
    ["ffn", "h.{layer}.mlp.weight", ["d_model", "4*d_model"], "not is_moe"],
    {"prefix": "h.{layer}.moe.", "if": "is_moe", "tensors": [
      ["router", "gate.weight", ["n_experts", "d_model"]],
      ["router.buffer", "gate.correction", ["n_experts"]],
      ["expert", "experts.{expert}.weight", ["d_model", "2*d_model"]]]},
    ["head", "head.weight", ["100", "d_model"]]],
  "state": [["kv", "kv.{layer}", ["2*d_model"]]]
})";

const Tensor& tensor(const Inventory& inventory, const std::string& name) {
  for (const auto& t : inventory.tensors) {
    if (t.name.text() == name) return t;
  }
  FAIL("no tensor " << name);
  return inventory.tensors.front();
}

TEST_CASE("a row is emitted for each combination of its indices for which its condition holds") {
  const auto inventory = expand_text(kMixed, "{}");
  CHECK(tensor(inventory, "h.{layer}.mlp.weight").copies == 2);
  const auto& experts = tensor(inventory, "h.{layer}.moe.experts.{expert}.weight");
  CHECK(experts.copies == 4 * 4);
  CHECK(experts.axes.at(0).ranges == std::vector<Range>{{2, 5}});
  CHECK(experts.axes.at(1).ranges == std::vector<Range>{{0, 3}});
  CHECK(experts.params().value == 16 * 8 * 16);
  CHECK(experts.active().value == 8 * 8 * 16);
}

TEST_CASE("a condition may ask for the index or not, as the config has it") {
  const std::string family = R"json({
    "family": "now-and-then", "source": "test",
    "keys": {"layers": 5, "all": false, "from": null, "kinds": null, "first": null},
    "dims": {"d_model": "4", "n_layers": "$layers", "tied_embeddings": "false",
             "kind": "$kinds[layer] ?? ($all or layer >= ($from ?? 3) ? 'a' : 'b')",
             "kinds": "[$kinds ?? 'none']",
             "is_a": "kind == 'a'", "is_b": "not is_a"},
    "indices": {"layer": "n_layers"},
    "requires": [["kind in ['a', 'b']", "kinds: only a and b"]],
    "tensors": [
      ["ffn", "a.{layer}.weight", ["d_model", "len(kinds) + 1"], "is_a"],
      ["ffn", "b.{layer}.weight", ["is_b ? 2 : 3", "d_model"], "is_b"],
      ["norm", "c.{layer}.weight", ["is_a ? 1 : 4"]],
      ["norm", "d.{layer}.weight", ["1"], "$first != null and layer < 2 and $first[layer] == 'x'"]],
    "state": []
})json";
  const auto copies = [&](const std::string& config) {
    std::map<std::string, std::uint64_t> found;
    for (const auto& tensor : expand_text(family, config).tensors) {
      found[tensor.name.text().substr(0, 1) +
            (tensor.name.text().starts_with("c") ? std::to_string(tensor.shape[0]) : "")] += tensor.copies;
    }
    return found;
  };
  using Found = std::map<std::string, std::uint64_t>;
  CHECK(copies("{}") == Found{{"a", 2}, {"b", 3}, {"c1", 2}, {"c4", 3}});
  CHECK(copies(R"({"all": true})") == Found{{"a", 5}, {"c1", 5}});
  CHECK(copies(R"({"from": 0})") == Found{{"a", 5}, {"c1", 5}});
  CHECK(copies(R"({"from": 9})") == Found{{"b", 5}, {"c4", 5}});
  CHECK(copies(R"({"kinds": ["b", "a", "b", "a", "a"]})") == Found{{"a", 3}, {"b", 2}, {"c1", 3}, {"c4", 2}});
  CHECK_THROWS_WITH(copies(R"({"kinds": ["b", "a", "b", "x", "a"]})"), ContainsSubstring("(layer 3)"));
  CHECK_THROWS_WITH(copies(R"({"kinds": ["b"]})"), ContainsSubstring("entry 1 is needed"));
  CHECK_THROWS_WITH(copies(R"({"layers": 0})"), "/layers: must be at least 1, got 0");
  // What has no value in layers that the rest of a condition leaves out is not asked for there.
  CHECK(copies(R"({"first": ["y", "x"]})").at("d") == 1);
  CHECK_THROWS_WITH(copies(R"({"first": ["y"]})"), ContainsSubstring("entry 1 is needed"));
  // Alike all along, the layers need not be walked.
  CHECK(copies(R"({"all": true, "layers": 3000000})").at("a") == 3'000'000);
}

TEST_CASE("roll-ups follow role, shape and copies") {
  const auto p = count_params(expand_text(kMixed, "{}"));
  const std::uint64_t attention = 6 * (64 + 8), ffn = 2 * 8 * 32, experts = 16 * 128, router = 4 * 4 * 8;
  CHECK(p.total.value == 2 * 800 + attention + ffn + experts + router);
  CHECK(p.active.value == p.total.value - experts / 2);
  CHECK(p.active_without_embedding.value == p.active.value - 800);
  CHECK(p.non_embedding.value == p.total.value - 1600);
  CHECK(p.biases.value == 6 * 8);
  CHECK(p.buffers.value == 4 * 4);
  CHECK(p.mtp.value == 0);
  CHECK(p.matmul.value == p.total.value - 800 - 6 * 8);
  CHECK(p.active_matmul.value == p.matmul.value - experts / 2);
}

TEST_CASE("multi-token-prediction layers are counted apart, buffers included") {
  const auto plain = count_params(expand_text(kMixed, "{}"));
  const auto p = count_params(expand_text(kMixed, R"({"extra": 1})"));
  CHECK(p.total == plain.total);
  CHECK(p.buffers == plain.buffers);
  CHECK(p.mtp.value == 64 + 8 + 4 * 8 + 4 + 4 * 128);
}

TEST_CASE("block-scaled fp8 keeps a scale for each block of the linear layers") {
  const auto scales = [](const std::string& quantization) {
    return count_params(expand_text(kMixed, R"({"width": 200, "quantization_config": )" + quantization + "}"))
        .scales.value;
  };
  // 200 is two blocks of 128: attention 2 × 2 in six layers, ffn 2 × 7 in two, experts 2 × 4 in sixteen.
  CHECK(scales(R"({"quant_method": "fp8", "weight_block_size": [128, 128]})") == 6 * 4 + 2 * 14 + 16 * 8);
  CHECK(scales(R"({"quant_method": "fp8", "weight_block_size": [128, 128], "modules_to_not_convert": ["lm_head"]})") ==
        180);
  CHECK(scales(R"({"quant_method": "fp8", "weight_block_size": [128, 128], "modules_to_not_convert": ["h.0.attn"]})") ==
        0);
  // A name that no tensor has may be another spelling of one that is scaled.
  CHECK(
      scales(
          R"({"quant_method": "fp8", "weight_block_size": [128, 128], "modules_to_not_convert": ["h.0.attention"]})") ==
      0);
  CHECK(scales(R"({"quant_method": "fp8", "weight_block_size": [128, 128], "modules_to_not_convert": ["h.*"]})") == 0);
  CHECK(scales(R"({"quant_method": "fp8"})") == 0);
}

TEST_CASE("a tied table counts as multiplied although it is not a separate head") {
  std::string tied = kMixed;
  const auto flag = tied.find("\"tied_embeddings\": \"false\"");
  tied.replace(flag, 26, "\"tied_embeddings\": \"true\" ");
  const auto head = tied.find(",\n    [\"head\"");
  tied.replace(head, tied.find("]],\n  \"state\"") + 1 - head, "");
  const auto p = count_params(expand_text(tied, "{}"));
  const auto untied = count_params(expand_text(kMixed, "{}"));
  CHECK(p.total.value == untied.total.value - 800);
  CHECK(p.matmul == untied.matmul);
  CHECK(p.active_without_embedding == p.active);
  CHECK(p.non_embedding == untied.non_embedding);
}

TEST_CASE("layers whose shapes differ become entries of their own") {
  const auto inventory = expand_text(
      R"j({"family": "f", "source": "t", "keys": {"widths": [1, 2, 2, 1]}, "dims": {"n_layers": "len($widths)", "w": "$widths[layer]"},
          "indices": {"layer": "n_layers"}, "tensors": [["ffn", "l.{layer}.w", ["w", "10"]]]})j",
      "{}");
  REQUIRE(inventory.tensors.size() == 2);
  CHECK(inventory.tensors[0].axes[0].ranges == std::vector<Range>{{0, 0}, {3, 3}});
  CHECK(inventory.tensors[1].axes[0].ranges == std::vector<Range>{{1, 2}});
  CHECK(count_params(inventory).total.value == 60);
}

TEST_CASE("an index may count differently in every layer") {
  const auto inventory = expand_text(
      R"({"family": "f", "source": "t", "keys": {"experts": [2, 0, 3]}, "dims": {"n": "$experts[layer]"},
          "indices": {"layer": "3", "e": "n"}, "tensors": [["ffn", "l.{layer}.{e}.w", ["5"]]]})",
      "{}");
  CHECK(count_params(inventory).total.value == 25);
}

TEST_CASE("a part is a scope of its own under a prefix") {
  const auto inventory = expand_text(
      R"({"family": "f", "source": "t", "keys": {"inner": null, "d": 3},
          "dims": {"d_model": "$d", "twice": "tower.d_model * 2"},
          "parts": [{"part": "tower", "family": "'f'", "config": "$inner", "if": "$inner != null", "prefix": "v.",
                     "rename": {"a.": "b."}, "role": "vision", "dims": {"d_model": "7"}}],
          "tensors": [["ffn", "a.w", ["d_model"]]]})",
      R"({"inner": {"d": 100}})");
  CHECK(tensor(inventory, "v.b.w").role == Role{RoleKind::vision, RoleSuffix::none});
  CHECK(tensor(inventory, "v.b.w").shape == std::vector<std::uint64_t>{7});
  CHECK(count_params(inventory).total.value == 10);
}

TEST_CASE("an error inside a part names the key of the whole config") {
  const std::string family =
      R"({"family": "f", "source": "t", "keys": {"inner": null, "d": 3}, "dims": {"d_model": "$d"},
          "parts": [{"part": "tower", "family": "'f'", "config": "$", "if": "$inner == 1", "prefix": "v.",
                     "dims": {"d_model": "$inner * 2"}}],
          "tensors": [["ffn", "a.w", ["d_model"]]]})";
  CHECK(expand_failure(family, R"({"d": "x"})") == R"(/d: expected an integer, got "x")");
  const std::string nested =
      R"({"family": "f", "source": "t", "keys": {"inner": null, "more": {"d": -1, "sizes": ["x"]}, "d": 3},
          "aliases": {"inner": ["within"]},
          "dims": {"d_model": "$d", "config": "$inner", "size": "$more.sizes[0]"},
          "parts": [{"part": "tower", "family": "'f'", "config": "config", "if": "$inner != null", "prefix": "v."},
                    {"part": "more", "family": "'f'", "config": "$more", "if": "d_model == 4", "prefix": "m."}],
          "tensors": [["ffn", "a.w", ["d_model"]], ["ffn", "a.b", ["size"], "d_model == 5"]]})";
  CHECK(expand_failure(nested, R"({"inner": {"d": "x"}})") == R"(/inner/d: expected an integer, got "x")");
  CHECK(expand_failure(nested, R"({"inner": {"inner": {"d": -2}}})") == "/inner/inner/d: must not be negative, got -2");
  CHECK(expand_failure(nested, R"({"within": {"d": null}})") == "/within/d: missing, expected an integer");
  CHECK(expand_failure(nested, R"({"d": 4})") == "/more/d (default of family f): must not be negative, got -1");
  CHECK(expand_failure(nested, R"({"d": 5})") ==
        R"(/more/sizes/0 (default of family f): expected an integer, got "x")");
  CHECK(expand_failure(nested, R"({"inner": {"d": 5}})") ==
        R"(/inner/more/sizes/0 (default of family f): expected an integer, got "x")");
  CHECK(expand_failure(nested, R"({"inner": {"d": 5, "more": {"sizes": []}}})") ==
        "/inner/more/sizes: has 0 entries, entry 0 is needed");
  const auto with = [](const std::string& dims, const std::string& part) {
    return R"({"family": "f", "source": "t", "keys": {"o": {"k": true}}, "dims": {"d_model": "2", )" + dims +
           R"(}, "parts": [{"part": "tower", "family": "'f'", "config": "$o", "prefix": "v.", "if": "d_model == 2", )" +
           part + R"(}], "indices": {"layer": "2"}, "tensors": [["ffn", "a.{layer}.w", ["a"]]]})";
  };
  const std::string fine = R"("dims": {"d_model": "3"})";
  CHECK_THAT(expand_failure(with(R"("a": "tower")", fine), "{}"),
             ContainsSubstring("`tower`: tower is a part; name one of its dimensions"));
  CHECK_THAT(expand_failure(with(R"("a": "tower.nothing")", fine), "{}"),
             ContainsSubstring("`tower.nothing`: part tower has no dimension nothing"));
  CHECK(expand_failure(with(R"("a": "$o.k[0] ? 1 : 2")", fine), R"({"o": {"k": {"x": 1}}})") ==
        "/o/k/0: missing, expected true or false");
  CHECK(expand_failure(with(R"("a": "$o.k[true] ? 1 : 2")", fine), R"({"o": {"k": {"x": 1}}})") ==
        "`$o.k[true] ? 1 : 2`: expected a key, got true");
  CHECK_THAT(expand_failure(with(R"("a": "1")", R"("dims": {"nothing": "3"})"), "{}"),
             ContainsSubstring("nothing: family f has no dimension of that name"));
}

TEST_CASE("a requirement refuses a config and names the layer") {
  const std::string family =
      R"j({"family": "f", "source": "t", "keys": {"kinds": ["a", "b"]}, "dims": {"kind": "$kinds[layer]"},
          "indices": {"layer": "len($kinds)"}, "requires": [["kind in ['a', 'b']", "kinds: unknown kind of layer"]],
          "tensors": [["ffn", "l.{layer}.w", ["2"], "kind == 'a'"]]})j";
  CHECK(expand_failure(family, "{}") == "accepted");
  CHECK(expand_failure(family, R"({"kinds": ["a", "c"]})") == "kinds: unknown kind of layer (layer 1)");
}

TEST_CASE("huge counts end in an error, quickly") {
  CHECK_THAT(expand_failure(kMixed, R"({"layers": 9223372036854775807})"),
             ContainsSubstring("64 bits") || ContainsSubstring("million"));
  CHECK_THAT(expand_failure(kMixed, R"({"layers": 3000000000})"), ContainsSubstring("million"));
  CHECK_THAT(expand_failure(kMixed, R"({"width": 9000000000000})"), ContainsSubstring("64 bits"));
}

TEST_CASE("a token uses at most all experts, whatever the config asks for") {
  const auto all = expand_text(kMixed, R"({"top": 4})");
  const auto more = expand_text(kMixed, R"({"top": 5})");
  CHECK(count_params(more).active.value == count_params(all).active.value);
  CHECK(count_params(more).active.value == count_params(more).total.value);
}

TEST_CASE("a family that contradicts itself is refused by name") {
  const auto check = [](const std::string& json) -> std::string {
    const Family family = family_of(json);
    Expander expander([&](std::string_view) -> const Family& { return family; });
    try {
      expander.check(family);
    } catch (const Error& error) {
      return error.what();
    }
    return "accepted";
  };
  CHECK_THAT(check(R"({"family": "f", "dims": {"a": "b", "b": "a"}, "tensors": []})"),
             ContainsSubstring("defined by itself"));
  CHECK_THAT(check(R"({"family": "f", "dims": {"a": "$x"}, "tensors": []})"),
             ContainsSubstring("$x is not declared in keys"));
  CHECK_THAT(check(R"({"family": "f", "dims": {"a": "c"}, "tensors": []})"),
             ContainsSubstring("no dimension is named c"));
  CHECK_THAT(check(R"j({"family": "f", "dims": {"a": "sqrt(2)"}, "tensors": []})j"),
             ContainsSubstring("no function sqrt"));
  CHECK_THAT(check(R"({"family": "f", "indices": {"layer": "2"}, "tensors": [["ffn", "w", ["layer"]]]})"),
             ContainsSubstring("an index that its name lacks"));
  CHECK_THAT(check(R"({"family": "f", "tensors": [["brain", "w", ["1"]]]})"), ContainsSubstring("no such role"));
  CHECK_THAT(check(R"({"family": "f", "tensors": [["expert", "w", ["1"]]]})"), ContainsSubstring("n_experts"));
  CHECK_THAT(check(R"({"family": "f", "tensors": [], "state": [["heap", "w", ["1"]]]})"),
             ContainsSubstring("no such state kind"));
}

TEST_CASE("families that would take forever or all memory are refused") {
  const auto said = [](const std::string& dims, const std::string& indices, const std::string& row) {
    return expand_failure(R"({"family": "f", "source": "t", "keys": {}, "dims": {)" + dims + R"(}, "indices": {)" +
                              indices + R"(}, "tensors": [)" + row + "]}",
                          "{}");
  };
  const auto chain = [](const std::string& first, const std::string& next, int length) {
    std::string dims = R"("d0": ")" + first + '"';
    for (int i = 1; i < length; ++i) {
      dims += R"(, "d)" + std::to_string(i) + R"(": ")";
      for (const char c : next) dims += c == '@' ? "d" + std::to_string(i - 1) : std::string(1, c);
      dims += '"';
    }
    return dims;
  };
  const std::string plain_row = R"(["ffn", "w", ["d39"]])";
  CHECK_THAT(said(chain("-1", "@ + @ - @", 40), "", plain_row), ContainsSubstring("must not be negative"));
  CHECK_THAT(said(chain("[1]", "[@, @]", 40), "", R"x(["ffn", "w", ["len(d39)"]])x"),
             ContainsSubstring("too large a list"));
  CHECK_THAT(said(chain("[1]", "[@]", 100), "", R"x(["ffn", "w", ["len(d99)"]])x"),
             ContainsSubstring("too large a list"));
  const std::string pair = R"("i": "2", "j": "3")";
  const std::string pair_row = R"(["ffn", "w.{i}.{j}", ["1 + d39"]])";
  CHECK(said(chain("i - j", "@ + @ - @", 40), pair, R"(["ffn", "w.{i}.{j}", ["3 + d39"]])") == "accepted");
  CHECK(said(chain("i + j", "max(@, @)", 40), pair, pair_row) == "accepted");
  CHECK_THAT(said(R"("d": "1")", R"("i": "9000000000000000000", "j": "0")", R"(["ffn", "w.{i}.{j}", ["i + j"]])"),
             ContainsSubstring("more than 2 million combinations"));
  CHECK_THAT(said(R"("d": "1")", R"("i": "1000000")", R"(["ffn", "w.{i}", ["i + 1"]])"),
             ContainsSubstring("more than 10,000 kinds of copies") || ContainsSubstring("million steps"));
}

}  // namespace
}  // namespace paramcount
