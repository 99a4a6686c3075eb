// The files of tests/truth themselves: whom they cover, and that their checker fails on whatever differs.
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <vector>

#include "catalog/json.hpp"
#include "catch.hpp"
#include "paramcount/base/error.hpp"
#include "paramcount/catalog/catalog.hpp"
#include "paramcount/count/expand.hpp"
#include "process.hpp"
#include "read/hf_config.hpp"
#include "test_folder.hpp"
#include "tests/paths.hpp"

namespace paramcount {
namespace {

using nlohmann::json;

std::string truth_file(const std::string& name) { return std::string(PARAMCOUNT_SOURCE_DIR) + "/tests/truth/" + name; }

/// Families that some row of truth is counted with, those of its parts among them.
std::set<std::string> families_with_rows(const Catalog& catalog) {
  std::set<std::string> used;
  const FamilyLookup lookup = catalog.families();
  Expander expander([&](std::string_view name) -> const Family& {
    const Family& family = lookup(name);
    used.insert(family.id);
    return family;
  });
  for (const char* file : {"configs.jsonl", "variations.jsonl", "families.jsonl", "classes.jsonl", "config_kinds.jsonl",
                           "gguf_models.jsonl"}) {
    std::ifstream in(truth_file(file));
    REQUIRE(in);
    for (std::string line; std::getline(in, line);) {
      const json config = json::parse(line).at("config");
      if (config.contains("model_type") && catalog.find_family(config.value("model_type", "")) == nullptr) continue;
      static_cast<void>(expander.expand(model_of_config(parse_json(config.dump()), "a row", catalog)));
    }
  }
  std::ifstream in(truth_file("catalog.tsv"));
  REQUIRE(in);
  for (std::string id; std::getline(in, id, '\t') && in.ignore(4096, '\n');) {
    static_cast<void>(expander.expand(catalog.model(id)));
  }
  return used;
}

TEST_CASE("every family has a row of truth or says that it was not checked, and none does both") {
  const Catalog catalog;
  const auto used = families_with_rows(catalog);
  int families = 0;
  catalog.each_name(Catalog::Kind::family, [&](std::string_view name, bool is_id) {
    if (!is_id) return;
    ++families;
    INFO(name);
    CHECK(used.contains(std::string(name)) != catalog.family(name).unverified);
  });
  CHECK(families > 180);
}

TEST_CASE("models of an unverified family say so wherever they are counted") {
  const TestFolder folder;
  const auto write = [&](const std::string& name, const std::string& text) {
    std::filesystem::create_directories(std::filesystem::path(folder / name).parent_path());
    std::ofstream(folder / name) << text;
  };
  write("catalog/families/guess.json",
        R"({"family": "guess", "extends": "llama", "source": "me", "checked": false, "model_types": ["guess"]})");
  write("catalog/families/child.json",
        R"({"family": "child", "extends": "guess", "source": "me", "model_types": ["child"]})");
  write("catalog/families/whole.json",
        R"({"family": "whole", "extends": "llama", "source": "me", "model_types": ["whole"],
            "parts": [{"part": "inner", "family": "'guess'", "prefix": "inner."}]})");
  for (const char* type : {"guess", "child", "whole"}) {
    write(std::string(type) + "/config.json",
          R"({"model_type": ")" + std::string(type) + R"(", "num_hidden_layers": 1})");
  }
  const auto said = [&](std::vector<std::string> words, const std::string& type, const std::string& format) {
    words.insert(words.end(), {folder / type, "--catalog", folder / "catalog", "--format", format});
    const Finished ran = run_words(words);
    INFO(ran.err);
    CHECK(ran.code == 0);
    return ran.out;
  };
  const std::string flag = "\"unverified\": true";
  const std::string note = "unverified family";
  for (const char* command : {"", "explain", "tensors", "layers", "kv", "train", "scan"}) {
    INFO(command);
    const std::vector<std::string> words =
        *command == 0 ? std::vector<std::string>{} : std::vector<std::string>{command};
    for (const char* type : {"guess", "whole"}) {
      CHECK_THAT(said(words, type, "json"), ContainsSubstring(flag));
      CHECK_THAT(said(words, type, "text"), ContainsSubstring(note));
    }
    CHECK_THAT(said(words, "child", "json"), !ContainsSubstring("unverified"));
    CHECK_THAT(said(words, "child", "text"), !ContainsSubstring("unverified"));
  }
  CHECK_THAT(said({}, "guess", "jsonl"), ContainsSubstring("\"unverified\":true"));
  CHECK_THAT(said({"gpt-2"}, "guess", "text"), ContainsSubstring("unverified family: no published count"));
  const Finished batch = run_shell("cat '" + (folder / "guess/config.json") + "' | paramcount batch --catalog '" +
                                   (folder / "catalog") + "'");
  CHECK_THAT(batch.out, ContainsSubstring("\"unverified\":true"));
}

/// What the checker says of one row and the differences known of it.
Finished checked(const json& row, const json& known) {
  const TestFolder folder;
  std::ofstream(folder / "row.jsonl") << row << "\n";
  std::ofstream(folder / "known_differences.json") << known;
  const std::string program = std::string(PARAMCOUNT_BUILD_DIR) + "/tests/paramcount_truth";
  return run_shell("'" + program + "' '" + (folder / "row.jsonl") + "'");
}

TEST_CASE("the checker of the truth fails on a total, a buffer, a name or a shape that differs") {
  // A Mixtral of one layer: 2·10·8 tables, 3·8 norms, q and o 2·8·8, k and v 2·4·8, router 2·8, 2 experts of 3·8·6.
  json row = {{"name", "small"},
              {"kind", "llm"},
              {"total", 160 + 24 + 128 + 64 + 16 + 288},
              {"buffers", 0},
              {"config",
               {{"model_type", "mixtral"},
                {"vocab_size", 10},
                {"hidden_size", 8},
                {"num_hidden_layers", 1},
                {"num_attention_heads", 2},
                {"num_key_value_heads", 1},
                {"num_local_experts", 2},
                {"intermediate_size", 6}}}};
  const std::string moe = "model.layers.*.block_sparse_moe.";
  row["tensors"] = {{"model.embed_tokens.weight", {10, 8}, 1},
                    {"lm_head.weight", {10, 8}, 1},
                    {"model.norm.weight", {8}, 1},
                    {"model.layers.*.input_layernorm.weight", {8}, 1},
                    {"model.layers.*.post_attention_layernorm.weight", {8}, 1},
                    {"model.layers.*.self_attn.q_proj.weight", {8, 8}, 1},
                    {"model.layers.*.self_attn.k_proj.weight", {4, 8}, 1},
                    {"model.layers.*.self_attn.v_proj.weight", {4, 8}, 1},
                    {"model.layers.*.self_attn.o_proj.weight", {8, 8}, 1},
                    {moe + "gate.weight", {2, 8}, 1},
                    {moe + "experts.*.w1.weight", {6, 8}, 2},
                    {moe + "experts.*.w2.weight", {8, 6}, 2},
                    {moe + "experts.*.w3.weight", {6, 8}, 2}};
  const json none = json::array();
  const auto fails = [](const Finished& ran, const std::string& said) {
    CHECK(ran.code == 1);
    CHECK_THAT(ran.out, ContainsSubstring("\n" + said));
  };
  const Finished right = checked(row, none);
  INFO(right.out);
  CHECK(right.code == 0);
  json wrong = row;
  wrong["total"] = 681;
  fails(checked(wrong, none), "wrong    small (mixtral): 680, truth 681 (-1)");
  wrong = row;
  wrong["buffers"] = 1;
  fails(checked(wrong, none), "buffers  small (mixtral): 0, truth 1");
  wrong = row;
  wrong["tensors"][3][0] = "model.layers.*.input_norm.weight";
  fails(checked(wrong, none), "listing  small (mixtral): lacks model.layers.*.input_norm.weight 8");
  wrong = row;
  wrong["tensors"][11][1] = {6, 8};
  fails(checked(wrong, none), "listing  small (mixtral): lacks " + moe + "experts.*.w2.weight 6 8");
  wrong = row;
  wrong["config"]["model_type"] = "unheard_of";
  CHECK_THAT(checked(wrong, none).out, ContainsSubstring("unheard_of"));
  // A known difference excuses itself alone, and has to be there.
  const json known =
      json::parse(R"([{"model": "small", "why": "renamed", "spelling": [["input_norm#.", "input_layernorm."]]}])");
  fails(checked(row, known), "listing  small (mixtral): a known difference that no longer occurs");
  json renamed = row;
  renamed["tensors"][3][0] = "model.layers.*.input_norm7.weight";
  CHECK(checked(renamed, known).code == 0);
  renamed["tensors"][9][1] = {8, 2};
  fails(checked(renamed, known), "listing  small (mixtral): lacks " + moe + "gate.weight 8 2, which is not the known");
  json elsewhere = known;
  elsewhere[0]["model"] = "large";
  fails(checked(row, elsewhere), "known    large: no row of that name");
}

}  // namespace
}  // namespace paramcount
