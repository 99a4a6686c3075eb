// Configs of other tools against the same models' own: the totals of the catalog, which tests/truth/catalog.tsv holds
// against counts by others. Dimensions are those that the tools publish; where, each test says.
#include <algorithm>
#include <array>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "catalog/json.hpp"
#include "catch.hpp"
#include "nemo_helper.hpp"
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

std::uint64_t total_of(const json& config) {
  const Catalog catalog;
  Expander expander(catalog.families());
  return count_params(expander.expand(model_of_config(parse_json(config.dump()), "it", catalog))).total.value;
}

std::uint64_t total_of_model(const std::string& id) {
  const Catalog catalog;
  Expander expander(catalog.families());
  return count_params(expander.expand(catalog.model(id))).total.value;
}

json with(json config, const json& changes) {
  if (!changes.is_null()) config.merge_patch(changes);  // {} is null
  return config;
}

std::string refusal_of(const json& config) {
  try {
    return "counted " + std::to_string(total_of(config));
  } catch (const Error& error) {
    return error.what();
  }
}

// mistralai's params.json; the towers as transformers' tests of the same files have them (mistral3_params).
const json kMistral7B{{"dim", 4096},   {"n_layers", 32},  {"head_dim", 128},   {"hidden_dim", 14336},
                      {"n_heads", 32}, {"n_kv_heads", 8}, {"norm_eps", 1e-05}, {"vocab_size", 32000}};
const json kTower{{"hidden_size", 1024},
                  {"num_hidden_layers", 24},
                  {"num_attention_heads", 16},
                  {"patch_size", 14},
                  {"image_size", 1540},
                  {"intermediate_size", 4096},
                  {"num_channels", 3},
                  {"max_image_size", 1540},
                  {"rope_theta", 10000.0},
                  {"mm_projector_id", "patch_merge"},
                  {"add_pre_mm_projector_layer_norm", true},
                  {"adapter_bias", false},
                  {"spatial_merge_size", 2},
                  {"image_token_id", 10},
                  {"image_break_token_id", 12},
                  {"image_end_token_id", 13}};

TEST_CASE("Mistral's params.json counts what the model's config.json does", "[foreign_config]") {
  CHECK(total_of(kMistral7B) == total_of_model("mistral-7b"));
  CHECK(total_of(with(kMistral7B, {{"sliding_window", 4096}})) == total_of_model("mistral-7b"));
  CHECK(total_of(with(kMistral7B, {{"moe", {{"num_experts", 8}, {"num_experts_per_tok", 2}}}})) ==
        total_of_model("mixtral-8x7b"));
  const json nemo = with(kMistral7B, {{"dim", 5120}, {"n_layers", 40}, {"vocab_size", 131072}});
  CHECK(total_of(nemo) == total_of_model("mistral-nemo-12b"));
  const json small = with(nemo, {{"hidden_dim", 32768}});
  CHECK(total_of(small) == total_of_model("mistral-small-24b"));
  CHECK(total_of(with(small, {{"vision_encoder", kTower}})) == total_of_model("mistral-small-3.1-24b"));
  // Pixtral 12B: Nemo, a tower with patches of 16, and two matrices with biases between them.
  json tower = kTower;
  for (const char* key : {"mm_projector_id", "add_pre_mm_projector_layer_norm", "adapter_bias", "spatial_merge_size"}) {
    tower.erase(key);
  }
  const json pixtral = with(nemo, {{"vision_encoder", with(tower, {{"patch_size", 16}})}});
  const json as_llava{{"model_type", "llava"},
                      {"text_config",
                       {{"model_type", "mistral"},
                        {"hidden_size", 5120},
                        {"num_hidden_layers", 40},
                        {"num_attention_heads", 32},
                        {"num_key_value_heads", 8},
                        {"head_dim", 128},
                        {"intermediate_size", 14336},
                        {"vocab_size", 131072}}},
                      {"vision_config",
                       {{"model_type", "pixtral"},
                        {"hidden_size", 1024},
                        {"intermediate_size", 4096},
                        {"num_hidden_layers", 24},
                        {"num_attention_heads", 16},
                        {"patch_size", 16}}}};
  CHECK(total_of(pixtral) == total_of(as_llava));
  CHECK(total_of(pixtral) - total_of(nemo) == 434'957'312);
  CHECK_THAT(refusal_of(with(small, {{"vision_encoder", with(kTower, {{"second_tower", 2}})}})),
             ContainsSubstring("keys that are not known"));
  CHECK_THAT(refusal_of(with(small, {{"multimodal", {{"whisper_model_args", {{"encoder_args", {{"dim", 1280}}}}}}}})),
             ContainsSubstring("an audio model"));
}

