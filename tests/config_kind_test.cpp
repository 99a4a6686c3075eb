// Configs that model_type alone does not name: draft models and other tools' configs, counted or refused by name.
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>

#include "catalog/json.hpp"
#include "catch.hpp"
#include "paramcount/base/error.hpp"
#include "paramcount/catalog/catalog.hpp"
#include "paramcount/count/expand.hpp"
#include "paramcount/count/params.hpp"
#include "process.hpp"
#include "read/hf_config.hpp"
#include "test_folder.hpp"

namespace paramcount {
namespace {

using nlohmann::json;

Inventory inventory_of(const std::string& config) {
  const Catalog catalog;
  Expander expander(catalog.families());
  return expander.expand(model_of_config(parse_json(config), "it", catalog));
}

std::uint64_t total_of(const std::string& config) { return count_params(inventory_of(config)).total.value; }

std::string refusal_of(const std::string& config) {
  try {
    static_cast<void>(total_of(config));
  } catch (const Error& error) {
    return error.what();
  }
  return "counted";
}

/// The config with other members; null takes one out.
std::string with(const std::string& config, const json& changes) {
  json changed = json::parse(config);
  changed.merge_patch(changes);
  return changed.dump();
}

// The dimensions of NVIDIA/TensorRT-LLM#6158 and vllm-project/speculators#53.
const std::string kLlama31Layer = R"({"model_type": "llama", "hidden_size": 4096, "intermediate_size": 14336,
  "num_attention_heads": 32, "num_key_value_heads": 8, "num_hidden_layers": 1, "head_dim": 128, "vocab_size": 128256,
  "max_position_embeddings": 131072, "attention_bias": false})";
constexpr std::uint64_t kEagle3 = 424'689'664;
constexpr std::uint64_t kTable = 128'256 * 4'096;  // 525,336,576

