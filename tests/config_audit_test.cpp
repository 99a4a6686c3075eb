#include "count/config_audit.hpp"

#include <filesystem>
#include <fstream>

#include "catalog/json.hpp"
#include "catch.hpp"
#include "paramcount/base/error.hpp"
#include "paramcount/catalog/catalog.hpp"
#include "paramcount/count/expand.hpp"
#include "paramcount/count/params.hpp"
#include "read/hf_config.hpp"
#include "test_folder.hpp"

namespace paramcount {
namespace {

Inventory read(const std::string& config, const Catalog& catalog = Catalog(), bool strict = false) {
  Expander expander(catalog.families(), {}, catalog.names());
  expander.refuse_guesses(strict);
  return expander.expand(model_of_config(parse_json(config), "x", catalog));
}

std::string refusal(const std::string& config, const Catalog& catalog = Catalog(), bool strict = false) {
  try {
    static_cast<void>(read(config, catalog, strict));
  } catch (const Error& error) {
    return error.what();
  }
  return "no refusal";
}

std::vector<std::string> names(const Inventory& inventory) {
  std::vector<std::string> dims;
  for (const auto& [dim, key] : inventory.dims_default) dims.push_back(dim);
  return dims;
}

TEST_CASE("unread keys are named by their place") {
  const Inventory flat = read(R"({"model_type": "llama", "hidden_act": "silu", "num_experts": 8, "a/b": 1, "off": null,
                                  "none": [], "rope_scaling": {"rope_type": "llama3", "factor": 8.0, "odd": 1}})");
  CHECK(flat.unread == std::vector<std::string>{"/a~1b", "/num_experts", "/rope_scaling/odd"});
  const Inventory nested = read(R"({"model_type": "gemma3", "text_config": {"model_type": "gemma3_text", "x": 1},
                                    "vision_config": {"model_type": "siglip_vision_model", "y": {"z": 1}}})");
  CHECK(nested.unread == std::vector<std::string>{"/text_config/x", "/vision_config/y"});
}

TEST_CASE("keys that change the count are counted or refused") {
  // huggingface/transformers#1077: a checkpoint of bert-base with seven heads removed has 108,104,640 parameters.
  const std::string bert = R"("architectures": ["BertModel"], "model_type": "bert")";
  const std::string pruned = R"("pruned_heads": {"0": [0, 1, 2, 3, 4, 5], "3": [2]})";
  CHECK(count_params(read("{" + bert + "}")).total == Params{109'482'240});
  CHECK(count_params(read("{" + bert + "," + pruned + "}")).total == Params{108'104'640});
  CHECK(refusal(R"({"model_type": "albert",)" + pruned + "}") == "pruned_heads is not covered");
  CHECK(refusal(R"({"model_type": "gpt2",)" + pruned + "}") ==
        "/pruned_heads: attention heads pruned from individual layers; family gpt2 cannot count that");
  CHECK(refusal(R"({"model_type": "gpt2", "pruned_heads": {}})") == "no refusal");
  CHECK(refusal(R"({"model_type": "qwen2", "layer_inter_size": [4864, 2432]})") ==
        "/layer_inter_size: widths per layer after pruning; family qwen2 cannot count that");
  CHECK(refusal(R"({"model_type": "gpt2", "medusa_num_heads": 3})").starts_with("/medusa_num_heads: Medusa heads"));
  CHECK(refusal(R"({"model_type": "llama", "medusa_num_heads": 0})") == "no refusal");
}

