// Quantised checkpoints: packed weights count as the weights they encode, companions separately, and a packing
// that is not understood gives no total.
#include <algorithm>
#include <map>

#include "catch.hpp"
#include "checkpoint_helper.hpp"
#include "paramcount/base/error.hpp"
#include "paramcount/catalog/catalog.hpp"
#include "paramcount/count/expand.hpp"
#include "paramcount/count/params.hpp"
#include "paramcount/count/verify.hpp"
#include "read/checkpoint_model.hpp"

namespace paramcount {
namespace {

using Tensors = std::vector<NewTensor>;

constexpr const char* kConfig =
    R"({"model_type": "llama", "hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 4,
        "num_key_value_heads": 4, "intermediate_size": 64, "vocab_size": 10, "tie_word_embeddings": false})";
constexpr std::uint64_t kTotal = 2 * (4 * 32 * 32 + 3 * 64 * 32 + 2 * 32) + 2 * 10 * 32 + 32;

const std::map<std::string, std::pair<std::uint64_t, std::uint64_t>>& projections() {
  static const std::map<std::string, std::pair<std::uint64_t, std::uint64_t>> all{
      {"self_attn.q_proj", {32, 32}}, {"self_attn.k_proj", {32, 32}}, {"self_attn.v_proj", {32, 32}},
      {"self_attn.o_proj", {32, 32}}, {"mlp.gate_proj", {64, 32}},    {"mlp.up_proj", {64, 32}},
      {"mlp.down_proj", {32, 64}}};
  return all;
}

/// The model with its projections as a quantiser leaves them.
template <class Quantise>
Tensors quantised(const Quantise& quantise) {
  Tensors tensors{{"model.embed_tokens.weight", "F16", {10, 32}},
                  {"lm_head.weight", "F16", {10, 32}},
                  {"model.norm.weight", "F16", {32}}};
  for (int layer = 0; layer < 2; ++layer) {
    const std::string in_layer = "model.layers." + std::to_string(layer) + ".";
    for (const auto& [name, shape] : projections()) quantise(in_layer + name, shape.first, shape.second, tensors);
    tensors.push_back({in_layer + "input_layernorm.weight", "F16", {32}});
    tensors.push_back({in_layer + "post_attention_layernorm.weight", "F16", {32}});
  }
  return tensors;
}

Tensors gptq(std::uint64_t bits, std::uint64_t group) {
  return quantised([=](const std::string& name, std::uint64_t out, std::uint64_t in, Tensors& tensors) {
    tensors.push_back({name + ".qweight", "I32", {in * bits / 32, out}});
    tensors.push_back({name + ".qzeros", "I32", {in / group, out * bits / 32}});
    tensors.push_back({name + ".scales", "F16", {in / group, out}});
    tensors.push_back({name + ".g_idx", "I32", {in}});
  });
}

Tensors awq() {
  return quantised([](const std::string& name, std::uint64_t out, std::uint64_t in, Tensors& tensors) {
    tensors.push_back({name + ".qweight", "I32", {in, out / 8}});
    tensors.push_back({name + ".qzeros", "I32", {in / 16, out / 8}});
    tensors.push_back({name + ".scales", "F16", {in / 16, out}});
  });
}

Tensors nf4() {
  return quantised([](const std::string& name, std::uint64_t out, std::uint64_t in, Tensors& tensors) {
    const std::string weight = name + ".weight";
    tensors.push_back({weight, "U8", {out * in / 2, 1}});
    tensors.push_back({weight + ".absmax", "U8", {out * in / 64}});
    tensors.push_back({weight + ".nested_absmax", "F32", {1}});
    tensors.push_back({weight + ".nested_quant_map", "F32", {256}});
    tensors.push_back({weight + ".quant_map", "F32", {16}});
    tensors.push_back({weight + ".quant_state.bitsandbytes__nf4", "U8", {120}});
  });
}

Tensors fp8() {
  return quantised([](const std::string& name, std::uint64_t out, std::uint64_t in, Tensors& tensors) {
    tensors.push_back({name + ".weight", "F8_E4M3", {out, in}});
    tensors.push_back({name + ".weight_scale_inv", "F32", {(out + 15) / 16, (in + 15) / 16}});
  });
}

Tensors int8() {
  return quantised([](const std::string& name, std::uint64_t out, std::uint64_t in, Tensors& tensors) {
    tensors.push_back({name + ".weight", "I8", {out, in}});
    tensors.push_back({name + ".SCB", "F32", {out}});
    tensors.push_back({name + ".weight_format", "U8", {}});
  });
}

struct Read {
  Inventory inventory;
  ParamCounts params;
  Verification verification;
};

