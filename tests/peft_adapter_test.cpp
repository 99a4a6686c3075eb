// Adapters as PEFT writes them, against what PEFT's own runs say of them.
#include <fstream>

#include "catch.hpp"
#include "process.hpp"
#include "test_folder.hpp"

namespace paramcount {
namespace {

void write(const std::string& path, const std::string& text) { std::ofstream(path) << text; }

/// A safetensors file of fp32 tensors, full of holes.
class Weights {
 public:
  void add(const std::string& name, const std::vector<std::uint64_t>& shape) {
    std::uint64_t elements = 1;
    std::string dims;
    for (const auto size : shape) {
      elements *= size;
      dims += (dims.empty() ? "" : ",") + std::to_string(size);
    }
    header_ += (header_.empty() ? "" : ",") + ("\"" + name) + R"(":{"dtype":"F32","shape":[)" + dims +
               R"(],"data_offsets":[)" + std::to_string(size_) + "," + std::to_string(size_ + 4 * elements) + "]}";
    size_ += 4 * elements;
  }
  void lora(const std::string& module, std::uint64_t in, std::uint64_t rank, std::uint64_t out) {
    add("base_model.model." + module + ".lora_A.weight", {rank, in});
    add("base_model.model." + module + ".lora_B.weight", {out, rank});
  }
  void write(const std::string& path) const {
    const std::string json = "{" + header_ + "}";
    std::string length(8, '\0');
    for (std::size_t i = 0; i < 8; ++i) length[i] = static_cast<char>(json.size() >> (8 * i) & 0xFF);
    std::ofstream(path, std::ios::binary) << length << json;
    std::filesystem::resize_file(path, 8 + json.size() + size_);
  }

 private:
  std::string header_;
  std::uint64_t size_{0};
};

std::string got(std::vector<std::string> words, const std::string& keys) {
  words.insert(words.end(), {"--get", keys});
  const Finished ran = run_words(words);
  INFO(ran.err);
  CHECK(ran.code == 0);
  return ran.out;
}

std::string refusal(const std::vector<std::string>& words) {
  const Finished ran = run_words(words);
  CHECK(ran.code == 1);
  CHECK(ran.out.empty());
  return ran.err;
}

bool has(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

std::string config_of(const std::string& base, const std::string& rest) {
  return R"({"base_model_name_or_path": ")" + base + R"(", )" + rest + "}";
}

TEST_CASE("a config alone is counted as PEFT counts what it trains") {
  // peft, method_comparison/MetaMathQA/results: peft_config and num_trainable_params of its runs on Llama 3.2 3B.
  struct Row {
    const char* name;
    const char* config;
    const char* trained;
  };
  const auto row = GENERATE(values<Row>({
      {"lora rank32", R"("peft_type": "LORA", "r": 32, "target_modules": ["v_proj", "q_proj"], "lora_alpha": 64,
                         "exclude_modules": null, "bias": "none", "rank_pattern": {}, "use_dora": false)",
       "9175040"},
      {"lora rank32-dora", R"("peft_type": "LORA", "r": 32, "target_modules": ["q_proj", "v_proj"], "use_dora": true)",
       "9289728"},
      {"lora rank64-rslora", R"("peft_type": "LORA", "r": 64, "target_modules": ["v_proj", "q_proj"],
                                "use_rslora": true)",
       "18350080"},
      {"lora rank10-target-mlp", R"("peft_type": "LORA", "r": 10,
                                    "target_modules": ["up_proj", "gate_proj", "down_proj"])",
       "9461760"},
      {"adalora rank32", R"("peft_type": "ADALORA", "r": 8, "init_r": 64, "target_modules": ["v_proj", "q_proj"],
                            "rank_pattern": {"model.layers.0.self_attn.q_proj.lora_E": [false, true]})",
       "18353664"},
      {"loha rank32", R"("peft_type": "LOHA", "r": 32, "alpha": 64, "target_modules": ["q_proj", "v_proj"])",
       "18350080"},
      {"vera default", R"("peft_type": "VERA", "r": 256, "target_modules": ["v_proj", "q_proj"])", "129024"},
      {"ia3 default", R"("peft_type": "IA3", "target_modules": ["down_proj", "v_proj", "k_proj"],
                         "feedforward_modules": ["down_proj"])",
       "286720"},
      {"ia3 all-attn", R"("peft_type": "IA3", "feedforward_modules": ["gate_proj", "up_proj", "down_proj"],
                          "target_modules": ["gate_proj", "o_proj", "q_proj", "k_proj", "v_proj", "down_proj",
                                             "up_proj"])",
       "630784"},
      {"prompt_tuning default", R"("peft_type": "PROMPT_TUNING", "num_virtual_tokens": 200, "token_dim": 3072,
                                   "num_transformer_submodules": 1, "num_layers": 28)",
       "614400"},
      {"prefixtuning lr_0.001", R"("peft_type": "PREFIX_TUNING", "num_virtual_tokens": 200, "token_dim": 1024,
                                   "num_layers": 28, "encoder_hidden_size": 3072, "prefix_projection": false)",
       "11468800"},
  }));
  INFO(row.name);
  const TestFolder folder;
  write(folder / "adapter_config.json", config_of("meta-llama/Llama-3.2-3B", row.config));
  CHECK(got({folder / "adapter_config.json"}, "adapter.parameters") == std::string(row.trained) + "\n");
  CHECK(got({folder.path()}, "params.total") == std::string(row.trained) + "\n");
}

