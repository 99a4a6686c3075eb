// Weights in packed formats: their number, their bytes and their format come out of the tensors' names and shapes, with
// the config's bits where those leave more than one reading; what contradicts itself is refused.
// Layouts: the writers' own code (compressed-tensors, ModelOpt, gpt-oss, MLX, AutoAWQ, AutoGPTQ, AQLM, quip-sharp, hqq,
// optimum-quanto, torchao, Quark, exllamav2 and 3, transformers' bitnet, fp_quant and higgs), as read by people who did
// not write this program. Totals: sums of the unpacked shapes by hand.
#include "catalog/json.hpp"
#include "packed_helper.hpp"
#include "read/packed_widths.hpp"

namespace paramcount {
namespace {

Pack compressed(N bits, N group, bool zeros = false, bool order = false) {
  return [=](const std::string& m, N out, N in) {
    Tensors t{{m + ".weight_packed", "I32", {out, up(in * bits, 32)}},
              {m + ".weight_scale", "BF16", {out, in / group}},
              {m + ".weight_shape", "I64", {2}}};
    if (zeros) t.push_back({m + ".weight_zero_point", "I32", {up(out * bits, 32), in / group}});
    if (order) t.push_back({m + ".weight_g_idx", "I32", {in}});
    return t;
  };
}

Pack mlx(N bits, N group, const char* biases = ".biases") {
  return [=](const std::string& m, N out, N in) {
    return Tensors{{m + ".weight", "U32", {out, in * bits / 32}},
                   {m + ".scales", "BF16", {out, in / group}},
                   {m + biases, "BF16", {out, in / group}}};
  };
}

/// A payload of bytes with scales of one kind.
Pack bytes(const char* payload, const char* dtype, N per_byte, const char* scale, const char* scale_dtype, N group,
           Tensors more = {}) {
  return [=](const std::string& m, N out, N in) {
    Tensors t{{m + payload, dtype, {out, in / per_byte}}, {m + scale, scale_dtype, {out, in / group}}};
    for (const auto& tensor : more) t.push_back({m + tensor.name, tensor.dtype, tensor.shape});
    return t;
  };
}

struct Case {
  std::string format;
  Pack pack;
  std::string settings;  ///< in the config; empty: the tensors say it all
};

std::string settings(N bits, N group) {
  return R"("quantization_config": {"bits": )" + std::to_string(bits) + R"(, "group_size": )" + std::to_string(group) +
         "}";
}

std::vector<Case> cases() {
  std::vector<Case> all{
      {"int4 (compressed-tensors)", compressed(4, 128, true), ""},
      {"int8 (compressed-tensors)", compressed(8, 32, false, true), ""},
      {"int3 (compressed-tensors)", compressed(3, 128, true), ""},
      {"int4 (compressed-tensors)", compressed(4, 32),
       R"("quantization_config": {"config_groups": {"group_0": {"input_activations": {"num_bits": 8},
          "weights": {"num_bits": 4, "group_size": 32}}}})"},
      {"int8 (compressed-tensors)", compressed(8, 64),
       R"("text_config": {"quantization_config": {"config_groups": {"a": {"weights": {"num_bits": 8}}}}})"},
      {"nvfp4",
       bytes(".weight_packed", "U8", 2, ".weight_scale", "F8_E4M3", 16,
             {{".weight_global_scale", "F32", {1}}, {".input_global_scale", "F32", {1}}}),
       ""},
      {"mxfp4", bytes(".weight_packed", "U8", 2, ".weight_scale", "U8", 32), ""},
      {"nvfp4",
       bytes(".weight", "U8", 2, ".weight_scale", "F8_E4M3", 16,
             {{".weight_scale_2", "F32", {}}, {".input_scale", "F32", {}}}),
       ""},
      {"mxfp4", bytes(".weight", "U8", 2, ".weight_scale", "U8", 32), ""},
      {"mxfp4", bytes(".weight", "I8", 2, ".scale", "F8_E8M0", 32), ""},
      {"mxfp4 (mlx)", bytes(".weight", "U32", 8, ".scales", "U8", 32), ""},
      {"nvfp4 (mlx)", bytes(".weight", "U32", 8, ".scales", "U8", 16), ""},
      {"mxfp8 (mlx)", bytes(".weight", "U32", 4, ".scales", "U8", 32), ""},
      {"mxfp4", bytes(".qweight", "U8", 2, ".scales", "U8", 32, {{".forward_hadamard_matrix", "BF16", {32, 32}}}), ""},
      {"int4 (metal)", mlx(4, 128, ".qbiases"), settings(4, 128)},
      {"int4 (modelopt)",
       [](const std::string& m, N out, N in) {
         return Tensors{{m + ".weight", "U8", {out / 2, in}},
                        {m + ".weight_scale", "BF16", {out, in / 128}},
                        {m + ".pre_quant_scale", "BF16", {in}}};
       },
       ""},
      {"ternary (bitnet)",
       [](const std::string& m, N out, N in) {
         return Tensors{{m + ".weight", "U8", {out / 4, in}}, {m + ".weight_scale", "BF16", {1}}};
       },
       ""},
      {"int4 2:4 (marlin-24)",
       [](const std::string& m, N out, N in) {
         return Tensors{{m + ".weight_packed", "I32", {in / 32, out * 2}},
                        {m + ".scale_packed", "F16", {in / 128, out}},
                        {m + ".meta", "I16", {in / 32, out * 2}}};
       },
       ""},
      {"int4 (gptq)",
       [](const std::string& m, N out, N in) {
         return Tensors{{m + ".qweight", "I32", {in / 8, out}}, {m + ".scales", "F16", {in / 128, out}}};
       },
       settings(4, 128)},
      {"int4 (awq)",
       [](const std::string& m, N out, N in) {
         const N words = up(in / 128, 8);
         return Tensors{{m + ".qweight", "I32", {out, in / 8}},
                        {m + ".qzeros", "I32", {out, words}},
                        {m + ".scales", "F16", {out, words * 8}}};
       },
       ""},
      {"int4 (quark)",
       [](const std::string& m, N out, N in) {
         return Tensors{{m + ".weight", "I32", {in, out / 8}},
                        {m + ".weight_scale", "F16", {in / 128, out}},
                        {m + ".weight_zero_point", "I32", {in / 128, out / 8}}};
       },
       ""},
      {"int4 (torchao)",
       [](const std::string& m, N out, N in) {
         return Tensors{{m + "._weight_qdata", "I8", {out, in / 2}},
                        {m + "._weight_scale", "BF16", {in / 128, out}},
                        {m + "._weight_zero_point", "BF16", {in / 128, out}}};
       },
       ""},
      {"int4 (quanto)",
       [](const std::string& m, N out, N in) {
         return Tensors{{m + ".weight._data._data", "U8", {64, out * in / 128}},
                        {m + ".weight._scale", "BF16", {1, out * in / 128}},
                        {m + ".weight._shift", "BF16", {1, out * in / 128}}};
       },
       R"("quantization_config": {"q_proj": {"weights": "qint4"}})"},
      {"int3 (hqq)",
       [](const std::string& m, N out, N in) {
         return Tensors{{m + ".W_q", "I32", {up(out * in / 64, 10), 64}},
                        {m + ".scale", "F16", {out * in / 64, 1}},
                        {m + ".zero", "F16", {out * in / 64, 1}},
                        {m + ".shape", "I64", {2}}};
       },
       ""},
      {"int2 (hqq)",
       [](const std::string& m, N out, N in) {
         return Tensors{{m + ".W_q", "U8", {16, out * in / 64}},
                        {m + ".scale", "F16", {1, out * in / 64}},
                        {m + ".zero", "F16", {1, out * in / 64}},
                        {m + ".packing", "U8", {7}}};
       },
       R"("quantization_config": {"quant_config": {"weight_quant_params": {"nbits": 2, "group_size": 64},
          "scale_quant_params": {"nbits": 8}}})"},
      {"int4 (higgs)",
       [](const std::string& m, N out, N in) {
         return Tensors{{m + ".weight", "I16", {in / 4, out}},
                        {m + ".scales", "F16", {in / 64, out}},
                        {m + ".tables", "F16", {256, 2}},
                        {m + ".tables2", "F32", {256, 256, 1}}};
       },
       R"("quantization_config": {"quant_method": "higgs", "bits": 4, "p": 2, "group_size": 64})"},
      {"aqlm",
       [](const std::string& m, N out, N in) {
         return Tensors{{m + ".codes", "I16", {out, in / 8, 1}},
                        {m + ".codebooks", "F16", {1, 65536, 1, 8}},
                        {m + ".scales", "F16", {out, 1, 1, 1}}};
       },
       ""},
      {"spqr",
       [](const std::string& m, N out, N in) {
         return Tensors{{m + ".dense_weights", "I64", {out * in / 16}},
                        {m + ".row_offsets", "I32", {out + 1}},
                        {m + ".col_vals", "I32", {out * in / 100}},
                        {m + ".in_perm", "I32", {in / 2}}};
       },
       ""},
      {"spqr",
       [](const std::string& m, N out, N in) {
         return Tensors{{m + ".dense_weights", "I64", {out * in / 16}},
                        {m + ".row_offsets", "I32", {out / 16 + 1}},
                        {m + ".col_vals", "I32", {out * in / 50}},
                        {m + ".in_perm", "I32", {in}}};
       },
       ""},
      {"2-bit (quip#)",
       [](const std::string& m, N out, N in) {
         return Tensors{{m + ".Qidxs", "I64", {out, in / 32}},
                        {m + ".SU", "F16", {in}},
                        {m + ".SV", "F16", {out}},
                        {m + ".Wscale", "F32", {}},
                        {m + ".codebook_id", "I64", {}}};
       },
       ""}};
  for (const N bits : {2, 3, 4, 5, 6, 8}) {
    for (const N group : {32, 64, 128}) {
      all.push_back({"int" + std::to_string(bits) + " (mlx)", mlx(bits, group), settings(bits, group)});
    }
  }
  return all;
}

