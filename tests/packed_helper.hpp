// A small model in a packed format of one's choice, and what the program makes of it.
#pragma once

#include <functional>

#include "catch.hpp"
#include "checkpoint_helper.hpp"
#include "paramcount/base/error.hpp"
#include "paramcount/catalog/catalog.hpp"
#include "paramcount/count/expand.hpp"
#include "paramcount/count/params.hpp"
#include "paramcount/count/verify.hpp"
#include "read/checkpoint_model.hpp"

namespace paramcount {

using Tensors = std::vector<NewTensor>;
using N = std::uint64_t;
using Pack = std::function<Tensors(const std::string& module, N out, N in)>;

inline constexpr N kWidth = 256, kInner = 768, kVocab = 40;
inline constexpr N kPacked = 2 * (4 * kWidth * kWidth + 3 * kWidth * kInner);
inline constexpr N kTotal = kPacked + 2 * kVocab * kWidth + 5 * kWidth;

inline N up(N a, N b) { return (a + b - 1) / b; }

inline std::string config(const std::string& settings, N width = kWidth, N inner = kInner) {
  return R"({"model_type": "llama", "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 4,
             "vocab_size": 40, "tie_word_embeddings": false, "hidden_size": )" +
         std::to_string(width) + R"(, "intermediate_size": )" + std::to_string(inner) +
         (settings.empty() ? "" : ", " + settings) + "}";
}

inline Tensors model(const Pack& pack, N width = kWidth, N inner = kInner) {
  Tensors tensors{{"model.embed_tokens.weight", "BF16", {kVocab, width}},
                  {"lm_head.weight", "BF16", {kVocab, width}},
                  {"model.norm.weight", "BF16", {width}}};
  const std::vector<std::tuple<const char*, N, N>> linear{
      {"self_attn.q_proj", width, width}, {"self_attn.k_proj", width, width}, {"self_attn.v_proj", width, width},
      {"self_attn.o_proj", width, width}, {"mlp.gate_proj", inner, width},    {"mlp.up_proj", inner, width},
      {"mlp.down_proj", width, inner}};
  for (int layer = 0; layer < 2; ++layer) {
    const std::string in_layer = "model.layers." + std::to_string(layer) + ".";
    for (const auto& [name, out, in] : linear) {
      for (auto& tensor : pack(in_layer + name, out, in)) tensors.push_back(std::move(tensor));
    }
    tensors.push_back({in_layer + "input_layernorm.weight", "BF16", {width}});
    tensors.push_back({in_layer + "post_attention_layernorm.weight", "BF16", {width}});
  }
  return tensors;
}

struct Read {
  Inventory inventory;
  N total{0};
  bool reconciles{false};
};

inline Read read(const Tensors& tensors, const std::string& config) {
  const TestFolder folder;
  write_checkpoint(folder / "model.safetensors", tensors);
  if (!config.empty()) write_bytes(folder / "config.json", config);
  static const Catalog catalog;
  static Expander expander(catalog.families(), catalog.gguf_families(), catalog.names());
  const Model model = read_checkpoint_model(folder.path(), catalog);
  Read result{expander.expand(model), 0, false};
  result.total = count_params(result.inventory).total.value;
  if (!config.empty()) result.reconciles = expander.verify(model).reconciles();
  return result;
}

inline std::string refused(const Tensors& tensors, const std::string& config) {
  try {
    return std::to_string(read(tensors, config).total);
  } catch (const Error& error) {
    return error.what();
  }
}

}  // namespace paramcount