TEST_CASE("a params.json of Mistral with latent attention is that of Mistral 4", "[foreign_config]") {
  // transformers' tests of Mistral's own format (MISTRAL4_PARAMS); the class's count for the same dimensions.
  const json params{{"dim", 4096},
                    {"n_layers", 36},
                    {"head_dim", 128},
                    {"hidden_dim", 12288},
                    {"n_heads", 32},
                    {"n_kv_heads", 32},
                    {"vocab_size", 131072},
                    {"q_lora_rank", 1024},
                    {"kv_lora_rank", 256},
                    {"qk_nope_head_dim", 64},
                    {"qk_rope_head_dim", 64},
                    {"v_head_dim", 128},
                    {"moe",
                     {{"num_experts", 128},
                      {"num_experts_per_tok", 4},
                      {"expert_hidden_dim", 2048},
                      {"first_k_dense_replace", 0},
                      {"num_shared_experts", 1},
                      {"routed_scale", 1.0}}}};
  CHECK(total_of(params) == total_of({{"model_type", "mistral4"}}));
  CHECK_THAT(refusal_of(with(params, {{"moe", {{"expert_hidden_dim", nullptr}}}})),
             Catch::Matchers::StartsWith("/moe/expert_hidden_dim: missing"));
}

TEST_CASE("Meta's params.json counts what the model's config.json does", "[foreign_config]") {
  // meta-llama/llama-models: models/sku_list.py (arch_args); llama.cpp's convert.py quotes Llama 2's files.
  const json llama3{{"dim", 4096},
                    {"n_layers", 32},
                    {"n_heads", 32},
                    {"n_kv_heads", 8},
                    {"norm_eps", 1e-5},
                    {"vocab_size", 128256},
                    {"ffn_dim_multiplier", 1.3},
                    {"multiple_of", 1024}};
  CHECK(total_of(llama3) == total_of_model("llama-3.1-8b"));
  const json large = with(llama3, {{"dim", 8192}, {"n_layers", 80}, {"n_heads", 64}, {"multiple_of", 4096}});
  CHECK(total_of(large) == total_of_model("llama-3.1-70b"));
  CHECK(total_of(with(large, {{"dim", 16384}, {"n_layers", 126}, {"n_heads", 128}, {"ffn_dim_multiplier", 1.2}})) ==
        total_of_model("llama-3.1-405b"));
  CHECK(total_of(with(llama3, {{"dim", 2048},
                               {"n_layers", 16},
                               {"ffn_dim_multiplier", 1.5},
                               {"multiple_of", 256},
                               {"use_scaled_rope", true}})) == total_of_model("llama-3.2-1b"));
  const json llama2{{"dim", 4096}, {"multiple_of", 256}, {"n_heads", 32}, {"n_layers", 32}, {"norm_eps", 1e-05}};
  CHECK(total_of(with(llama2, {{"vocab_size", 32000}})) == total_of_model("llama-2-7b"));
  CHECK_THAT(refusal_of(with(llama2, {{"vocab_size", -1}})), ContainsSubstring("vocab_size: not stated"));
  CHECK_THAT(refusal_of(with(llama3, {{"moe_args", {{"num_experts", 16}}}})), ContainsSubstring("Llama 4"));
  CHECK_THAT(refusal_of(with(llama3, {{"vision_num_cross_attention_layers", 8}})),
             ContainsSubstring("Llama 3.2 Vision"));
}

// PretrainedConfig.to_dict of TensorRT-LLM.
json trtllm(const std::string& architecture, const json& changes) {
  return with({{"architecture", architecture},
               {"dtype", "bfloat16"},
               {"logits_dtype", "float32"},
               {"vocab_size", 128256},
               {"max_position_embeddings", 8192},
               {"hidden_size", 4096},
               {"num_hidden_layers", 32},
               {"num_attention_heads", 32},
               {"num_key_value_heads", 8},
               {"head_size", 128},
               {"intermediate_size", 14336},
               {"norm_epsilon", 1e-05},
               {"position_embedding_type", "rope_gpt_neox"},
               {"use_parallel_embedding", false},
               {"embedding_sharding_dim", 0},
               {"share_embedding_table", false},
               {"mapping", {{"world_size", 1}, {"tp_size", 1}, {"pp_size", 1}}},
               {"quantization", {{"quant_algo", nullptr}, {"kv_cache_quant_algo", nullptr}}},
               {"moe", {{"num_experts", 0}, {"top_k", 0}, {"normalization_mode", 1}}}},
              changes);
}