TEST_CASE("packed formats are counted by their tensors, and by the config's bits where those are needed") {
  for (const auto& c : cases()) {
    const Tensors tensors = model(c.pack);
    INFO(c.format << " " << tensors[3].name << " " << c.settings);
    const auto check = [&](const Read& read) {
      CHECK(read.total == kTotal);
      const auto& stored = *read.inventory.stored;
      CHECK(stored.by_family == 0);
      REQUIRE(stored.weights.size() == 2);
      const auto& share = stored.weights[stored.weights[0].name == "bf16" ? 1 : 0];
      CHECK(share.name == c.format);
      CHECK(share.elements == kPacked);
      CHECK(count_params(read.inventory).scales == Params{});  // the format's own, not parameters' of fp8
      CHECK(stored.all.bytes.value == data_bytes_of(tensors));
    };
    const Read with = read(tensors, config(c.settings));
    check(with);
    CHECK(with.reconciles);
    CHECK_FALSE(with.inventory.stored->unverified());
    if (c.settings.empty()) check(read(tensors, ""));
  }
}

TEST_CASE("if the config does not give the bits, the architecture's shapes do; without it nothing does") {
  const Tensors tensors = model(mlx(4, 64));
  const Read read = paramcount::read(tensors, config(""));
  CHECK(read.total == kTotal);
  CHECK(read.reconciles);
  CHECK(read.inventory.stored->by_family == 0);
  CHECK_THAT(refused(tensors, ""), ContainsSubstring("it may be int2 (mlx) or int8 (mlx) by its shapes"));
}

