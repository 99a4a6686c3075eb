// Integers in packings that are not decoded: counted with the shapes of the config next to them, with a note, or
// refused; never guessed. Scales and a quantiser's zeros are not parameters; `together` is the sum of its rows.
// Layouts: the writers' own code (VPTQ, hqq, exllamav3, AutoGPTQ, torchao, mistral-common). Totals: Llama 3.2
// 1B's public shapes, 1,235,814,400, and sums by hand.
#include <functional>

#include "catch.hpp"
#include "checkpoint_helper.hpp"
#include "paramcount/base/error.hpp"
#include "paramcount/catalog/catalog.hpp"
#include "paramcount/count/expand.hpp"
#include "paramcount/count/params.hpp"
#include "process.hpp"
#include "read/checkpoint_model.hpp"

namespace paramcount {
namespace {

using Tensors = std::vector<NewTensor>;
using Pack = std::function<Tensors(const std::string& module, std::uint64_t out, std::uint64_t in)>;

constexpr const char* kLlama32 =
    R"({"model_type": "llama", "architectures": ["LlamaForCausalLM"], "hidden_size": 2048, "num_hidden_layers": 16,
        "num_attention_heads": 32, "num_key_value_heads": 8, "head_dim": 64, "intermediate_size": 8192,
        "vocab_size": 128256, "tie_word_embeddings": true, "max_position_embeddings": 131072})";
constexpr std::uint64_t kLlama32Total = 1235814400;

Tensors llama32(const Pack& pack) {
  Tensors tensors{{"model.embed_tokens.weight", "BF16", {128256, 2048}}, {"model.norm.weight", "BF16", {2048}}};
  const std::vector<std::tuple<const char*, std::uint64_t, std::uint64_t>> linear{
      {"self_attn.q_proj", 2048, 2048}, {"self_attn.k_proj", 512, 2048}, {"self_attn.v_proj", 512, 2048},
      {"self_attn.o_proj", 2048, 2048}, {"mlp.gate_proj", 8192, 2048},   {"mlp.up_proj", 8192, 2048},
      {"mlp.down_proj", 2048, 8192}};
  for (int layer = 0; layer < 16; ++layer) {
    const std::string in_layer = "model.layers." + std::to_string(layer) + ".";
    for (const auto& [name, out, in] : linear) {
      for (auto& tensor : pack(in_layer + name, out, in)) tensors.push_back(std::move(tensor));
    }
    tensors.push_back({in_layer + "input_layernorm.weight", "BF16", {2048}});
    tensors.push_back({in_layer + "post_attention_layernorm.weight", "BF16", {2048}});
  }
  return tensors;
}

struct Format {
  const char* name;
  Pack pack;
};

/// What holds no number format of its own: codes, words and bits.
const std::vector<Format>& formats() {
  using S = const std::string&;
  using N = std::uint64_t;
  static const std::vector<Format> all{
      {"VPTQ",
       [](S m, N out, N in) {
         return Tensors{{m + ".indices", "I32", {1, out / 8, in * 24 / 32}},
                        {m + ".centroids.weight", "F16", {1, 65536 * 8}},
                        {m + ".res_centroids.weight", "F16", {1, 256 * 8}},
                        {m + ".perm", "I16", {in}},
                        {m + ".weight_scale", "F16", {in}},
                        {m + ".weight_bias", "F16", {in}}};
       }},
      {"HQQ",  // view_as_float
       [](S m, N out, N in) {
         return Tensors{{m + ".W_q", "F16", {out * in / 128, 32}},
                        {m + ".scale", "F16", {out * in / 64, 1}},
                        {m + ".zero", "F16", {out * in / 64, 1}}};
       }},
      {"",  // a format of tomorrow
       [](S m, N out, N in) {
         return Tensors{{m + ".lattice", "I64", {out * in / 40}}, {m + ".rotation", "F16", {in}}};
       }}};
  return all;
}

struct Read {
  Inventory inventory;
  std::uint64_t total{0};
};

Read read(const Tensors& tensors, const std::string& config) {
  const TestFolder folder;
  write_checkpoint(folder / "model.safetensors", tensors);
  if (!config.empty()) write_bytes(folder / "config.json", config);
  static const Catalog catalog;
  static Expander expander(catalog.families(), catalog.gguf_families(), catalog.names());
  Read result{expander.expand(read_checkpoint_model(folder.path(), catalog)), 0};
  result.total = count_params(result.inventory).total.value;
  return result;
}

std::string refused(const Tensors& tensors, const std::string& config) {
  try {
    return std::to_string(read(tensors, config).total);
  } catch (const Error& error) {
    return error.what();
  }
}

