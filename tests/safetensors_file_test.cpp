// The safetensors file that a quantiser would write of a model, with its header: against headers of whole models as the
// format's own writer puts them (tests/checkpoint_helper.cpp), with the tensors that each quantiser stores
// (data/packed.json names whose code was read). MLX stores 3 for each of Qwen3 8B's 254 matrices, and 145 norms.
#include <nlohmann/json.hpp>

#include "catch.hpp"
#include "checkpoint_helper.hpp"
#include "process.hpp"

namespace paramcount {
namespace {

using Tensors = std::vector<NewTensor>;
using N = std::uint64_t;

nlohmann::json weights_of(const std::string& model, const std::string& dtype) {
  const auto run = run_shell("paramcount " + model + " --dtype " + dtype + " --format json");
  INFO(run.err);
  REQUIRE(run.code == 0);
  return nlohmann::json::parse(run.out)["models"][0]["memory"]["weights"][0];
}

/// The tensors of Llama 3.1 8B: matrices by `pack`, the table as it is, and the head unless `head`.
template <class Pack>
Tensors llama(const Pack& pack, const char* plain, bool head) {
  Tensors t;
  const auto add = [&](const std::string& m, N out, N in) {
    for (auto& tensor : pack(m, out, in)) t.push_back(std::move(tensor));
  };
  t.push_back({"model.embed_tokens.weight", plain, {128256, 4096}});
  t.push_back({"model.norm.weight", plain, {4096}});
  if (head) {
    add("lm_head", 128256, 4096);
  } else {
    t.push_back({"lm_head.weight", plain, {128256, 4096}});
  }
  for (int layer = 0; layer < 32; ++layer) {
    const std::string in_layer = "model.layers." + std::to_string(layer) + ".";
    for (const auto& [name, out] : {std::pair<const char*, N>{"q", 4096}, {"k", 1024}, {"v", 1024}, {"o", 4096}}) {
      add(in_layer + "self_attn." + name + "_proj", out, 4096);
    }
    add(in_layer + "mlp.gate_proj", 14336, 4096);
    add(in_layer + "mlp.up_proj", 14336, 4096);
    add(in_layer + "mlp.down_proj", 4096, 14336);
    t.push_back({in_layer + "input_layernorm.weight", plain, {4096}});
    t.push_back({in_layer + "post_attention_layernorm.weight", plain, {4096}});
  }
  return t;
}

struct Case {
  std::string dtype;
  Tensors tensors;
};

std::vector<Case> cases() {
  using S = const std::string&;
  return {
      {"w4a16-g128", llama(
                         [](S m, N out, N in) {
                           return Tensors{{m + ".weight_packed", "I32", {out, in / 8}},
                                          {m + ".weight_scale", "BF16", {out, in / 128}},
                                          {m + ".weight_shape", "I64", {2}}};
                         },
                         "BF16", false)},
      {"gptq-int4-g128", llama(
                             [](S m, N out, N in) {
                               return Tensors{{m + ".qweight", "I32", {in / 8, out}},
                                              {m + ".qzeros", "I32", {in / 128, out / 8}},
                                              {m + ".scales", "F16", {in / 128, out}},
                                              {m + ".g_idx", "I32", {in}}};
                             },
                             "F16", false)},
      {"modelopt-nvfp4", llama(
                             [](S m, N out, N in) {
                               return Tensors{{m + ".weight", "U8", {out, in / 2}},
                                              {m + ".weight_scale", "F8_E4M3", {out, in / 16}},
                                              {m + ".weight_scale_2", "F32", {}},
                                              {m + ".input_scale", "F32", {}}};
                             },
                             "BF16", false)},
      {"w8a8", llama(
                   [](S m, N out, N in) {
                     return Tensors{{m + ".weight", "I8", {out, in}}, {m + ".weight_scale", "BF16", {out, 1}}};
                   },
                   "BF16", false)},
      {"exl3-4.0", llama(
                       [](S m, N out, N in) {
                         return Tensors{{m + ".trellis", "I16", {in / 16, out / 16, m == "lm_head" ? N{96} : N{64}}},
                                        {m + ".suh", "F16", {in}},
                                        {m + ".svh", "F16", {out}},
                                        {m + ".mcg", "I32", {}}};
                       },
                       "F16", true)},
      {"fp8-tensor", llama(
                         [](S m, N out, N in) {
                           return Tensors{{m + ".weight", "F8_E4M3", {out, in}}, {m + ".weight_scale", "F32", {}}};
                         },
                         "BF16", false)},
      {"bnb-int8", llama(
                       [](S m, N out, N in) {
                         return Tensors{{m + ".weight", "I8", {out, in}},
                                        {m + ".SCB", "F32", {out}},
                                        {m + ".weight_format", "U8", {}}};
                       },
                       "F16", false)},
      {"nf4-dq", llama(
                     [](S m, N out, N in) {
                       const std::string w = m + ".weight";
                       return Tensors{{w, "U8", {out * in / 2, 1}},
                                      {w + ".absmax", "U8", {out * in / 64}},
                                      {w + ".nested_absmax", "F32", {out * in / 64 / 256}},
                                      {w + ".nested_quant_map", "F32", {256}},
                                      {w + ".quant_map", "F32", {16}},
                                      {w + ".quant_state.bitsandbytes__nf4", "U8", {80}}};
                     },
                     "BF16", false)},
      {"hqq-int4-g64", llama(
                           [](S m, N out, N in) {
                             Tensors t{{m + ".W_q", "U8", {out * in / 64 / 2, 64}},
                                       {m + ".scale", "F16", {out * in / 64, 1}},
                                       {m + ".zero", "F16", {out * in / 64, 1}},
                                       {m + ".shape", "I64", {2}},
                                       {m + ".packing", "U8", {7}},
                                       {m + ".unpack_view_dtype", "U8", {11}},
                                       {m + ".compute_dtype", "U8", {13}}};
                             for (const char* name : {"nbits", "group_size", "axis"}) {
                               t.push_back({m + "." + name, "I32", {}});
                             }
                             for (const char* name :
                                  {"view_as_float", "quant_scale", "quant_zero", "offload_meta", "encoded_state_dict",
                                   "stores_quant_config", "channel_wise", "optimize", "round_zero"}) {
                               t.push_back({m + "." + name, "U8", {}});
                             }
                             return t;
                           },
                           "F16", false)}};
}

TEST_CASE("a format that quantisers store says how large its safetensors file is, header and all",
          "[safetensors_file]") {
  for (const auto& [dtype, tensors] : cases()) {
    INFO(dtype);
    const auto weights = weights_of("llama-3.1-8b", dtype);
    const auto& file = weights["safetensors"];
    CHECK(file["tensors"] == tensors.size());
    const auto header = 8 + header_of(tensors).size();
    CHECK(file["header_bytes_estimated"].get<double>() == Approx(static_cast<double>(header)).epsilon(0.03));
    CHECK(file["header_bytes_estimated"].get<N>() % 8 == 0);
    const N bytes = data_bytes_of(tensors);
    CHECK(weights["bytes"].get<N>() + file["settings_bytes"].get<N>() == bytes);
    CHECK(file["file_bytes_estimated"].get<N>() == bytes + file["header_bytes_estimated"].get<N>());
  }
  // Qwen/Qwen3-8B-MLX-4bit.
  CHECK(weights_of("qwen3-8b", "mlx-4bit-g128")["safetensors"]["tensors"] == 3 * 254 + 145);
}

TEST_CASE("the page marks the file's size as an estimate, and other formats have none", "[safetensors_file]") {
  const auto page = run_shell("paramcount qwen3-8b --dtype mlx-4bit").out;
  CHECK_THAT(
      page, ContainsSubstring("  safetensors file ") && ContainsSubstring("~4.61") && ContainsSubstring("907 tensors"));
  for (const std::string dtype : {"bf16", "int4", "q4_k_m"}) {
    CHECK(!weights_of("llama-3.1-8b", dtype).contains("safetensors"));
  }
}

}  // namespace
}  // namespace paramcount