TEST_CASE("what a LoraConfig picks out by layer, pattern and rank is counted so") {
  // Llama 3.2 3B: 28 layers, q_proj 3072 to 3072, v_proj 3072 to 1024: 6144 and 4096 by rank.
  struct Row {
    const char* config;
    std::uint64_t trained;
  };
  const auto row = GENERATE(values<Row>({
      {R"("target_modules": ["q_proj"], "layers_to_transform": [0, 5, 27])", 3U * 8 * 6144},
      {R"("target_modules": ["q_proj"], "layers_to_transform": 3, "layers_pattern": "layers")", 8U * 6144},
      {R"("target_modules": ["q_proj", "v_proj"], "exclude_modules": ["layers.0.self_attn.q_proj"])",
       8U * (27 * 6144 + 28 * 4096)},
      {R"("target_modules": ["q_proj", "v_proj"], "rank_pattern": {"v_proj": 4, "layers.[01].self_attn.q_proj": 1})",
       2U * 6144 + 26 * 8 * 6144 + 28 * 4 * 4096},
      // As Unsloth writes it for models with a vision tower.
      {R"x("target_modules": "(?:.*?(?:vision|image).*?)|)x"
       R"x((?:\\bmodel\\.layers\\.[\\d]{1,}\\.(?:self_attn)\\.(?:(?:q_proj|v_proj)))")x",
       28U * 8 * (6144 + 4096)},
      {R"("target_modules": "all-linear")", 28U * 8 * (2 * 6144 + 2 * 4096 + 3 * (3072 + 8192))},
      {R"("target_modules": ["q_proj"], "lora_bias": true)", 28U * (8 * 6144 + 3072)},
      {R"("target_modules": ["q_proj"], "trainable_token_indices": [0, 1, 2])", 28U * 8 * 6144 + 3 * 3072},
      {R"("target_modules": ["q_proj"], "modules_to_save": ["embed_tokens"])", 28U * 8 * 6144 + 128'256U * 3072},
  }));
  INFO(row.config);
  const TestFolder folder;
  const std::string path = folder / "adapter_config.json";
  write(path, config_of("meta-llama/Llama-3.2-3B", "\"peft_type\": \"LORA\", \"r\": 8, " + std::string(row.config)));
  CHECK(got({path}, "adapter.parameters") == std::to_string(row.trained) + "\n");
}

TEST_CASE("an adapter's weights say what it has, and its config is held against them") {
  const TestFolder folder;
  Weights weights;
  for (int layer = 0; layer < 28; ++layer) {
    const std::string at = "model.layers." + std::to_string(layer) + ".self_attn.";
    weights.lora(at + "q_proj", 3072, 8, 3072);
    weights.lora(at + "v_proj", 3072, 8, 1024);
  }
  weights.write(folder / "adapter_model.safetensors");
  CHECK(got({folder.path()}, "adapter.parameters,adapter.rank,adapter.base_model") == "2293760\n8\n\n");
  write(folder / "adapter_config.json",
        config_of("meta-llama/Llama-3.2-3B", R"("peft_type": "LORA", "r": 8, "target_modules": ["q_proj", "v_proj"])"));
  CHECK(got({folder.path()}, "adapter.parameters,adapter.by_config,adapter.base_model,adapter.with_base") ==
        "2293760\n2293760\nllama-3.2-3b\n3215043584\n");
  CHECK(got({folder / "adapter_model.safetensors"}, "adapter.by_config") == "2293760\n");
  const std::string page = run_words({folder.path()}).out;
  CHECK(has(page, "LoRA adapter"));
  CHECK(has(page, "% trainable"));
  for (const auto* word : {"KV cache  ", "vocabulary 1", "context", "training", "$"}) CHECK_FALSE(has(page, word));
  // A config of twice the rank is not that of these files.
  write(
      folder / "adapter_config.json",
      config_of("meta-llama/Llama-3.2-3B", R"("peft_type": "LORA", "r": 16, "target_modules": ["q_proj", "v_proj"])"));
  CHECK(has(run_words({folder.path()}).out,
            "by the config 4587520 parameters are trained on llama-3.2-3b, in the files"));
  CHECK(got({"llama-3.2-3b", folder.path(), "--sum"}, "params.total") == "3212749824\n2293760\n");
}