TEST_CASE("packed weights that are not understood count with the config's shapes, and are refused without one") {
  for (const auto& format : formats()) {
    const Tensors tensors = llama32(format.pack);
    INFO(format.name << " " << tensors[2].name);
    const Read read = paramcount::read(tensors, kLlama32);
    CHECK(read.total == kLlama32Total);
    CHECK(read.inventory.stored->by_family == 7 * 16);
    CHECK(read.inventory.stored->unverified());
    CHECK(read.inventory.stored->missing == 0);
    CHECK(read.inventory.stored->unexpected == 0);
    CHECK_THAT(read.inventory.stored->by_family_first, ContainsSubstring("model.layers.0.self_attn.q_proj."));
    CHECK_THAT(read.inventory.stored->by_family_first, ContainsSubstring(format.name));
    const std::string error = refused(tensors, "");
    CHECK_THAT(error, ContainsSubstring("unknown packed format (" + std::string(format.name)));
    CHECK_THAT(error, ContainsSubstring("a total would be wrong"));
  }
}

TEST_CASE("a config whose shapes cannot lie in the stored bytes, or that lacks the weight, does not count them") {
  const Tensors tensors = llama32(formats().front().pack);
  std::string other = kLlama32;
  other.replace(other.find("\"intermediate_size\": 8192"), 25, "\"intermediate_size\": 819200");
  CHECK_THAT(refused(tensors, other), ContainsSubstring("and no packing of 819200×2048, as the config implies"));
  Tensors more = tensors;
  more.push_back({"model.layers.3.mlp.extra_proj.indices", "I32", {2048, 64}});
  CHECK_THAT(refused(more, kLlama32), ContainsSubstring("the family has no such weight"));
}

TEST_CASE("integers that outweigh a fiftieth of the file, or stand alone in a module, are not waved through") {
  const Tensors rest{{"model.embed.weight", "BF16", {1000, 64}}};
  const auto with = [&](const NewTensor& tensor) {
    Tensors tensors = rest;
    tensors.push_back(tensor);
    return refused(tensors, "");
  };
  CHECK_THAT(with({"model.embed.ids", "I64", {1000}}), ContainsSubstring("unknown packed format"));
  CHECK(with({"model.embed.ids", "I64", {100}}) == "64000");
  CHECK_THAT(with({"model.layer.ids", "I64", {100}}), ContainsSubstring("unknown packed format"));
  CHECK(with({"model.layer.count", "I64", {}}) == "64000");
  CHECK(with({"model.layer.position_ids", "I64", {1, 4000}}) == "64000");
}

TEST_CASE("scales of weights, activations and caches are not parameters, whatever the writer calls them") {
  const std::string m = "layers.0.attention.wq";
  const std::vector<Tensors> all{
      {{m + ".weight", "F8_E4M3", {64, 32}}, {m + ".qscale_weight", "F32", {}}, {m + ".qscale_act", "F32", {}}},
      {{m + ".weight", "F8_E4M3", {64, 32}},
       {m + ".weight_scale_inv", "F32", {1, 1}},
       {m + ".input_scale", "F32", {1}}},
      {{m + "._weight_qdata", "F8_E4M3", {64, 32}}, {m + "._weight_scale", "F32", {64, 1}}},
      {{m + ".weight._data", "F8_E4M3", {64, 32}}, {m + ".weight._scale", "F32", {64, 1}}},
      {{m + ".weight", "F8_E4M3", {64, 32}}, {m + ".weight_scale", "U8", {64, 1}}},
      {{m + ".weight", "I8", {64, 32}}, {m + ".weight_scale", "BF16", {64, 1}}},
      {{m + ".weight", "I8", {32, 64}}, {m + ".weight_scales", "F16", {64}}},
      {{m + ".weight", "BF16", {64, 32}},
       {"layers.0.attention.k_scale", "F32", {}},
       {"layers.0.attention.v_scale", "F32", {1}}}};
  for (const auto& tensors : all) {
    INFO(tensors[1].name);
    const Read read = paramcount::read(tensors, "");
    CHECK(read.total == 64 * 32);
    CHECK(read.inventory.stored->scales > 0);
  }
  // A learned vector of that name, and scales of norms, are parameters.
  CHECK(
      read({{m + ".weight", "BF16", {64, 32}}, {"layers.0.attention.k_scale", "F32", {8}}, {"norm.scale", "F32", {32}}},
           "")
          .total == 64 * 32 + 8 + 32);
}

Tensors gptq(const std::string& m, std::uint64_t out, std::uint64_t in) {
  return {{m + ".qweight", "I32", {in / 8, out}},
          {m + ".qzeros", "I32", {in / 128, out / 8}},
          {m + ".scales", "F16", {in / 128, out}},
          {m + ".g_idx", "I32", {in}},
          {m + ".bias", "F16", {out}}};
}