TEST_CASE("a model with draft heads does not let a made-up class through") {
  const std::string config = R"({"model_type": "llama", "hidden_size": 4096, "intermediate_size": 14336,
      "num_attention_heads": 32, "num_key_value_heads": 8, "num_hidden_layers": 32, "vocab_size": 128256,
      "tie_word_embeddings": false, "medusa_num_heads": 3, "architectures": [")";
  CHECK(
      refusal(config + R"(LLaMAForMadeUp"]})").starts_with("/architectures/0: family medusa_llama does not describe"));
  // Three heads of a square matrix with bias and a table of the vocabulary (FasterDecoding/Medusa) beside
  // 8,030,261,248.
  const Params both{8'030'261'248 + 3 * (4096ULL * 4096 + 4096 + 128256ULL * 4096)};
  CHECK(count_params(read(config + R"(LlamaForCausalLM"]})")).total == both);
  CHECK(count_params(read(config + R"(LLaMAForMadeUp"]})", Catalog({}, "LlamaForCausalLM"))).total == both);
}

TEST_CASE("dimensions that a config leaves out are named") {
  CHECK(names(read(R"({"model_type": "llama", "num_hidden_layers": 2, "num_attention_heads": 32,
                       "intermediate_size": 8, "max_position_embeddings": 16})")) ==
        std::vector<std::string>{"d_model", "vocab_size"});
  // Dimensions that a class derives from other keys, or does not have, are not defaults.
  CHECK(names(read(R"({"model_type": "llama", "num_hidden_layers": 2, "num_attention_heads": 32, "hidden_size": 4096,
                       "intermediate_size": 8, "max_position_embeddings": 16, "vocab_size": 9})"))
            .empty());
  CHECK(names(read(R"({"model_type": "gemma3", "text_config": {"model_type": "gemma3_text", "hidden_size": 64}})"))
            .size() > 4);
}

TEST_CASE("strict refuses what rests on a guess") {
  const std::string whole = R"("model_type": "llama", "num_hidden_layers": 2, "num_attention_heads": 32,
      "hidden_size": 4096, "intermediate_size": 8, "max_position_embeddings": 16)";
  const Catalog catalog;
  CHECK(refusal("{" + whole + R"(, "vocab_size": 9})", catalog, true) == "no refusal");
  CHECK(refusal("{" + whole + "}", catalog, true) ==
        "/vocab_size: missing, vocab_size would be the class's default (--strict)");
  CHECK(refusal("{" + whole + R"(, "vocab_size": 9, "odd": 1})", catalog, true) == "/odd: not understood (--strict)");
}

/// The catalog with a family of two classes.
Catalog with_classes(const TestFolder& folder, const std::string& as = {}) {
  std::filesystem::create_directories(folder / "families");
  std::ofstream(folder / "families/two.json") << R"({"family": "two", "extends": "llama", "model_types": ["two"],
    "classes": ["TwoForCausalLM", "TwoModel"], "inert": ["odd"]})";
  return Catalog({folder.path()}, as);
}

TEST_CASE("a class that a family does not describe is refused unless it is read as one that it does") {
  const TestFolder folder;
  const std::string config = R"({"model_type": "two", "odd": 1, "num_hidden_layers": 1, "architectures": )";
  const Catalog catalog = with_classes(folder);
  CHECK(read(config + R"(["TwoModel"]})", catalog).unread.empty());
  CHECK(refusal(config + "[]}", catalog) == "no refusal");
  CHECK(refusal(config + "null}", catalog) == "no refusal");
  CHECK(count_params(read(config + R"("TwoModel"})", catalog)).of(RoleKind::head).total == Params{});
  CHECK(refusal(config + R"("Three"})", catalog).starts_with("/architectures/0: family two does not describe Three"));
  CHECK(refusal(config + R"(["TwoForCausalLn"]})", catalog) ==
        "/architectures/0: family two does not describe TwoForCausalLn; the nearest class that it does is "
        "TwoForCausalLM, and --as TwoForCausalLM counts it as that");
  const Catalog as = with_classes(folder, "TwoModel");
  const Inventory bare = read(config + R"(["TwoForPonies"]})", as);
  CHECK(bare.counted_as == "TwoModel; the config names TwoForPonies");
  CHECK(count_params(bare).of(RoleKind::head).total == Params{});
  // The class alone says which family it is.
  CHECK(read(R"({"hidden_size": 64, "num_hidden_layers": 1})", as).family == "two");
  CHECK(refusal("{}", with_classes(folder, "NoSuchClass")).starts_with("--as NoSuchClass: no family describes"));
}

}  // namespace
}  // namespace paramcount