TEST_CASE("untrained tensors stored with an adapter are counted separately") {
  const TestFolder folder;
  Weights weights;
  weights.lora("model.layers.0.self_attn.q_proj", 64, 8, 32);
  weights.add("base_model.model.model.layers.0.self_attn.q_proj.lora_magnitude_vector", {32});
  // A resized vocabulary; the input table below its own adapter.
  weights.add("base_model.model.lm_head.weight", {100, 64});
  weights.add("base_model.model.model.embed_tokens.base_layer.weight", {100, 64});
  weights.add("base_model.model.model.embed_tokens.lora_embedding_A", {8, 100});
  weights.add("base_model.model.model.embed_tokens.lora_embedding_B", {64, 8});
  weights.write(folder / "adapter_model.safetensors");
  const std::string rest =
      R"("peft_type": "LORA", "r": 8, "use_dora": true, "target_modules": ["q_proj", "embed_tokens"])";
  write(folder / "adapter_config.json", config_of("someone/own", rest));
  CHECK(got({folder.path()}, "adapter.parameters,adapter.frozen,adapter.variants.0") ==
        std::to_string(8 * 96 + 32 + 8 * 164) + "\n12800\nDoRA\n");
  // Named, the head is trained in full.
  write(folder / "adapter_config.json", config_of("someone/own", rest + R"(, "modules_to_save": ["lm_head"])"));
  CHECK(got({folder.path()}, "adapter.parameters,adapter.in_full,adapter.modules_to_save.0") ==
        std::to_string(8 * 96 + 32 + 8 * 164 + 6400) + "\n6400\nlm_head\n");
}

TEST_CASE("fused experts have a rank each, however wide their factors are stored") {
  // gpt-oss-20b, layer 0: 32 experts of [2880, 5760] below the wrapper of [2880, 2880]. peft 0.18, lora.ParamWrapper.
  const TestFolder folder;
  Weights weights;
  weights.lora("model.layers.0.mlp.experts.base_layer", 5760, 8 * 32, 2880);
  weights.lora("model.layers.0.mlp.experts", 2880, 8 * 32, 2880);
  weights.write(folder / "adapter_model.safetensors");
  write(folder / "adapter_config.json",
        config_of("openai/gpt-oss-20b",
                  R"("peft_type": "LORA", "r": 8, "target_modules": null, "target_parameters":
                     ["0.mlp.experts.gate_up_proj", "0.mlp.experts.down_proj"])"));
  const std::string expected = std::to_string(32 * 8 * (2880 + 5760 + 2880 + 2880));
  CHECK(got({folder.path()}, "adapter.parameters,adapter.by_config,adapter.rank,adapter.by_target.0.modules") ==
        expected + "\n" + expected + "\n8\n64\n");
}

TEST_CASE("the base model of an adapter is found next to it, or named") {
  const TestFolder folder;
  std::filesystem::create_directory(folder / "own");
  std::filesystem::create_directory(folder / "adapter");
  write(folder / "own/config.json", R"({"model_type": "llama", "hidden_size": 64, "num_hidden_layers": 2,
    "num_attention_heads": 4, "intermediate_size": 128, "vocab_size": 100, "tie_word_embeddings": false})");
  write(folder / "adapter/adapter_config.json",
        config_of("/models/own", R"("peft_type": "LORA", "r": 4, "target_modules": ["q_proj"])"));
  CHECK(got({folder / "adapter"}, "adapter.parameters") == std::to_string(2 * 4 * 128) + "\n");
  write(folder / "adapter/adapter_config.json",
        config_of("someone/else", R"("peft_type": "LORA", "r": 4, "target_modules": ["q_proj"])"));
  CHECK(has(refusal({folder / "adapter"}), "depends on its base model someone/else"));
  CHECK(got({folder / "adapter", "--base", folder / "own"}, "adapter.parameters") ==
        std::to_string(2 * 4 * 128) + "\n");
}

TEST_CASE("an adapter whose size its config does not tell is refused without weights") {
  const TestFolder folder;
  const std::string path = folder / "adapter_config.json";
  const auto refused = [&](const std::string& rest) {
    write(path, config_of("meta-llama/Llama-3.2-3B", rest));
    return refusal({path});
  };
  CHECK(has(refused(R"("peft_type": "BOFT", "target_modules": ["q_proj"])"), "BOFT"));
  CHECK(has(refused(R"("peft_type": "LORA", "r": 8)"), "/target_modules: missing"));
  CHECK(has(refused(R"("peft_type": "LORA", "target_modules": ["qproj"])"), "qproj: nothing in the base model"));
  CHECK(has(refused(R"("peft_type": "LORA", "target_modules": ".*qproj")"), ".*qproj: nothing in the base model"));
  CHECK(has(refused(R"("peft_type": "LORA", "target_modules": "[unclosed")"), "regular expression"));
  CHECK(has(refused(R"("peft_type": "LORA", "target_modules": ["q_proj"], "layer_replication": [[0, 4], [2, 8]])"),
            "/layer_replication"));
  CHECK(has(refused(R"("r": 8)"), "/peft_type: missing"));
  CHECK(has(refusal({"train", path}), "adapter"));
  CHECK(has(refusal({"kv", path}), "adapter"));
  CHECK(has(refusal({"tensors", path}), "adapter"));
}

}  // namespace
}  // namespace paramcount