TEST_CASE("the last group of a row need not be whole") {
  const Tensors tensors{{"a.qweight", "I32", {125, 64}}, {"a.scales", "F16", {8, 64}}, {"a.qzeros", "I32", {8, 8}}};
  const TestFolder folder;
  write_checkpoint(folder / "model.safetensors", tensors);
  write_bytes(folder / "quantize_config.json", R"({"bits": 4, "group_size": 128})");
  const Catalog catalog;
  Expander expander(catalog.families(), catalog.gguf_families(), catalog.names());
  CHECK(count_params(expander.expand(read_checkpoint_model(folder.path(), catalog))).total.value == 64 * 1000);
}

TEST_CASE("mixed widths are a row each") {
  Pack four = mlx(4, 64);
  Pack six = mlx(6, 64);
  const Tensors tensors = model([&](const std::string& m, N out, N in) {
    return m.ends_with("1.mlp.down_proj") ? six(m, out, in) : four(m, out, in);
  });
  const Read read =
      paramcount::read(tensors, config(R"("quantization": {"group_size": 64, "bits": 4, "model.layers.1.mlp.down_proj":
                          {"group_size": 64, "bits": 6}})"));
  CHECK(read.total == kTotal);
  REQUIRE(read.inventory.stored->weights.size() == 3);
  N six_bits = 0;
  for (const auto& share : read.inventory.stored->weights) six_bits += share.name == "int6 (mlx)" ? share.elements : 0;
  CHECK(six_bits == kWidth * kInner);
}

