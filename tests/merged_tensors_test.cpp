// What a family keeps whole and a file in parts, or the other way round.
#include "verify_bench.hpp"

namespace paramcount {
namespace {

TEST_CASE("of merged tensors one is missing and one misshapen, and each counts for all its parts") {
  Bench bench;
  const Truth& llama = truth_named("Llama-3.2-1B");
  Tensors tensors = fused(llama.tensors);
  std::erase_if(tensors, [](const NewTensor& t) { return t.name == "model.layers.3.self_attn.qkv_proj.weight"; });
  for (auto& tensor : tensors) {
    if (tensor.name == "model.layers.5.mlp.gate_up_proj.weight") tensor.shape[0] += 2;
  }
  const Verification v = bench.verify(llama, tensors);
  CHECK(v.missing.size() == 3);
  REQUIRE(v.misshapen.size() == 1);
  CHECK(v.misshapen[0].name == "model.layers.5.mlp.gate_up_proj.weight");
  CHECK(v.misshapen[0].shape == std::vector<std::uint64_t>{2 * 8192, 2048});
  CHECK(v.misshapen[0].found == std::vector<std::uint64_t>{2 * 8192 + 2, 2048});
  CHECK(v.agreeing_tensors + 5 == v.expected_tensors);
  REQUIRE(v.spellings.size() == 2);
  CHECK(v.spellings[0].from == "qkv_proj.weight");
  CHECK(v.spellings[0].to == "q_proj.weight + k_proj.weight + v_proj.weight");
}

TEST_CASE("what a family keeps whole may be stored in parts, and a missing or longer part does not pass") {
  Bench bench;
  const Truth& phi = truth_named("Phi-3-mini-4k-instruct");
  const Tensors tensors = split(phi.tensors);
  CHECK(tensors.size() == phi.tensors.size() + 32 * (2 + 1));
  const Verification whole = bench.verify(phi, tensors);
  INFO(said(whole));
  CHECK(whole.reconciles());
  CHECK(whole.found.value == phi.total);
  CHECK(whole.agreeing_tensors == whole.expected_tensors);
  REQUIRE(whole.spellings.size() == 2);
  CHECK(whole.spellings[0].from == "q_proj.weight + k_proj.weight + v_proj.weight");
  CHECK(whole.spellings[0].to == "qkv_proj.weight");
  CHECK(whole.spellings[0].tensors == 96);

  Tensors damaged = tensors;
  std::erase_if(damaged, [](const NewTensor& t) { return t.name == "model.layers.3.self_attn.k_proj.weight"; });
  const Verification less = bench.verify(phi, damaged);
  INFO(said(less));
  REQUIRE(less.missing.size() == 1);
  CHECK(less.missing[0].name == "model.layers.3.self_attn.k_proj.weight");
  CHECK(less.missing[0].shape == std::vector<std::uint64_t>{3072, 3072});
  CHECK(less.missing[0].remark == "a part of self_attn.qkv_proj.weight");
  CHECK(less.unexpected.empty());
  CHECK(less.misshapen.empty());
  CHECK(less.agreeing_tensors + 1 == less.expected_tensors);
  CHECK(less.found.value + 3072 * 3072 == phi.total);

  damaged = tensors;
  for (auto& tensor : damaged) {
    if (tensor.name == "model.layers.5.mlp.up_proj.weight") tensor.shape[0] += 2;
  }
  const Verification more = bench.verify(phi, damaged);
  INFO(said(more));
  CHECK(more.missing.empty());
  REQUIRE(more.misshapen.size() == 1);
  CHECK(more.misshapen[0].name == "model.layers.5.mlp.up_proj.weight");
  CHECK(more.misshapen[0].shape == std::vector<std::uint64_t>{8192, 3072});
  CHECK(more.misshapen[0].found == std::vector<std::uint64_t>{8194, 3072});
  CHECK(more.misshapen[0].remark == "a part of mlp.gate_up_proj.weight");
  CHECK(more.agreeing_tensors + 1 == more.expected_tensors);
  CHECK(more.found.value == phi.total + 2 * 3072);
}

TEST_CASE("of parts that no layer has right, the missing one is what the others leave, and misshapen are all") {
  Bench bench;
  const Truth& phi = truth_named("Phi-3-mini-4k-instruct");
  const Tensors tensors = split(phi.tensors);

  Tensors damaged = tensors;
  std::erase_if(damaged, [](const NewTensor& t) { return t.name.ends_with(".self_attn.v_proj.weight"); });
  const Verification without_values = bench.verify(phi, damaged);
  INFO(said(without_values));
  REQUIRE(without_values.missing.size() == 1);
  CHECK(without_values.missing[0].name == "model.layers.{0–31}.self_attn.v_proj.weight");
  CHECK(without_values.missing[0].copies == 32);
  CHECK(without_values.missing[0].shape == std::vector<std::uint64_t>{3072, 3072});
  CHECK(without_values.misshapen.empty());
  CHECK(without_values.agreeing_tensors + 32 == without_values.expected_tensors);

  std::erase_if(damaged, [](const NewTensor& t) { return t.name.ends_with(".self_attn.k_proj.weight"); });
  const Verification only_queries = bench.verify(phi, damaged);
  REQUIRE(only_queries.missing.size() == 2);
  CHECK(only_queries.missing[0].name == "model.layers.{0–31}.self_attn.k_proj.weight");
  CHECK(only_queries.missing[0].shape == std::vector<std::uint64_t>{9216, 3072});
  CHECK(only_queries.missing[0].remark == "a part of self_attn.qkv_proj.weight, whose shape that is");
  CHECK(only_queries.agreeing_tensors + 32 == only_queries.expected_tensors);

  damaged = tensors;
  for (auto& tensor : damaged) {
    if (tensor.name.ends_with(".up_proj.weight")) tensor.shape[0] += 2;
  }
  const Verification longer = bench.verify(phi, damaged);
  REQUIRE(longer.misshapen.size() == 2);
  CHECK(longer.misshapen[1].name == "model.layers.{0–31}.mlp.up_proj.weight");
  CHECK(longer.misshapen[1].shape == std::vector<std::uint64_t>{16384, 3072});
  CHECK(longer.misshapen[1].found == std::vector<std::uint64_t>{8194, 3072});
  CHECK(longer.misshapen[1].remark == "a part of mlp.gate_up_proj.weight, whose shape is expected");
  CHECK(longer.missing.empty());
  CHECK(longer.agreeing_tensors + 32 == longer.expected_tensors);
}

/// A model whose experts are stacks, with gate and up apart and [out, in] turned: as stacks still, or one by one.
Tensors with_parted_experts(const Tensors& whole, bool one_by_one) {
  Tensors tensors;
  for (const auto& tensor : whole) {
    const auto at = tensor.name.find("experts.");
    if (at == std::string::npos) {
      tensors.push_back(tensor);
      continue;
    }
    const bool bias = tensor.name.ends_with("_bias");
    std::vector<std::string> parts{"down_proj"};
    if (tensor.name.find("down_proj") == std::string::npos) parts = {"gate_proj", "up_proj"};
    for (std::uint64_t expert = 0; expert < (one_by_one ? tensor.shape[0] : 1); ++expert) {
      const std::string before = tensor.name.substr(0, at + 8) + (one_by_one ? std::to_string(expert) + "." : "");
      for (const auto& part : parts) {
        std::vector<std::uint64_t> shape;
        if (!one_by_one) shape.push_back(tensor.shape[0]);
        shape.push_back(tensor.shape.back() / parts.size());
        if (!bias) shape.push_back(tensor.shape[1]);
        tensors.push_back({before + part + (bias ? ".bias" : ".weight"), "BF16", shape});
      }
    }
  }
  return tensors;
}

// ml-explore/mlx-lm models/gpt_oss.py, sanitize(): gate and up are stacks of their own, [expert, out, in].
TEST_CASE("stacks of experts in parts are the stacks a family expects") {
  Bench bench;
  const Truth& oss = truth_named("gpt-oss-20b");
  Tensors tensors = with_parted_experts(oss.tensors, false);
  const Verification v = bench.verify(oss, tensors);
  INFO(said(v));
  CHECK(v.reconciles());
  CHECK(v.found.value == oss.total);
  CHECK(v.agreeing_tensors == v.expected_tensors);

  for (auto& tensor : tensors) {
    if (tensor.name == "model.layers.5.mlp.experts.up_proj.weight") tensor.shape[1] -= 2;
  }
  CHECK_FALSE(bench.verify(oss, tensors).reconciles());
}

TEST_CASE("experts stored one by one are the stacks a family expects") {
  Bench bench;
  const Truth& oss = truth_named("gpt-oss-20b");
  const Tensors tensors = with_parted_experts(oss.tensors, true);
  const Verification v = bench.verify(oss, tensors);
  INFO(said(v));
  CHECK(v.reconciles());
  CHECK(v.found.value == oss.total);
  CHECK(v.agreeing_tensors == v.expected_tensors);

  Tensors damaged = tensors;
  std::erase_if(damaged, [](const NewTensor& t) { return t.name == "model.layers.2.mlp.experts.5.gate_proj.weight"; });
  const Verification less = bench.verify(oss, damaged);
  INFO(said(less));
  REQUIRE(less.missing.size() == 1);
  CHECK(less.missing[0].name == "model.layers.2.mlp.experts.5.gate_proj.weight");
  CHECK(less.missing[0].shape == std::vector<std::uint64_t>{2880, 2880});
  CHECK(less.missing[0].remark == "a part of mlp.experts.gate_up_proj");
  CHECK(less.misshapen.empty());
  CHECK(less.agreeing_tensors + 1 == less.expected_tensors);

  damaged = tensors;
  std::erase_if(damaged, [](const NewTensor& t) { return t.name.find("experts.31.") != std::string::npos; });
  const Verification fewer = bench.verify(oss, damaged);
  INFO(said(fewer));
  CHECK(fewer.missing.size() == 6);
  CHECK(std::all_of(fewer.missing.begin(), fewer.missing.end(), [](const auto& item) {
    return item.name.starts_with("model.layers.{0–23}.mlp.experts.31.") && item.copies == 24;
  }));
  CHECK(fewer.misshapen.empty());
  CHECK(fewer.agreeing_tensors + 4 * 24 == fewer.expected_tensors);

  damaged = tensors;
  damaged.push_back({"model.layers.2.mlp.experts.32.down_proj.weight", "BF16", {2880, 2880}});
  const Verification extra = bench.verify(oss, damaged);
  INFO(said(extra));
  REQUIRE(extra.unexpected.size() == 1);
  CHECK(extra.unexpected[0].name == "model.layers.2.mlp.experts.32.down_proj.weight");
  CHECK(extra.missing.empty());
  CHECK(extra.misshapen.empty());
  CHECK(extra.agreeing_tensors == extra.expected_tensors);
}

}  // namespace
}  // namespace paramcount
