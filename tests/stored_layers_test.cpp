// Files that hold other layers than the config next to them says: pruned in depth, or merged. Dimensions, layers and KV
// cache are those of the files, and a note names both numbers. Totals are sums of Llama's shapes.
#include "catch.hpp"
#include "checkpoint_helper.hpp"
#include "process.hpp"

namespace paramcount {
namespace {

using Tensors = std::vector<NewTensor>;

std::string config(std::uint64_t layers, const std::string& more = "") {
  return R"({"model_type": "llama", "hidden_size": 64, "num_attention_heads": 4, "num_key_value_heads": 2,
             "intermediate_size": 128, "vocab_size": 100, "tie_word_embeddings": false, "num_hidden_layers": )" +
         std::to_string(layers) + more + "}";
}

constexpr std::uint64_t kLayer = 64 * (64 + 32 + 32 + 64) + 3 * 64 * 128 + 2 * 64;

Tensors llama(const std::vector<std::uint64_t>& layers, const std::string& prefix = "model.") {
  Tensors tensors{{prefix + "embed_tokens.weight", "BF16", {100, 64}},
                  {"lm_head.weight", "BF16", {100, 64}},
                  {prefix + "norm.weight", "BF16", {64}}};
  for (const auto layer : layers) {
    const std::string p = prefix + "layers." + std::to_string(layer) + ".";
    for (const auto& [name, shape] :
         std::vector<std::pair<std::string, std::vector<std::uint64_t>>>{{"self_attn.q_proj", {64, 64}},
                                                                         {"self_attn.k_proj", {32, 64}},
                                                                         {"self_attn.v_proj", {32, 64}},
                                                                         {"self_attn.o_proj", {64, 64}},
                                                                         {"mlp.gate_proj", {128, 64}},
                                                                         {"mlp.up_proj", {128, 64}},
                                                                         {"mlp.down_proj", {64, 128}},
                                                                         {"input_layernorm", {64}},
                                                                         {"post_attention_layernorm", {64}}}) {
      tensors.push_back({p + name + ".weight", "BF16", shape});
    }
  }
  return tensors;
}

std::vector<std::uint64_t> first(std::uint64_t count) {
  std::vector<std::uint64_t> numbers;
  for (std::uint64_t i = 0; i < count; ++i) numbers.push_back(i);
  return numbers;
}

struct Answer {
  std::string get;
  std::string page;
};

Answer answer(const Tensors& tensors, const std::string& config, const std::string& keys) {
  const TestFolder folder;
  write_checkpoint(folder / "model.safetensors", tensors);
  write_bytes(folder / "config.json", config);
  const auto got = run_shell("paramcount " + folder.path() + " --context 1000 --get " + keys);
  return {got.out + got.err, run_shell("paramcount " + folder.path()).out};
}

const std::string kKeys = "params.total,dims.n_layers,memory.kv_cache.bytes,checkpoint.missing,checkpoint.unexpected";

/// What kKeys get: two bytes of 2 × 16 for keys and as many for values, of each layer and token.
std::string expected(std::uint64_t layers, std::uint64_t missing = 0) {
  return std::to_string(2 * 6400 + 64 + layers * kLayer) + "\n" + std::to_string(layers) + "\n" +
         std::to_string(layers * 1000 * 2 * 2 * 32) + "\n" + std::to_string(missing) + "\n0\n";
}

TEST_CASE("a depth-pruned checkpoint has the layers of its files, whatever the config next to it says") {
  const auto pruned = answer(llama(first(28)), config(32), kKeys);
  CHECK(pruned.get == expected(28));
  CHECK_THAT(pruned.page, ContainsSubstring("28 layers"));
  CHECK_THAT(pruned.page, ContainsSubstring("config.json says 32, the files hold 28 (0–27)"));
  CHECK_THAT(pruned.page, !ContainsSubstring("unverified"));
  const auto both = answer(llama(first(28)), config(32), "checkpoint.layers.0.config,checkpoint.layers.0.files");
  CHECK(both.get == "32\n28\n");
}

TEST_CASE("a merge has the layers of its files, more than the config of its parent says") {
  const auto merged = answer(llama(first(48)), config(32), kKeys);
  CHECK(merged.get == expected(48));
  CHECK_THAT(merged.page, ContainsSubstring("48 layers"));
  CHECK_THAT(merged.page, ContainsSubstring("config.json says 32, the files hold 48 (0–47)"));
  // More than twice as many, and under a prefix of their own.
  CHECK(answer(llama(first(80)), config(32), kKeys).get == expected(80));
  CHECK(answer(llama(first(48), "base."), config(32), kKeys).get == expected(48));
}

TEST_CASE("layers cut out of the middle leave their numbers, and are not cached") {
  std::vector<std::uint64_t> kept = first(20);
  kept.insert(kept.end(), {28, 29, 30, 31});
  const auto cut = answer(llama(kept), config(32), kKeys);
  CHECK(cut.get == expected(24, 8 * 9));
  CHECK_THAT(cut.page, ContainsSubstring("config.json says 32, the files hold 24 (0–19, 28–31)"));
}

TEST_CASE("files with the layers that the config says have no note on layers") {
  const auto plain = answer(llama(first(8)), config(8), kKeys);
  CHECK(plain.get == expected(8));
  CHECK_THAT(plain.page, !ContainsSubstring(", the files hold"));
  // A tensor missing in the last layer is not a missing layer.
  Tensors tensors = llama(first(8));
  tensors.pop_back();
  CHECK_THAT(answer(tensors, config(8), kKeys).page, !ContainsSubstring(", the files hold"));
}

TEST_CASE("a list with an entry for each layer does not stand in the way of fewer layers") {
  std::string kinds;
  for (int i = 0; i < 12; ++i)
    kinds += std::string(i == 0 ? "" : ", ") + (i % 2 == 0 ? "\"full_attention\"" : "\"sliding_attention\"");
  const std::string qwen = R"({"model_type": "qwen2", "hidden_size": 64, "num_attention_heads": 4,
      "num_key_value_heads": 2, "intermediate_size": 128, "vocab_size": 100, "tie_word_embeddings": false,
      "sliding_window": 100, "use_sliding_window": true, "num_hidden_layers": 12, "layer_types": [)" +
                           kinds + "]}";
  Tensors tensors = llama(first(10));
  for (int layer = 0; layer < 10; ++layer) {
    const std::string p = "model.layers." + std::to_string(layer) + ".self_attn.";
    tensors.push_back({p + "q_proj.bias", "BF16", {64}});
    tensors.push_back({p + "k_proj.bias", "BF16", {32}});
    tensors.push_back({p + "v_proj.bias", "BF16", {32}});
  }
  const auto cut = answer(tensors, qwen, "dims.n_layers,memory.kv_cache.bytes");
  CHECK(cut.get == "10\n" + std::to_string(5 * (1000 + 100) * 2 * 2 * 32) + "\n");
}

TEST_CASE("a layer that is not in the files takes both of its caches with it") {
  // LongCat-Flash attends twice in each layer: two caches of a latent of 4 and a rotary key of 2.
  Tensors tensors{{"model.embed_tokens.weight", "BF16", {16, 8}},
                  {"lm_head.weight", "BF16", {16, 8}},
                  {"model.norm.weight", "BF16", {8}}};
  using Shapes = std::vector<std::pair<std::string, std::vector<std::uint64_t>>>;
  for (const int layer : {0, 2}) {
    const std::string p = "model.layers." + std::to_string(layer) + ".";
    tensors.push_back({p + "mlp.router.classifier.weight", "BF16", {3, 8}});
    tensors.push_back({p + "mlp.router.e_score_correction_bias", "F32", {3}});
    for (const std::string n : {"0", "1"}) {
      for (const auto& [name, shape] : Shapes{{"self_attn." + n + ".q_a_proj", {4, 8}},
                                              {"self_attn." + n + ".q_a_layernorm", {4}},
                                              {"self_attn." + n + ".q_b_proj", {8, 4}},
                                              {"self_attn." + n + ".kv_a_proj_with_mqa", {6, 8}},
                                              {"self_attn." + n + ".kv_a_layernorm", {4}},
                                              {"self_attn." + n + ".kv_b_proj", {8, 4}},
                                              {"self_attn." + n + ".o_proj", {8, 4}},
                                              {"mlp.experts." + n + ".gate_proj", {4, 8}},
                                              {"mlp.experts." + n + ".up_proj", {4, 8}},
                                              {"mlp.experts." + n + ".down_proj", {8, 4}},
                                              {"mlps." + n + ".gate_proj", {8, 8}},
                                              {"mlps." + n + ".up_proj", {8, 8}},
                                              {"mlps." + n + ".down_proj", {8, 8}},
                                              {"input_layernorm." + n, {8}},
                                              {"post_attention_layernorm." + n, {8}}}) {
        tensors.push_back({p + name + ".weight", "BF16", shape});
      }
    }
  }
  const auto cut = answer(tensors,
                          R"({"model_type": "longcat_flash", "hidden_size": 8, "num_layers": 3,
                              "num_attention_heads": 2, "q_lora_rank": 4, "kv_lora_rank": 4, "qk_nope_head_dim": 2,
                              "qk_rope_head_dim": 2, "v_head_dim": 2, "ffn_hidden_size": 8, "n_routed_experts": 2,
                              "zero_expert_num": 1, "moe_topk": 1, "expert_ffn_hidden_size": 4, "vocab_size": 16})",
                          "dims.n_layers,memory.kv_cache.bytes");
  CHECK(cut.get == "2\n" + std::to_string(2 * 2 * (4 + 2) * 2 * 1000) + "\n");
}

}  // namespace
}  // namespace paramcount
