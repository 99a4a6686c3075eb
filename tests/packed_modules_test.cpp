// Packed checkpoints whose modules have other names, pieces or sizes than the architecture: VPTQ, whose config says the
// shape of each module; EXL3 of stacked experts, one by one and filled up; DeepSeek-V4 under DeepSeek's own names.
// Layouts: microsoft/VPTQ vptq/layers/vqlinear.py; turboderp-org/exllamav3 architecture/gpt_oss.py, modules/linear.py
// (pad_out), modules/quant/exl3.py and architecture/deepseek_v4.py, modules/dsv4.py. Totals: OpenAI's 20,914,757,184 of
// gpt-oss-20b, 284,325,869,015 of DeepSeek-V4-Flash in transformers.
#include "packed_helper.hpp"

namespace paramcount {
namespace {

struct Vptq {
  N vector{8}, bits{16}, fine_bits{8}, books{1};
  bool words{true};
};

Pack vptq(const Vptq& how) {
  return [=](const std::string& m, N out, N in) {
    const N columns = in / how.books;
    const N index = how.bits + how.fine_bits;
    Tensors t{{m + ".indices",
               how.words ? "I32" : "I16",
               {how.books, up(out, how.vector), how.words ? up(columns * index, 32) : columns}},
              {m + ".centroids.weight", "F16", {how.books, (N{1} << how.bits) * how.vector}},
              {m + ".perm", how.words ? "I16" : "I64", {in}},
              {m + ".weight_scale", "F16", {in}},
              {m + ".weight_bias", "F16", {in}}};
    if (how.fine_bits > 0) {
      t.push_back({m + ".res_centroids.weight", "F16", {how.books, (N{1} << how.fine_bits) * how.vector}});
      if (!how.words) t.push_back({m + ".res_indices", "I16", t.front().shape});
    }
    return t;
  };
}

std::string vptq_settings(const Vptq& how, N width = kWidth, N inner = kInner, const std::string& but = "") {
  std::string modules;
  const auto add = [&](const std::string& name, N out, N in) {
    if (name == but) return;
    const std::string fine = how.fine_bits > 0 ? std::to_string(N{1} << how.fine_bits) : "-1";
    modules += std::string(modules.empty() ? "" : ", ") + "\"" + name + R"(": {"vector_lens": [-1, )" +
               std::to_string(how.vector) + R"(], "num_centroids": [-1, )" + std::to_string(N{1} << how.bits) +
               R"(], "num_res_centroids": [-1, )" + fine + R"(], "group_num": )" + std::to_string(how.books) +
               R"(, "group_size": )" + std::to_string(in / how.books) + R"(, "outlier_size": 0, "in_features": )" +
               std::to_string(in) + R"(, "out_features": )" + std::to_string(out) + "}";
  };
  for (int layer = 0; layer < 2; ++layer) {
    const std::string in_layer = "model.layers." + std::to_string(layer) + ".";
    for (const std::string name : {"q", "k", "v", "o"}) add(in_layer + "self_attn." + name + "_proj", width, width);
    for (const std::string name : {"gate", "up"}) add(in_layer + "mlp." + name + "_proj", inner, width);
    add(in_layer + "mlp.down_proj", width, inner);
  }
  return R"("quantization_config": {"quant_method": "vptq", "config_for_layers": {)" + modules + "}}";
}

TEST_CASE("VPTQ's weights have the shapes that its config gives each module", "[packed_modules]") {
  for (const Vptq& how : {Vptq{}, Vptq{8, 16, 0, 1, true}, Vptq{16, 16, 16, 1, true}, Vptq{6, 12, 0, 4, true},
                          Vptq{12, 16, 12, 2, true}, Vptq{8, 12, 0, 1, false}, Vptq{8, 12, 8, 2, false}}) {
    INFO(how.vector << " " << how.bits << " " << how.fine_bits << " " << how.books << " " << how.words);
    const Tensors tensors = model(vptq(how));
    const Read read = paramcount::read(tensors, config(vptq_settings(how)));
    CHECK(read.total == kTotal);
    CHECK(read.reconciles);
    CHECK(read.inventory.stored->by_family == 0);
    CHECK(read.inventory.stored->weights.front().name == "vptq");
    CHECK_THAT(refused(tensors, ""), ContainsSubstring("unknown packed format (VPTQ"));
  }
}

TEST_CASE("VPTQ's settings that do not fit the tensors, or lack a module, are refused by name", "[packed_modules]") {
  const Vptq how;
  const Tensors tensors = model(vptq(how));
  const std::string q = "model.layers.0.self_attn.q_proj.indices: ";
  CHECK_THAT(refused(tensors, config(vptq_settings({12, 16, 8, 1, true}))),
             ContainsSubstring(q) && ContainsSubstring("(VPTQ, I32, 1×32×192)") &&
                 ContainsSubstring("its shape contradicts its config_for_layers: out_features 256, in_features 256") &&
                 ContainsSubstring("vector_lens/1 12"));
  CHECK_THAT(refused(tensors, config(vptq_settings({8, 14, 8, 1, true}))), ContainsSubstring(q));
  CHECK_THAT(refused(tensors, config(vptq_settings(how, kWidth, kInner, "model.layers.1.mlp.up_proj"))),
             ContainsSubstring("model.layers.1.mlp.up_proj.indices: ") &&
                 ContainsSubstring("its config_for_layers does not name the module"));
  Tensors other = tensors;
  const auto perm = std::find_if(other.begin(), other.end(), [](const auto& t) { return t.name.ends_with("perm"); });
  perm->shape = {kWidth - 1};
  CHECK_THAT(refused(other, config(vptq_settings(how))),
             ContainsSubstring(q) && ContainsSubstring("contradict each other") && ContainsSubstring("perm 255"));
  // The quantiser's shapes and the architecture's.
  const Tensors wider = model(vptq(how), kWidth, kInner + 128);
  CHECK(paramcount::read(wider, config(vptq_settings(how, kWidth, kInner + 128))).reconciles == false);
}

/// As exllamav3 writes a linear layer: both sides filled up to 128, and so its bias.
void exl3(Tensors& to, const std::string& m, N out, N in, bool bias, bool filled = true) {
  const N rows = up(in, 128) * 128;
  const N columns = up(out, 128) * 128;
  to.push_back({m + ".trellis", "I16", {rows / 16, columns / 16, 48}});
  to.push_back({m + ".suh", "F16", {rows}});
  to.push_back({m + ".svh", "F16", {columns}});
  to.push_back({m + ".mcg", "I32", {}});
  if (bias) to.push_back({m + ".bias", "F16", {filled ? columns : out}});
}

constexpr const char* kGptOss =
    R"({"model_type": "gpt_oss", "hidden_size": 2880, "intermediate_size": 2880, "num_hidden_layers": 2,
        "num_attention_heads": 64, "num_key_value_heads": 8, "head_dim": 64, "num_local_experts": 4,
        "num_experts_per_tok": 4, "vocab_size": 1000, "layer_types": ["sliding_attention", "full_attention"]})";

Tensors gpt_oss(bool filled, N hidden = 2880, N inner = 2880) {
  Tensors t{{"model.embed_tokens.weight", "F16", {1000, hidden}}, {"model.norm.weight", "F16", {hidden}}};
  exl3(t, "lm_head", 1000, hidden, false);
  for (int layer = 0; layer < 2; ++layer) {
    const std::string in_layer = "model.layers." + std::to_string(layer) + ".";
    const auto linear = [&](const std::string& name, N out, N in) { exl3(t, in_layer + name, out, in, true, filled); };
    linear("self_attn.q_proj", 4096, hidden);
    linear("self_attn.k_proj", 512, hidden);
    linear("self_attn.v_proj", 512, hidden);
    linear("self_attn.o_proj", hidden, 4096);
    t.push_back({in_layer + "self_attn.sinks", "F16", {64}});
    t.push_back({in_layer + "mlp.router.weight", "F16", {4, hidden}});
    t.push_back({in_layer + "mlp.router.bias", "F16", {4}});
    t.push_back({in_layer + "input_layernorm.weight", "F16", {hidden}});
    t.push_back({in_layer + "post_attention_layernorm.weight", "F16", {hidden}});
    for (int expert = 0; expert < 4; ++expert) {
      const std::string one = "mlp.experts." + std::to_string(expert) + ".";
      linear(one + "gate_proj", inner, hidden);
      linear(one + "up_proj", inner, hidden);
      linear(one + "down_proj", hidden, inner);
    }
  }
  return t;
}

constexpr N gpt_oss_total(N d, N ff) {
  const N attention = 2 * 4096 * d + 2 * 512 * d + 4096 + 2 * 512 + d + 64;
  const N experts = 4 * (3 * d * ff + 2 * ff + d);
  return 2 * 1000 * d + d + 2 * (attention + experts + 4 * d + 4 + 2 * d);
}

TEST_CASE("padded experts stored one by one are those that the architecture stacks", "[packed_modules]") {
  for (const bool filled : {true, false}) {
    const Read read = paramcount::read(gpt_oss(filled), kGptOss);
    CHECK(read.total == gpt_oss_total(2880, 2880));
    CHECK(read.reconciles);
    CHECK(read.inventory.stored->by_family == 0);
  }
  // Of two sides of one filled size, either may be which.
  std::string other = kGptOss;
  other.replace(other.find("\"intermediate_size\": 2880"), 25, "\"intermediate_size\": 2900");
  const Read read = paramcount::read(gpt_oss(true, 2880, 2900), other);
  CHECK(read.total == gpt_oss_total(2880, 2900));
  CHECK(read.reconciles);
  CHECK_THAT(refused(gpt_oss(true, 2880, 3000), kGptOss), ContainsSubstring("experts.0.gate_proj.trellis"));
}

TEST_CASE("an absent expert is missing, whatever its padding would be", "[packed_modules]") {
  Tensors tensors = gpt_oss(true);
  std::erase_if(tensors,
                [](const auto& t) { return t.name.find("layers.1.mlp.experts.3.up_proj") != std::string::npos; });
  const Read read = paramcount::read(tensors, kGptOss);
  CHECK(read.total == gpt_oss_total(2880, 2880) - 2880 * 2880 - 2880);
  CHECK(!read.reconciles);
}

/// The matrices of DeepSeek-V4 as DeepSeek publishes them: experts in fp4, other large ones in fp8.
Tensors deepseek_v4(N layers, N experts) {
  Tensors t{{"embed.weight", "BF16", {129280, 4096}},
            {"head.weight", "BF16", {129280, 4096}},
            {"norm.weight", "BF16", {4096}},
            {"hc_head_fn", "F32", {4, 16384}},
            {"hc_head_base", "F32", {4}},
            {"hc_head_scale", "F32", {1}}};
  const auto fp8 = [&](const std::string& m, N out, N in) {
    t.push_back({m + ".weight", "F8_E4M3", {out, in}});
    t.push_back({m + ".scale", "F8_E8M0", {up(out, 128), up(in, 128)}});
  };
  const auto compressor = [&](const std::string& at, N rate, N width, N entry) {
    t.push_back({at + "ape", "F32", {rate, width}});
    t.push_back({at + "wkv.weight", "BF16", {width, 4096}});
    t.push_back({at + "wgate.weight", "BF16", {width, 4096}});
    t.push_back({at + "norm.weight", "BF16", {entry}});
  };
  for (N layer = 0; layer < layers; ++layer) {
    const std::string in_layer = "layers." + std::to_string(layer) + ".";
    const std::string attn = in_layer + "attn.";
    const std::string ffn = in_layer + "ffn.";
    fp8(attn + "wq_a", 1024, 4096);
    fp8(attn + "wq_b", 32768, 1024);
    fp8(attn + "wkv", 512, 4096);
    fp8(attn + "wo_a", 8192, 4096);
    fp8(attn + "wo_b", 4096, 8192);
    t.push_back({attn + "q_norm.weight", "BF16", {1024}});
    t.push_back({attn + "kv_norm.weight", "BF16", {512}});
    t.push_back({attn + "attn_sink", "F32", {64}});
    t.push_back({in_layer + "attn_norm.weight", "BF16", {4096}});
    t.push_back({in_layer + "ffn_norm.weight", "BF16", {4096}});
    for (const std::string side : {"attn", "ffn"}) {
      t.push_back({in_layer + "hc_" + side + "_fn", "F32", {24, 16384}});
      t.push_back({in_layer + "hc_" + side + "_base", "F32", {24}});
      t.push_back({in_layer + "hc_" + side + "_scale", "F32", {3}});
    }
    if (layer >= 2 && layer % 2 == 1) {
      compressor(attn + "compressor.", 4, 1024, 512);
      compressor(attn + "indexer.compressor.", 4, 256, 128);
      fp8(attn + "indexer.wq_b", 8192, 1024);
      t.push_back({attn + "indexer.weights_proj.weight", "BF16", {64, 4096}});
    } else {
      compressor(attn + "compressor.", 128, 512, 512);
    }
    t.push_back({ffn + "gate.weight", "BF16", {experts, 4096}});
    if (layer < 3) {
      t.push_back({ffn + "gate.tid2eid", "I64", {129280, 6}});
    } else {
      t.push_back({ffn + "gate.bias", "F32", {experts}});
    }
    const std::vector<std::tuple<const char*, N, N>> matrices{
        {"w1", 2048, 4096}, {"w2", 4096, 2048}, {"w3", 2048, 4096}};
    for (const auto& [name, out, in] : matrices) fp8(ffn + "shared_experts." + name, out, in);
    for (N expert = 0; expert < experts; ++expert) {
      const std::string one = ffn + "experts." + std::to_string(expert) + ".";
      for (const auto& [name, out, in] : matrices) {
        t.push_back({one + name + ".weight", "I8", {out, in / 2}});
        t.push_back({one + name + ".scale", "F8_E8M0", {out, in / 32}});
      }
    }
  }
  return t;
}

TEST_CASE("DeepSeek-V4 under the names that DeepSeek gives it is DeepSeek-V4", "[packed_modules]") {
  const std::string settings =
      R"("expert_dtype": "fp4", "quantization_config": {"quant_method": "fp8", "weight_block_size": [128, 128]}})";
  const Read whole = paramcount::read(deepseek_v4(43, 256), R"({"model_type": "deepseek_v4", )" + settings);
  CHECK(whole.total == 284'325'869'015);
  CHECK(whole.reconciles);
  // One with fewer layers and experts, by its config; and the same with the config of the whole model.
  const Tensors cut = deepseek_v4(4, 8);
  const std::string cut_config = R"({"model_type": "deepseek_v4", "num_hidden_layers": 4, "n_routed_experts": 8, )";
  CHECK(paramcount::read(cut, cut_config + settings).reconciles);
  CHECK(!paramcount::read(cut, R"({"model_type": "deepseek_v4", )" + settings).reconciles);
}

TEST_CASE("an unpacked weight that is transposed is reported as such", "[packed_modules]") {
  Tensors tensors = gpt_oss(true);
  std::erase_if(tensors, [](const auto& t) { return t.name.find(".experts.") != std::string::npos; });
  for (const std::string in_layer : {"model.layers.0.", "model.layers.1."}) {
    tensors.push_back({in_layer + "mlp.experts.gate_up_proj", "F16", {4, 5760, 2880}});
    tensors.push_back({in_layer + "mlp.experts.gate_up_proj_bias", "F16", {4, 5760}});
    tensors.push_back({in_layer + "mlp.experts.down_proj", "F16", {4, 2880, 2880}});
    tensors.push_back({in_layer + "mlp.experts.down_proj_bias", "F16", {4, 2880}});
  }
  const TestFolder folder;
  write_checkpoint(folder / "model.safetensors", tensors);
  write_bytes(folder / "config.json", kGptOss);
  const Catalog catalog;
  Expander expander(catalog.families(), catalog.gguf_families(), catalog.names());
  const auto verification = expander.verify(read_checkpoint_model(folder.path(), catalog));
  REQUIRE(verification.misshapen.size() == 1);
  CHECK(verification.misshapen.front().remark == "rows and columns exchanged");
  CHECK(verification.missing.empty());
  CHECK(verification.found.value == gpt_oss_total(2880, 2880));
}

}  // namespace
}  // namespace paramcount