TEST_CASE("a TensorRT-LLM config counts what the model's config.json does", "[foreign_config]") {
  CHECK(total_of(trtllm("LlamaForCausalLM", {})) == total_of_model("llama-3.1-8b"));
  CHECK(total_of(trtllm("MixtralForCausalLM", {{"vocab_size", 32000}, {"moe", {{"num_experts", 8}, {"top_k", 2}}}})) ==
        total_of_model("mixtral-8x7b"));
  CHECK(total_of(trtllm("LlamaForCausalLM",
                        {{"vocab_size", 32000}, {"moe", nullptr}, {"moe_num_experts", 8}, {"moe_top_k", 2}})) ==
        total_of_model("mixtral-8x7b"));
  const json qwen25{{"qwen_type", "qwen2"},       {"attn_bias", true},       {"hidden_size", 3584},
                    {"intermediate_size", 18944}, {"num_hidden_layers", 28}, {"num_attention_heads", 28},
                    {"num_key_value_heads", 4},   {"vocab_size", 152064}};
  CHECK(total_of(trtllm("Qwen2ForCausalLM", qwen25)) == total_of_model("qwen2.5-7b"));
  const json qwen3{{"qwen_type", "qwen3"},       {"attn_bias", false},      {"hidden_size", 4096},
                   {"intermediate_size", 12288}, {"num_hidden_layers", 36}, {"vocab_size", 151936}};
  CHECK(total_of(trtllm("Qwen3ForCausalLM", qwen3)) == total_of_model("qwen3-8b"));
  const json qwen3_moe{{"qwen_type", "qwen3_moe"},     {"attn_bias", false},
                       {"hidden_size", 2048},          {"intermediate_size", 6144},
                       {"moe_intermediate_size", 768}, {"moe_shared_expert_intermediate_size", 0},
                       {"num_hidden_layers", 48},      {"num_key_value_heads", 4},
                       {"vocab_size", 151936},         {"moe", {{"num_experts", 128}, {"top_k", 8}}}};
  CHECK(total_of(trtllm("Qwen3MoeForCausalLM", qwen3_moe)) == total_of_model("qwen3-30b-a3b"));
  const json gpt2{{"position_embedding_type", "learned_absolute"},
                  {"bias", true},
                  {"vocab_size", 50257},
                  {"max_position_embeddings", 1024},
                  {"hidden_size", 768},
                  {"intermediate_size", 3072},
                  {"num_hidden_layers", 12},
                  {"num_attention_heads", 12},
                  {"num_key_value_heads", 12},
                  {"head_size", 64}};
  CHECK(total_of(trtllm("GPT2LMHeadModel", gpt2)) == total_of_model("gpt-2"));
  CHECK(total_of(trtllm("GPTForCausalLM", gpt2)) == total_of_model("gpt-2"));
  const json neox{{"vocab_size", 50432},      {"hidden_size", 6144},     {"intermediate_size", 24576},
                  {"head_size", 96},          {"num_hidden_layers", 44}, {"num_attention_heads", 64},
                  {"num_key_value_heads", 64}};
  CHECK(total_of(trtllm("GPTNeoXForCausalLM", neox)) == total_of_model("gpt-neox-20b"));
  const json gemma{{"vocab_size", 256000},     {"hidden_size", 3072},     {"intermediate_size", 24576},
                   {"head_size", 256},         {"num_hidden_layers", 28}, {"num_attention_heads", 16},
                   {"num_key_value_heads", 16}};
  CHECK(total_of(trtllm("GemmaForCausalLM", gemma)) == total_of_model("gemma-7b"));
  const json falcon{{"vocab_size", 65024}, {"hidden_size", 4544},        {"intermediate_size", 18176},
                    {"head_size", 64},     {"num_attention_heads", 71},  {"num_key_value_heads", 1},
                    {"bias", false},       {"parallel_attention", true}, {"new_decoder_architecture", false}};
  CHECK(total_of(trtllm("FalconForCausalLM", falcon)) == total_of_model("falcon-7b"));
  json narrow_falcon = falcon;
  narrow_falcon["intermediate_size"] = 9088;
  CHECK(total_of(trtllm("FalconForCausalLM", narrow_falcon)) ==
        total_of_model("falcon-7b") - std::uint64_t{32} * 2 * 4544 * 9088);
  const json opt{{"vocab_size", 50272},        {"max_position_embeddings", 2048}, {"hidden_size", 4096},
                 {"intermediate_size", 16384}, {"num_key_value_heads", 32},       {"do_layer_norm_before", true}};
  CHECK(total_of(trtllm("OPTForCausalLM", opt)) == total_of_model("opt-6.7b"));
  const json bloom{{"vocab_size", 250880},      {"hidden_size", 14336},    {"intermediate_size", 57344},
                   {"head_size", 128},          {"num_hidden_layers", 70}, {"num_attention_heads", 112},
                   {"num_key_value_heads", 112}};
  CHECK(total_of(trtllm("BloomForCausalLM", bloom)) == total_of_model("bloom-176b"));
  // The config of an engine holds that of its checkpoint.
  CHECK(total_of({{"version", "0.12.0"},
                  {"pretrained_config", trtllm("LlamaForCausalLM", {})},
                  {"build_config", {{"max_input_len", 1024}}}}) == total_of_model("llama-3.1-8b"));
  // The parts of each device are next to the config.
  const TestFolder folder;
  std::ofstream(folder / "config.json") << trtllm("LlamaForCausalLM", {}).dump();
  for (const char* name : {"rank0.safetensors", "rank1.safetensors"}) {
    std::ofstream(folder / name, std::ios::binary) << std::string("\x02\0\0\0\0\0\0\0{}", 10);
  }
  CHECK(run_words({folder.path(), "--get", "params.total"}).out == "8030261248\n");
  CHECK_THAT(refusal_of(trtllm("LlamaForCausalLM", {{"qk_layernorm", true}})), ContainsSubstring("/qk_layernorm"));
  CHECK_THAT(refusal_of(trtllm("LlamaForCausalLM", {{"intermediate_size", nullptr}})),
             Catch::Matchers::StartsWith("/intermediate_size: missing"));
  CHECK_THAT(refusal_of(trtllm("MLLaMAForCausalLM", {})), ContainsSubstring("/architecture: a TensorRT-LLM config"));
}

