#include "paramcount/estimate/lora.hpp"

#include "catalog/json.hpp"
#include "catch.hpp"
#include "paramcount/count/adapter.hpp"
#include "paramcount/estimate/adapter.hpp"
#include "paramcount/estimate/sparsity.hpp"
#include "paramcount/estimate/weights.hpp"

namespace paramcount {
namespace {

Tensor in_layers(RoleKind kind, std::vector<std::uint64_t> shape, std::uint64_t layers) {
  Tensor tensor;
  tensor.role = {kind, RoleSuffix::none};
  tensor.name = TensorName::of_pattern("layers.{layer}." + std::string(name_of(kind)));
  tensor.shape = std::move(shape);
  tensor.axes = {{"layer", {{0, layers - 1}}}};
  tensor.copies = layers;
  tensor.layer_axis = 0;
  return tensor;
}

TEST_CASE("projections of attention are as wide as their heads, values by their own width") {
  // 3 layers of width 16 with 4 heads and 2 of keys and values; keys are 8 wide, values 4. An adapter of rank r beside
  // a matrix of n inputs and m outputs trains r·(n + m) (arXiv:2106.09685, section 4.1).
  Inventory inventory;
  inventory.dims = {{"d_model", Value(16)},
                    {"n_heads", Value(4)},
                    {"n_kv_heads", Value(2)},
                    {"head_dim", Value(8)},
                    {"v_head_dim", Value(4)}};
  inventory.tensors = {in_layers(RoleKind::attention, {32 + 16 + 8, 16}, 3)};
  const Lora lora = count_lora(inventory, {}, {5, {"q", "k", "v", "o"}, {}, {}});
  REQUIRE(lora.targets.size() == 4);
  CHECK(lora.targets[0].trained == Params{3 * 5 * (16 + 4 * 8)});
  CHECK(lora.targets[1].trained == Params{3 * 5 * (16 + 2 * 8)});
  CHECK(lora.targets[2].trained == Params{3 * 5 * (16 + 2 * 4)});
  CHECK(lora.targets[3].trained == Params{3 * 5 * (4 * 4 + 16)});
  CHECK(lora.trained == Params{3 * 5 * (48 + 32 + 24 + 32)});
}

TEST_CASE("pruning leaves alone routers, heads, towers and everything outside the layers") {
  Inventory inventory;
  inventory.tensors = {in_layers(RoleKind::attention, {8, 8}, 2), in_layers(RoleKind::router, {4, 8}, 2),
                       in_layers(RoleKind::ffn, {8, 16}, 2), in_layers(RoleKind::vision, {8, 8}, 2),
                       in_layers(RoleKind::norm, {8}, 2)};
  Tensor head = in_layers(RoleKind::head, {8, 8}, 1);
  head.layer_axis = -1;
  inventory.tensors.push_back(head);
  WeightFormat fp16;
  fp16.dtype.bits = 16;
  const PrunedMemory pruned = prune(inventory, fp16, parse_sparsity("2:4"));
  // Half of 2·(64 + 128) goes; which stay takes 2 bits for each that does (arXiv:2104.08378, section 3.1).
  CHECK(pruned.pruned == Params{192});
  CHECK(pruned.total == Params{192 + 2 * (32 + 64 + 8) + 64});
  CHECK(pruned.index == Bytes{192 * 2 / 8});
}

TEST_CASE(
    "a prompt is tuned for the encoder and for the decoder, and ranks are a range from the lowest to the highest") {
  // peft/tuners/prompt_tuning/model.py: num_virtual_tokens · num_transformer_submodules vectors.
  const auto prompt = prompt_parameters(parse_json(
      R"({"peft_type": "PROMPT_TUNING", "num_virtual_tokens": 20, "token_dim": 512, "num_transformer_submodules": 2})"));
  CHECK(prompt == Params{20 * 512 * 2});
  Checkpoint checkpoint;
  const auto add = [&](std::string_view name, std::vector<std::uint64_t> shape) {
    StoredTensor tensor;
    tensor.name = name;
    tensor.dtype = "F32";
    tensor.elements = shape[0] * shape[1];
    tensor.shape.assign(shape.begin(), shape.end());
    checkpoint.tensors.push_back(std::move(tensor));
  };
  add("base_model.model.layers.0.q_proj.lora_A.weight", {8, 64});
  add("base_model.model.layers.0.q_proj.lora_B.weight", {64, 8});
  add("base_model.model.layers.0.v_proj.lora_A.weight", {16, 64});
  add("base_model.model.layers.0.v_proj.lora_B.weight", {64, 16});
  const AdapterSummary summary = count_adapter(checkpoint);
  CHECK(summary.rank_low == 8);
  CHECK(summary.rank_high == 16);
  CHECK(summary.parameters == Params{2 * 64 * (8 + 16)});
}

TEST_CASE("a router and what is outside the layers take no adapter unless they are named") {
  Inventory inventory;
  inventory.tensors = {in_layers(RoleKind::attention, {8, 16}, 2), in_layers(RoleKind::router, {4, 8}, 2),
                       in_layers(RoleKind::vision, {8, 8}, 2)};
  CHECK(count_lora(inventory, {}, parse_lora("4")).trained == Params{2 * 4 * (8 + 16)});
}

}  // namespace
}  // namespace paramcount