TEST_CASE("experts are packed in stacks, under the parameter's own name or MLX's") {
  const Tensors oss{{"model.layers.0.mlp.experts.down_proj_blocks", "U8", {4, 96, 2, 16}},
                    {"model.layers.0.mlp.experts.down_proj_scales", "U8", {4, 96, 2}},
                    {"model.layers.0.mlp.experts.down_proj_bias", "BF16", {4, 96}}};
  CHECK(read(oss, "").total == 4 * 96 * 64 + 4 * 96);
  const Tensors original{{"block.0.mlp.mlp2_weight.blocks", "U8", {4, 96, 2, 16}},
                         {"block.0.mlp.mlp2_weight.scales", "U8", {4, 96, 2}}};
  CHECK(read(original, "").total == 4 * 96 * 64);
  const Tensors stacked{{"model.layers.0.mlp.switch_mlp.up_proj.weight", "U32", {4, 96, 8}},
                        {"model.layers.0.mlp.switch_mlp.up_proj.scales", "U8", {4, 96, 2}}};
  CHECK(read(stacked, "").total == 4 * 96 * 64);
}

TEST_CASE("gpt-oss in OpenAI's own layout is known by its config, and its names are read") {
  Tensors tensors{
      {"embedding.weight", "BF16", {100, 64}}, {"norm.scale", "BF16", {64}}, {"unembedding.weight", "BF16", {100, 64}}};
  for (const char* layer : {"block.0.", "block.1."}) {
    const auto add = [&](const char* name, const char* dtype, std::vector<N> shape) {
      tensors.push_back({std::string(layer) + name, dtype, std::move(shape)});
    };
    add("attn.norm.scale", "BF16", {64});
    add("attn.qkv.weight", "BF16", {(4 + 2 * 2) * 16, 64});
    add("attn.qkv.bias", "BF16", {(4 + 2 * 2) * 16});
    add("attn.sinks", "BF16", {4});
    add("attn.out.weight", "BF16", {64, 64});
    add("attn.out.bias", "BF16", {64});
    add("mlp.norm.scale", "BF16", {64});
    add("mlp.gate.weight", "BF16", {8, 64});
    add("mlp.gate.bias", "BF16", {8});
    add("mlp.mlp1_weight.blocks", "U8", {8, 192, 2, 16});
    add("mlp.mlp1_weight.scales", "U8", {8, 192, 2});
    add("mlp.mlp1_bias", "BF16", {8, 192});
    add("mlp.mlp2_weight.blocks", "U8", {8, 64, 3, 16});
    add("mlp.mlp2_weight.scales", "U8", {8, 64, 3});
    add("mlp.mlp2_bias", "BF16", {8, 64});
  }
  const N attention = 8 * 16 * 64 + 8 * 16 + 4 + 64 * 64 + 64 + 64;
  const N ffn = 64 + 8 * 64 + 8 + 8 * (192 * 64 + 192 + 64 * 96 + 64);
  const Read read = paramcount::read(tensors, R"({"num_hidden_layers": 2, "num_experts": 8, "experts_per_token": 2,
      "vocab_size": 100, "hidden_size": 64, "intermediate_size": 96, "swiglu_limit": 7.0, "head_dim": 16,
      "num_attention_heads": 4, "num_key_value_heads": 2, "sliding_window": 128, "initial_context_length": 4096,
      "rope_theta": 150000, "rope_scaling_factor": 32.0, "rope_ntk_alpha": 1, "rope_ntk_beta": 32})");
  CHECK(read.total == 2 * 100 * 64 + 64 + 2 * (attention + ffn));
  CHECK(read.reconciles);
  // Two of the eight experts work on a token.
  CHECK(count_params(read.inventory).active.value == read.total - 2 * 6 * (192 * 64 + 192 + 64 * 96 + 64));
}