TEST_CASE("biases that AutoGPTQ adds are not parameters if the architecture has none, and uncertain without one") {
  constexpr std::uint64_t kBiases = 16 * (2048 * 3 + 512 * 2 + 8192 * 2);
  const Read read = paramcount::read(llama32(gptq), kLlama32);
  CHECK(read.total == kLlama32Total);
  CHECK(read.inventory.stored->difference.empty());
  const Read alone = paramcount::read(llama32(gptq), "");
  CHECK(alone.total == kLlama32Total + kBiases);
  CHECK(alone.inventory.stored->doubtful_biases == kBiases);
}

TEST_CASE("together is the sum of the rows above it, of every kind, and the files without their header") {
  Tensors tensors = llama32(gptq);
  const auto& packed = llama32(formats()[0].pack);
  const std::vector<Tensors> all{tensors,
                                 packed,
                                 {{"model.embed_tokens.weight", "BF16", {128256, 2048}},
                                  {"lm_head.weight", "BF16", {128256, 2048}},
                                  {"model.layers.0.self_attn.rotary_emb.inv_freq", "F32", {32}},
                                  {"model.layers.0.self_attn.bias", "BOOL", {1, 1, 64, 64}},
                                  {"model.layers.0.self_attn.k_scale", "F32", {}},
                                  {"mtp.fc.weight", "BF16", {16, 16}},
                                  {"model.norm.weight", "BF16", {2048}}}};
  for (const auto& each : all) {
    for (const std::string& config : {std::string(kLlama32), std::string()}) {
      if (config.empty() && &each == &all[1]) continue;
      const auto stored = *read(each, config).inventory.stored;
      Bytes bytes;
      std::uint64_t elements = 0;
      for (const auto* shares : {&stored.weights, &stored.beside}) {
        for (const auto& share : *shares) {
          bytes += share.bytes;
          elements += share.elements;
        }
      }
      CHECK(stored.all.bytes == bytes);
      CHECK(stored.all.elements == elements);
      CHECK(bytes.value + stored.header_bytes == stored.file_bytes);
    }
  }
}

TEST_CASE("the page of a checkpoint with a tied copy adds up") {
  // Qwen3-0.6B as files on the Hub hold it: 596,049,920 parameters and the table once more.
  const TestFolder folder;
  Tensors tensors{{"model.embed_tokens.weight", "BF16", {151936, 1024}},
                  {"lm_head.weight", "BF16", {151936, 1024}},
                  {"model.norm.weight", "BF16", {1024}}};
  for (int layer = 0; layer < 28; ++layer) {
    const std::string p = "model.layers." + std::to_string(layer) + ".";
    for (const auto& [name, shape] :
         std::vector<std::pair<std::string, std::vector<std::uint64_t>>>{{"self_attn.q_proj", {2048, 1024}},
                                                                         {"self_attn.k_proj", {1024, 1024}},
                                                                         {"self_attn.v_proj", {1024, 1024}},
                                                                         {"self_attn.o_proj", {1024, 2048}},
                                                                         {"self_attn.q_norm", {128}},
                                                                         {"self_attn.k_norm", {128}},
                                                                         {"mlp.gate_proj", {3072, 1024}},
                                                                         {"mlp.up_proj", {3072, 1024}},
                                                                         {"mlp.down_proj", {1024, 3072}},
                                                                         {"input_layernorm", {1024}},
                                                                         {"post_attention_layernorm", {1024}}}) {
      tensors.push_back({p + name + ".weight", "BF16", shape});
    }
  }
  write_checkpoint(folder / "model.safetensors", tensors);
  write_bytes(folder / "config.json",
              R"({"model_type": "qwen3", "hidden_size": 1024, "intermediate_size": 3072, "num_attention_heads": 16,
                  "num_key_value_heads": 8, "head_dim": 128, "num_hidden_layers": 28, "vocab_size": 151936,
                  "tie_word_embeddings": true, "max_position_embeddings": 40960})");
  const auto get = [&](const std::string& keys) {
    return run_shell("paramcount " + folder.path() + " --get " + keys).out;
  };
  CHECK(get("params.total,checkpoint.weight_bytes,checkpoint.tensor_bytes") == "596049920\n1192099840\n1503264768\n");
  const std::string page = run_shell("paramcount " + folder.path()).out;
  CHECK_THAT(page, ContainsSubstring("\n  weights, bf16          596049920  16.000  1.19  1.11   310 tensors\n"
                                     "  tied copy              155582464          0.31  0.29   1 tensor\n"
                                     "  together               751632384  16.000  1.50  1.40\n"));
}

}  // namespace
}  // namespace paramcount