// TransformerConfig of Megatron Core, and Megatron-LM's names for the same.
const json kMegatronLlama{{"num_layers", 32},
                          {"hidden_size", 4096},
                          {"num_attention_heads", 32},
                          {"num_query_groups", 8},
                          {"ffn_hidden_size", 14336},
                          {"gated_linear_unit", true},
                          {"add_bias_linear", false},
                          {"normalization", "RMSNorm"},
                          {"position_embedding_type", "rope"},
                          {"share_embeddings_and_output_weights", false},
                          {"vocab_size", 128256}};

TEST_CASE("Megatron's arguments count what the converted model's config.json does", "[foreign_config]") {
  CHECK(total_of(kMegatronLlama) == total_of_model("llama-3.1-8b"));
  const json arguments{{"num_layers", 32},
                       {"hidden_size", 4096},
                       {"num_attention_heads", 32},
                       {"group_query_attention", true},
                       {"num_query_groups", 8},
                       {"ffn_hidden_size", 14336},
                       {"swiglu", true},
                       {"add_bias_linear", false},
                       {"normalization", "RMSNorm"},
                       {"use_rotary_position_embeddings", true},
                       {"untie_embeddings_and_output_weights", true},
                       {"padded_vocab_size", 32000}};
  CHECK(total_of(arguments) == total_of_model("mistral-7b"));
  // Without the flag, one query group is Megatron's default for no groups at all.
  CHECK(total_of(
            with(arguments, {{"group_query_attention", false}, {"num_query_groups", 1}, {"ffn_hidden_size", 11008}})) ==
        total_of_model("llama-2-7b"));
  CHECK(total_of(with(arguments, {{"num_experts", 8}, {"moe_router_topk", 2}})) == total_of_model("mixtral-8x7b"));
  // examples of Megatron-LM: GPT with learned positions, biases and a tied head, all by default.
  CHECK(total_of({{"num_layers", 12},
                  {"hidden_size", 768},
                  {"num_attention_heads", 12},
                  {"max_position_embeddings", 1024},
                  {"vocab_size", 50257}}) == total_of_model("gpt-2"));
  CHECK(total_of(with(kMegatronLlama, {{"num_layers", 28},
                                       {"hidden_size", 3584},
                                       {"num_attention_heads", 28},
                                       {"num_query_groups", 4},
                                       {"ffn_hidden_size", 18944},
                                       {"add_qkv_bias", true},
                                       {"vocab_size", 152064}})) == total_of_model("qwen2.5-7b"));
  CHECK(total_of(with(kMegatronLlama, {{"num_layers", 48},
                                       {"hidden_size", 2048},
                                       {"num_attention_heads", 32},
                                       {"num_query_groups", 4},
                                       {"kv_channels", 128},
                                       {"qk_layernorm", true},
                                       {"num_moe_experts", 128},
                                       {"moe_ffn_hidden_size", 768},
                                       {"moe_router_topk", 8},
                                       {"vocab_size", 151936}})) == total_of_model("qwen3-30b-a3b"));
  json layers = json::array({0, 0, 0});
  for (int i = 3; i < 61; ++i) layers.push_back(1);
  const json deepseek =
      with(kMegatronLlama,
           {{"num_layers", 61},         {"hidden_size", 7168},         {"num_attention_heads", 128},
            {"num_query_groups", 128},  {"ffn_hidden_size", 18432},    {"multi_latent_attention", true},
            {"qk_layernorm", true},     {"q_lora_rank", 1536},         {"kv_lora_rank", 512},
            {"qk_head_dim", 128},       {"qk_pos_emb_head_dim", 64},   {"v_head_dim", 128},
            {"num_moe_experts", 256},   {"moe_ffn_hidden_size", 2048}, {"moe_shared_expert_intermediate_size", 2048},
            {"moe_layer_freq", layers}, {"moe_router_topk", 8},        {"moe_router_enable_expert_bias", true},
            {"mtp_num_layers", 1},      {"vocab_size", 129280}});
  CHECK(total_of(deepseek) == total_of_model("deepseek-v3"));
  CHECK_THAT(refusal_of(with(deepseek, {{"moe_layer_freq", "([0]*3+[1]*58)"}})), ContainsSubstring("moe_layer_freq"));
  CHECK_THAT(refusal_of(with(kMegatronLlama, {{"vocab_size", nullptr}})), ContainsSubstring("vocab_size: not stated"));
  CHECK_THAT(refusal_of(with(kMegatronLlama, {{"hybrid_override_pattern", "M-M*"}})),
             ContainsSubstring("Mamba layers"));
  CHECK_THAT(refusal_of(with(kMegatronLlama, {{"normalization", "WhateverNorm"}})), ContainsSubstring("normalization"));
}