TEST_CASE("a partner that is missing, a shape that is wrong and other bits in the config are refused by name") {
  for (const auto& c : cases()) {
    if (!c.settings.empty()) continue;
    const Tensors tensors = model(c.pack);
    const bool two_ways = c.format.ends_with("fp4") || c.format.ends_with("(compressed-tensors)");
    for (std::size_t i = 3; tensors[i].name.starts_with("model.layers.0.self_attn.q_proj."); ++i) {
      if (tensors[i].shape.size() < 2 || tensors[i].name.ends_with("hadamard_matrix")) continue;
      Tensors wrong = tensors;
      wrong[i].shape.back() += 1;
      INFO(c.format << " " << tensors[i].name);
      // If no companion gives that size, the architecture does.
      std::string said;
      try {
        const Read read = paramcount::read(wrong, config(""));
        CHECK_FALSE(read.reconciles);
        CHECK(read.inventory.stored->unverified());
      } catch (const Error& error) {
        said = error.what();
        CHECK_THAT(said, ContainsSubstring("model.layers.0.self_attn.q_proj."));
      }
      if (two_ways) CHECK_THAT(refused(wrong, ""), ContainsSubstring("model.layers.0.self_attn.q_proj."));
    }
  }
  const std::string other = config(settings(8, 128));
  CHECK_THAT(refused(model(compressed(4, 128, true)), other),
             ContainsSubstring("the config says 8 bits in groups of 128, the shapes 4 bits in groups of 128"));
  Tensors lacking = model(mlx(4, 64));
  std::erase_if(lacking, [](const auto& t) { return t.name == "model.layers.1.mlp.up_proj.biases"; });
  CHECK_THAT(refused(lacking, config(settings(4, 64))),
             ContainsSubstring("model.layers.1.mlp.up_proj.weight: unknown packed format"));
}

TEST_CASE("a config's bits and group sizes are kept only up to what any quantiser uses") {
  std::string layers;
  for (int i = 1; i <= 1000; ++i) {
    layers +=
        (i > 1 ? ", " : "") + ("\"" + std::to_string(i) + R"(": {"bits": 4, "group_size": )") + std::to_string(i) + "}";
  }
  CHECK(packed_widths(parse_json("{" + layers + "}")).size() == 256);
  // A size of -1 is one group for a row (AutoGPTQ), whatever stands around it.
  const auto whole = packed_widths(parse_json(R"({"group_size": 128, "x": {"bits": 8, "group_size": -1}})"));
  REQUIRE(whole.size() == 1);
  CHECK(whole.front().bits == 8);
  CHECK(whole.front().group == 0);
  CHECK(packed_widths(parse_json(R"({"a": {"bits": 4}, "b": {"bits": 4}, "bits": 4.5})")).size() == 1);
}

}  // namespace
}  // namespace paramcount