Read read(const Tensors& tensors, bool with_config = true) {
  const TestFolder folder;
  write_checkpoint(folder / "model.safetensors", tensors);
  if (with_config) write_bytes(folder / "config.json", kConfig);
  static const Catalog catalog;
  static Expander expander(catalog.families(), catalog.gguf_families(), catalog.names());
  const Model model = read_checkpoint_model(folder.path(), catalog);
  Read result{expander.expand(model), {}, {}};
  result.params = count_params(result.inventory);
  if (with_config) result.verification = expander.verify(model);
  return result;
}

std::uint64_t beside(const Inventory& inventory, const std::string& what) {
  for (const auto& share : inventory.stored->beside) {
    if (share.name == what) return share.elements;
  }
  return 0;
}

constexpr std::uint64_t kQuantised = 2 * (4 * 32 * 32 + 3 * 64 * 32);

TEST_CASE("weights packed by GPTQ, AWQ, bitsandbytes and in fp8 are counted as weights") {
  struct Case {
    const char* format;
    Tensors tensors;
    std::uint64_t scales, zeros;
    double bits;  ///< of all that is needed to read the quantised weights, by each
  };
  const std::vector<Case> cases{{"int4 (gptq)", gptq(4, 16), kQuantised / 16, kQuantised / 16 / 8, 0},
                                {"int8 (gptq)", gptq(8, 32), kQuantised / 32, kQuantised / 32 / 4, 0},
                                {"int2 (gptq)", gptq(2, 16), kQuantised / 16, kQuantised / 16 / 16, 0},
                                {"int3 (gptq)", gptq(3, 32), kQuantised / 32, kQuantised / 32 * 3 / 32, 0},
                                {"int4 (awq)", awq(), kQuantised / 16, kQuantised / 16 / 8, 4 + 20.0 / 16},
                                {"nf4 (bitsandbytes)", nf4(), kQuantised / 64 + 14, 0, 0},
                                {"fp8-e4m3", fp8(), kQuantised / 256, 0, 8 + 32.0 / 256},
                                {"int8 (bitsandbytes)", int8(), 2 * (32 * 5 + 64 * 2), 0, 0}};
  for (const auto& c : cases) {
    INFO(c.format);
    for (const bool with_config : {true, false}) {
      const Read read = paramcount::read(c.tensors, with_config);
      const auto& stored = *read.inventory.stored;
      CHECK(read.params.total.value == kTotal);
      CHECK(beside(read.inventory, "scales") == c.scales);
      CHECK(beside(read.inventory, "zero points") == c.zeros);
      REQUIRE(stored.weights.size() == 2);
      std::uint64_t quantised = 0;
      Bytes bytes{};
      for (const auto& share : stored.weights) {
        bytes += share.bytes;
        if (share.name == c.format) quantised = share.elements;
      }
      CHECK(quantised == kQuantised);
      for (const auto& share : stored.beside) bytes += share.bytes;
      CHECK(stored.together.bytes == bytes);
      CHECK(stored.together.bits() == Approx(8.0 * static_cast<double>(bytes.value) / static_cast<double>(kTotal)));
      if (c.bits > 0) {
        const double rest = 16.0 * static_cast<double>(kTotal - kQuantised);
        const double all = c.bits * static_cast<double>(kQuantised) + rest;
        CHECK(stored.together.bits() == Approx(all / static_cast<double>(kTotal)));
      }
      if (with_config) {
        CHECK(read.verification.reconciles());
        CHECK(read.verification.found.value == kTotal);
        CHECK(stored.unnamed == 0);
      }
    }
  }
}

TEST_CASE("scales may stand in another order than the weights they belong to") {
  for (Tensors tensors : {gptq(4, 16), awq(), fp8()}) {
    const auto is_weight = [](const NewTensor& t) {
      return t.name.ends_with(".qweight") || t.name.ends_with("_proj.weight");
    };
    std::stable_partition(tensors.begin(), tensors.end(), is_weight);
    std::reverse(std::find_if_not(tensors.begin(), tensors.end(), is_weight), tensors.end());
    const Read read = paramcount::read(tensors);
    CHECK(read.params.total.value == kTotal);
    CHECK(read.verification.reconciles());
  }
}

TEST_CASE("without zero points GPTQ's order of rows says how many bits it has") {
  Tensors tensors = gptq(4, 16);
  std::erase_if(tensors, [](const NewTensor& t) { return t.name.ends_with(".qzeros"); });
  const Read read = paramcount::read(tensors);
  CHECK(read.params.total.value == kTotal);
  CHECK(read.verification.reconciles());
  CHECK(beside(read.inventory, "zero points") == 0);
}