TEST_CASE("NeMo's configs are read from YAML, from folders and from .nemo archives", "[foreign_config]") {
  const TestFolder folder;
  std::ofstream(folder / "model_config.yaml") << kNemoYaml;
  std::ofstream(folder / "llama.nemo") << tar_of("./tokenizer.model", "x") << tar_of("./model_config.yaml", kNemoYaml)
                                       << std::string(1024, '\0');
  const std::string total = std::to_string(total_of_model("llama-2-7b")) + "\n";
  for (const std::string& path : {folder.path(), folder / "model_config.yaml", folder / "llama.nemo"}) {
    CAPTURE(path);
    const auto ran = run_shell("paramcount " + path + " --get params.total");
    CHECK(ran.err.empty());
    CHECK(ran.out == total);
  }
  CHECK(json::parse(run_shell("paramcount " + (folder / "llama.nemo") + " --format json").out)["models"][0]["unread"]
            .empty());
  // Where the config does not tell the vocabulary, the tokenizer in the archive does.
  std::string untold = kNemoYaml;
  untold.erase(untold.find("override_vocab_size"), std::string("override_vocab_size: 32000\n").size());
  std::string pieces;
  for (int i = 0; i < 32000; ++i) pieces += std::string("\x0a\x03\x0a\x01x", 5);  // SentencePiece: field 1, a piece
  std::ofstream(folder / "untold.nemo") << tar_of("./model_config.yaml", untold) << tar_of("tokenizer.model", pieces);
  CHECK(run_shell("paramcount " + (folder / "untold.nemo") + " --get params.total").out == total);
  std::ofstream(folder / "none.nemo") << tar_of("./model_config.yaml", untold) << tar_of("other.model", pieces);
  CHECK_THAT(run_shell("paramcount " + (folder / "none.nemo")).err, ContainsSubstring("tokenizer.model"));
  // NeMo 2: context/model.yaml, the dimensions under "config" (tests/lightning/_io/artifacts/model.yaml).
  const json nemo2{
      {"_target_", "nemo.collections.llm.gpt.model.llama.LlamaModel"},
      {"config", with(kMegatronLlama, {{"_target_", "nemo.collections.llm.gpt.model.llama.Llama31Config8B"}})},
      {"optim", {{"lr", 1e-4}}}};
  CHECK(total_of(nemo2) == total_of_model("llama-3.1-8b"));
  CHECK_THAT(refusal_of(with(nemo2, {{"_target_", "nemo.collections.llm.gpt.model.gemma2.Gemma2Model"}})),
             ContainsSubstring("Gemma 2 and 3"));
  // Whole training configs hold the model's under "model".
  CHECK(total_of({{"trainer", {{"devices", 8}}}, {"model", kMegatronLlama}}) == total_of_model("llama-3.1-8b"));
}

}  // namespace
}  // namespace paramcount
