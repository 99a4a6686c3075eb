// Dimensions that no model can have are refused with the key that they come from, whatever the family.
#include "count/dims.hpp"

#include "catalog/json.hpp"
#include "catch.hpp"
#include "checkpoint_helper.hpp"
#include "paramcount/base/error.hpp"
#include "paramcount/catalog/catalog.hpp"
#include "paramcount/count/expand.hpp"
#include "paramcount/report/render.hpp"
#include "process.hpp"
#include "read/hf_config.hpp"
#include "test_folder.hpp"

namespace paramcount {
namespace {

std::string said(const std::string& config) {
  const Catalog catalog;
  Expander expander(catalog.families(), {}, catalog.names());
  try {
    static_cast<void>(expander.expand(model_of_config(parse_json(config), "x", catalog)));
  } catch (const Error& error) {
    return error.what();
  }
  return "counted";
}

std::string with(const std::string& type, const std::string& member) {
  return said(R"({"model_type": ")" + type + R"(", )" + member + "}");
}

TEST_CASE("a zero dimension is refused, and names its key", "[dims]") {
  for (const std::string key : {"hidden_size", "vocab_size", "num_attention_heads", "num_key_value_heads",
                                "num_hidden_layers", "intermediate_size"}) {
    for (const std::string type : {"llama", "qwen2_moe", "gemma3_text", "granite"}) {
      if (type == "qwen2_moe" && key == "intermediate_size") continue;
      CAPTURE(type, key);
      CHECK_THAT(with(type, "\"" + key + "\": 0"), Catch::Matchers::StartsWith("/" + key + ": "));
      CHECK_THAT(with(type, "\"" + key + "\": -5"), ContainsSubstring(key));
      CHECK_THAT(with(type, "\"" + key + "\": 0.5"), ContainsSubstring(key));
      CHECK_THAT(with(type, "\"" + key + "\": \"many\""), ContainsSubstring(key));
    }
  }
  CHECK(with("llama", R"("hidden_size": 0)") == "/hidden_size: must be at least 1, got 0");
  CHECK(with("gpt2", R"("n_embd": 0)") == "/n_embd: must be at least 1, got 0");
  CHECK(with("gpt2", R"("n_layer": 0)") == "/n_layer: must be at least 1, got 0");
  CHECK(with("mamba", R"("state_size": 0)") == "/state_size: must be at least 1, got 0");
  CHECK_THAT(with("mixtral", R"("num_experts_per_tok": -1)"), Catch::Matchers::StartsWith("/num_experts_per_tok: "));
  CHECK_THAT(
      said(R"({"model_type": "gemma3", "vision_config": {"model_type": "siglip_vision_model", "hidden_size": 0}})"),
      Catch::Matchers::StartsWith("/vision_config/hidden_size: "));
}

TEST_CASE("what nothing is shaped by is checked as well", "[dims]") {
  for (const std::string value :
       {"\"long\"", "-5", "0", "1e30", "[2048]", "0.5", "true", "{}", "9e15", "1099511627777"}) {
    CAPTURE(value);
    CHECK_THAT(with("llama", R"("max_position_embeddings": )" + value),
               Catch::Matchers::StartsWith("/max_position_embeddings: expected a whole number from 1 to 2^40, got "));
  }
  CHECK(with("llama", R"("max_position_embeddings": 131072)") == "counted");
  CHECK_THAT(with("llama", R"("tie_word_embeddings": 3)"),
             Catch::Matchers::StartsWith("/tie_word_embeddings: expected true or false"));
  CHECK_THAT(with("deepseek_v3", R"("n_shared_experts": -1)"), Catch::Matchers::StartsWith("/n_shared_experts: "));
}

TEST_CASE("dimensions that a model may lack stay none", "[dims]") {
  CHECK(with("qwen2_moe", R"("num_experts": 0)") == "counted");
  CHECK(with("qwen2_moe", R"("sliding_window": 0)") == "counted");
  CHECK(with("qwen2", R"("sliding_window": null)") == "counted");
  CHECK(with("deepseek_v3", R"("n_shared_experts": 0)") == "counted");
  CHECK(with("deepseek_v3", R"("n_shared_experts": null)") == "counted");
  CHECK(with("deepseek_v3", R"("num_nextn_predict_layers": 0)") == "counted");
  CHECK(with("qwen2_moe", R"("intermediate_size": 0)") == "counted");  // all of its layers have experts
}

TEST_CASE("lists that a config of a few bytes asks for are bounded", "[dims]") {
  const TestFolder folder;
  write_bytes(folder / "config.json", R"({"model_type": "llama", "num_hidden_layers": 200000})");
  const Finished all = run_words({"tensors", folder / "config.json", "--all"});
  CHECK(all.code == 1);
  CHECK_THAT(all.err, ContainsSubstring("more than 250,000 tensors; leave out --all"));
  const Finished quantised = run_words({folder / "config.json", "--dtype", "q4_k_m"});
  CHECK(quantised.code == 1);
  CHECK_THAT(quantised.err, ContainsSubstring("more than 1,000,000 tensors"));
  CHECK(run_words({"tensors", folder / "config.json"}).code == 0);
}

TEST_CASE("experts that no file counts are unknown, not none", "[dims]") {
  const TestFolder folder;
  std::vector<NewTensor> tensors{{"model.embed_tokens.weight", "BF16", {100, 8}},
                                 {"model.layers.0.block_sparse_moe.gate.weight", "BF16", {4, 8}}};
  for (const std::string expert : {"0", "1", "2", "3"}) {
    for (const std::string name : {"w1", "w2", "w3"}) {
      tensors.push_back({"model.layers.0.block_sparse_moe.experts." + expert + "." + name + ".weight", "BF16", {8, 8}});
    }
  }
  write_checkpoint(folder / "model.safetensors", tensors);
  const Finished page = run_words({folder / "model.safetensors"});
  CHECK(page.code == 0);
  CHECK_THAT(page.out, ContainsSubstring("– experts · – per token"));
  CHECK(run_words({folder / "model.safetensors", "--get", "dims.n_experts"}).code == 2);
}

TEST_CASE("a table of no rows still says whose it is", "[dims]") {
  Report report;
  Row& model = report.models.emplace_back(Row::group(""));
  model.add(Row::leaf("id", "id", "nothing"));
  model.add(Row::list("steps"));
  report.records = "steps";
  CHECK(find_format("csv")->render(report, {}) == "id\r\nnothing\r\n");
  CHECK(find_format("tsv")->render(report, {}) == "id\nnothing\n");
}

}  // namespace
}  // namespace paramcount