TEST_CASE("scales that are powers of two are not parameters") {
  const Read read = paramcount::read({{"layers.0.w1.weight", "F8_E4M3", {32, 64}},
                                      {"layers.0.w1.scale", "F8_E8M0", {32, 2}},
                                      {"norm.weight", "F32", {32}}},
                                     false);
  CHECK(read.params.total.value == 32 * 64 + 32);
  CHECK(beside(read.inventory, "scales") == 64);
}

TEST_CASE("a packed tensor of the wrong size does not verify") {
  Tensors tensors = awq();
  for (auto& tensor : tensors) {
    if (tensor.name == "model.layers.1.mlp.up_proj.qweight") tensor.shape = {64, 8};
    if (tensor.name.starts_with("model.layers.1.mlp.up_proj.") && !tensor.name.ends_with("qweight"))
      tensor.shape[0] = 4;
  }
  const Verification v = read(tensors).verification;
  CHECK_FALSE(v.reconciles());
  REQUIRE(v.misshapen.size() == 1);
  CHECK(v.misshapen[0].name == "model.layers.1.mlp.up_proj.weight");
  CHECK(v.misshapen[0].found == std::vector<std::uint64_t>{64, 64});
}

TEST_CASE("a packing that is not understood gives no total") {
  const auto refused = [](const Tensors& extra) {
    Tensors tensors{{"model.norm.weight", "BF16", {32}}};
    tensors.insert(tensors.end(), extra.begin(), extra.end());
    try {
      return std::to_string(read(tensors, false).params.total.value);
    } catch (const Error& error) {
      return std::string(error.what());
    }
  };
  const std::string m = "model.layers.0.mlp.down_proj.";
  const std::string said = "unknown packed format";
  // MXFP4, NVFP4 and compressed-tensors without their scales, MLX without its biases
  CHECK_THAT(refused({{"model.layers.0.mlp.experts.down_proj_blocks", "U8", {4, 32, 1, 16}}}), ContainsSubstring(said));
  CHECK_THAT(refused({{m + "weight", "U8", {32, 16}}, {m + "weight_scale_2", "F32", {}}}), ContainsSubstring(said));
  CHECK_THAT(refused({{m + "weight_packed", "I32", {32, 4}}, {m + "weight_shape", "I64", {2}}}),
             ContainsSubstring("there is no weight_scale next to it"));
  CHECK_THAT(refused({{m + "weight", "U32", {32, 4}}, {m + "scales", "BF16", {32, 1}}}),
             ContainsSubstring("there is no biases next to it"));
  // GPTQ without what says how many bits it has, and with shapes that contradict each other
  CHECK_THAT(refused({{m + "qweight", "I32", {8, 32}}}), ContainsSubstring(said));
  CHECK_THAT(refused({{m + "qweight", "I32", {8, 32}}, {m + "scales", "F16", {2, 32}}}), ContainsSubstring(said));
  CHECK_THAT(refused({{m + "qweight", "I32", {8, 32}},
                      {m + "scales", "F16", {2, 32}},
                      {m + "qzeros", "I32", {2, 4}},
                      {m + "g_idx", "I32", {63}}}),
             ContainsSubstring(said));
  CHECK_THAT(refused({{m + "qweight", "I32", {8, 33}}, {m + "scales", "F16", {2, 32}}, {m + "qzeros", "I32", {2, 4}}}),
             ContainsSubstring(said));
  // Bytes alone
  CHECK_THAT(refused({{m + "weight", "U8", {512, 1}}}), ContainsSubstring(said));
  CHECK_THAT(refused({{m + "weight", "U8", {512}}}), ContainsSubstring(said));
  CHECK(refused({{m + "weight", "BF16", {32, 64}}}) == "2080");
}

TEST_CASE("integers that are not weights are stored, not counted") {
  const Read read = paramcount::read({{"encoder.embeddings.word_embeddings.weight", "F32", {10, 4}},
                                      {"encoder.embeddings.position_ids", "I64", {1, 512}},
                                      {"encoder.layer.0.attention.mask", "BOOL", {1, 1, 8, 8}},
                                      {"encoder.layer.0.attn.bias", "U8", {1, 1, 8, 8}},
                                      {"bn.num_batches_tracked", "I64", {}}},
                                     false);
  CHECK(read.params.total.value == 40);
  CHECK(beside(read.inventory, "positions") == 512);
  CHECK(beside(read.inventory, "attention mask") == 128);
  CHECK(beside(read.inventory, "counter") == 1);
}

}  // namespace
}  // namespace paramcount