TEST_CASE("a Llama config with a draft vocabulary is an EAGLE-3 head, in each of its spellings", "[config_kind]") {
  CHECK(total_of(with(kLlama31Layer, {{"draft_vocab_size", 32'000}})) == kEagle3);
  const std::string by_class =
      with(kLlama31Layer, {{"draft_vocab_size", 32'000}, {"architectures", {"LlamaForCausalLMEagle3"}}});
  CHECK(total_of(by_class) == kEagle3);
  // Without a draft vocabulary of its own, the head has the target's 128,256 rows.
  CHECK(total_of(with(by_class, {{"draft_vocab_size", nullptr}})) == kEagle3 + (128'256 - 32'000) * 4'096ULL);
  CHECK(total_of(R"({"model_type": "eagle", "architectures": ["Eagle3LlamaForCausalLM"], "model": )" +
                 with(kLlama31Layer, {{"draft_vocab_size", 32'000}}) + "}") == kEagle3);
  const Inventory inventory = inventory_of(by_class);
  CHECK(inventory.draft);
  CHECK(inventory.count("shared_with_target") == kTable);
  CHECK(count_params(inventory).buffers.value == 32'000 + 128'256);  // d2t and t2d
}

TEST_CASE("a speculators config takes its dimensions from the layer's, and counts the stored table apart",
          "[config_kind]") {
  const std::string config =
      R"({"speculators_model_type": "eagle3", "architectures": ["Eagle3Speculator"], "draft_vocab_size": 32000,
          "norm_before_residual": false, "transformer_layer_config": )" +
      kLlama31Layer +
      R"(, "speculators_config": {"algorithm": "eagle3", "verifier": {"name_or_path": "meta-llama/Meta-Llama-3.1-8B"}}})";
  CHECK(total_of(config) == kEagle3);
  CHECK(count_params(inventory_of(config)).buffers.value == kTable + 32'000 + 128'256);
  // Qwen3's layers have norms of queries and keys: two of 128.
  CHECK(total_of(with(config, {{"transformer_layer_config", {{"model_type", "qwen3"}}}})) == kEagle3 + 256);
  // Four of the target's layers in place of three, and a norm over them.
  CHECK(total_of(with(config, {{"eagle_aux_hidden_state_layer_ids", {2, 10, 18, 26}}})) == kEagle3 + 4'096 * 4'096);
  CHECK(total_of(with(config, {{"norm_before_fc", true}})) == kEagle3 + 3 * 4'096);
  CHECK_THAT(refusal_of(with(config, {{"speculators_model_type", "independent"}})),
             Catch::Matchers::StartsWith("/speculators_model_type: "));
  CHECK_THAT(refusal_of(with(config, {{"transformer_layer_config", {{"model_type", "mamba"}}}})),
             ContainsSubstring("layers like those of llama and qwen3"));
}

TEST_CASE("an EAGLE config reads the model within it", "[config_kind]") {
  const std::string config = R"({"model_type": "eagle", "model": {"architectures": ["LlamaForCausalLM"],
    "model_type": "llama", "hidden_size": 4096, "intermediate_size": 11008, "num_attention_heads": 32,
    "num_hidden_layers": 1, "num_key_value_heads": 32, "vocab_size": 32000, "eagle_fc_bias": true}})";
  // q, k, v, o 4·4096², gate, up, down 3·11008·4096, fc 2·4096² and its bias, one norm. SafeAILab/EAGLE: 0.24 B.
  CHECK(total_of(config) == 235'937'792);
  CHECK(total_of(with(config, {{"model", {{"eagle_fc_bias", false}}}})) == 235'937'792 - 4'096);
  CHECK(total_of(with(config, {{"vocab_size", 5}})) == 235'937'792);  // the table is the target's
  CHECK_THAT(refusal_of(with(config, {{"model", {{"model_type", "mamba"}}}})), ContainsSubstring("EAGLE head"));
  CHECK_THAT(refusal_of(R"({"model_type": "eagle", "model": 5})"),
             Catch::Matchers::StartsWith("/model: expected an object"));
}

TEST_CASE("Medusa heads stand alone or in the model's own config", "[config_kind]") {
  // FasterDecoding/Medusa's config repeats no dimension.
  const std::string heads =
      R"({"medusa_num_heads": 5, "medusa_num_layers": 1, "base_model_name_or_path": "lmsys/vicuna-7b-v1.3"})";
  CHECK_THAT(refusal_of(heads),
             Catch::Matchers::StartsWith("hidden_size and vocab_size are those of base_model_name_or_path"));
  const std::uint64_t head = 4'096 * 4'096 + 4'096 + 32'000 * 4'096;
  CHECK(total_of(with(heads, {{"hidden_size", 4'096}, {"vocab_size", 32'000}})) == 5 * head);
  // The whole of vicuna-7b (6,738,415,616) and its heads.
  CHECK(total_of(R"({"model_type": "llama", "architectures": ["LlamaForCausalLM"], "hidden_size": 4096,
    "intermediate_size": 11008, "num_attention_heads": 32, "num_hidden_layers": 32, "vocab_size": 32000,
    "medusa_num_heads": 5, "medusa_num_layers": 1})") == 6'738'415'616 + 5 * head);
}

TEST_CASE("a draft model has a cache and no training bill, and its page names whom it drafts for", "[config_kind]") {
  const TestFolder folder;
  std::ofstream(folder / "config.json")
      << R"({"speculators_model_type": "eagle3", "draft_vocab_size": 32000, "transformer_layer_config": )"
      << kLlama31Layer << R"(, "speculators_config": {"verifier": {"name_or_path": "meta-llama/Meta-Llama-3.1-8B"}}})";
  const std::string file = "paramcount " + folder.path();
  const auto page = run_shell(file);
  CHECK(page.code == 0);
  CHECK_THAT(page.out, !ContainsSubstring("Training"));
  CHECK_THAT(page.out, ContainsSubstring("draft: it proposes tokens that meta-llama/Meta-Llama-3.1-8B checks"));
  CHECK_THAT(page.out, ContainsSubstring("input embedding, 525336576 parameters, which are not counted here"));
  // One layer: 2 · 8 heads · 128 · 2 bytes a token.
  CHECK(run_shell(file + " --context 1000 --get memory.kv_cache.bytes").out == "4096000\n");
  CHECK(json::parse(run_shell(file + " --format json").out)["models"][0]["draft"] == true);
  CHECK_THAT(run_shell(file + " --tokens 1T").out, ContainsSubstring("Training"));
}

TEST_CASE("params.json of Meta and Mistral is read where there is no config.json", "[config_kind]") {
  const std::string meta =
      R"({"dim": 4096, "ffn_dim_multiplier": 1.3, "multiple_of": 1024, "n_heads": 32, "n_kv_heads": 8,
    "n_layers": 32, "norm_eps": 1e-05, "rope_theta": 500000.0, "vocab_size": 128256})";
  const TestFolder folder;
  std::ofstream(folder / "params.json") << meta;
  CHECK(run_shell("paramcount " + folder.path() + " --get params.total").out == "8030261248\n");
  CHECK_THAT(run_shell("paramcount scan " + folder.path()).out, ContainsSubstring("meta_params"));
  std::ofstream(folder / "config.json") << R"({"model_type": "gpt2"})";
  CHECK(run_shell("paramcount " + folder.path() + " --get params.total").out == "124439808\n");
  // The name is a common one: a file that no known tool wrote is not a model.
  const TestFolder other;
  std::ofstream(other / "params.json") << R"({"learning_rate": 0.1})";
  std::ofstream(other / "config.json") << R"({"model_type": "gpt2"})";
  std::filesystem::create_directory(other / "run");
  std::ofstream(other / "run/params.json") << R"({"learning_rate": 0.1})";
  CHECK(run_shell("paramcount scan " + other.path()).code == 0);

  CHECK_THAT(refusal_of(with(meta, {{"vocab_size", -1}})), Catch::Matchers::StartsWith("vocab_size: not stated"));
  const std::string mistral = R"({"dim": 4096, "n_layers": 32, "head_dim": 128, "hidden_dim": 14336, "n_heads": 32,
    "n_kv_heads": 8, "norm_eps": 1e-05, "vocab_size": 32000})";
  CHECK(total_of(mistral) == 7'241'732'096);
  CHECK_THAT(refusal_of(with(mistral, {{"vision_encoder", {{"hidden_size", 1024}}}})),
             Catch::Matchers::StartsWith("/vision_encoder/num_hidden_layers: missing"));
  CHECK_THAT(refusal_of(with(mistral, {{"qk_nope_head_dim", 128}})), Catch::Matchers::StartsWith("qk_nope_head_dim"));
}

TEST_CASE("other tools' configs are counted where they say enough, else refused by their tool's name",
          "[config_kind]") {
  const std::string trtllm = R"({"architecture": "LlamaForCausalLM", "dtype": "bfloat16", "num_hidden_layers": 32,
    "num_attention_heads": 32, "num_key_value_heads": 8, "hidden_size": 4096, "intermediate_size": 14336,
    "vocab_size": 128256, "head_size": 128, "quantization": {"quant_algo": "FP8"}, "mapping": {"world_size": 2}})";
  CHECK(total_of(trtllm) == 8'030'261'248);
  CHECK(total_of(R"({"version": "0.12", "pretrained_config": )" + trtllm + R"(, "build_config": {}})") ==
        8'030'261'248);
  CHECK_THAT(refusal_of(with(trtllm, {{"architecture", "GPTForCausalLM"}})),
             Catch::Matchers::StartsWith("/architecture: a TensorRT-LLM"));
  // MLC's config of a model: the dimensions are nested.
  CHECK(
      total_of(
          R"({"version": "0.1.0", "model_type": "llama", "quantization": "q4f16_1", "vocab_size": 128256, "model_config":
    {"hidden_size": 4096, "intermediate_size": 14336, "num_attention_heads": 32, "num_hidden_layers": 32,
     "num_key_value_heads": 8, "vocab_size": 128256}})") == 8'030'261'248);
  CHECK_THAT(refusal_of(R"({"num_layers": 32, "hidden_size": 4096, "ffn_hidden_size": 11008})"),
             ContainsSubstring("Megatron-LM or NeMo"));
  CHECK_THAT(refusal_of(R"({"num-layers": 44, "hidden-size": 6144})"), ContainsSubstring("GPT-NeoX library"));
  CHECK_THAT(refusal_of(R"({"n_vocab": 50257, "n_embd": 768, "n_layer": 12})"),
             ContainsSubstring("GPT-2's TensorFlow"));
  CHECK_THAT(refusal_of(R"({"model": {"type": "llama", "decoder": {"hidden_size": 4096}}})"),
             ContainsSubstring("ONNX Runtime"));
  CHECK_THAT(refusal_of(R"({"learning_rate": 1})"), Catch::Matchers::StartsWith("/model_type: missing"));
  // These keys are also those of a transformers model: its model_type decides.
  CHECK(total_of(R"({"model_type": "distilbert", "architectures": ["DistilBertModel"]})") == 66'362'880);
  const TestFolder folder;
  std::ofstream(folder / "model_config.yaml") << "num_layers: 32\n";
  const auto yaml = run_shell("paramcount " + (folder / "model_config.yaml"));
  CHECK(yaml.code == 1);
  CHECK_THAT(yaml.err, ContainsSubstring("model_config.yaml: YAML, but not a NeMo or Megatron config"));
}

}  // namespace
}  // namespace paramcount
