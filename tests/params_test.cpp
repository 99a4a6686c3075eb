#include "paramcount/count/params.hpp"

#include "catalog/json.hpp"
#include "catch.hpp"
#include "paramcount/catalog/catalog.hpp"
#include "paramcount/count/expand.hpp"
#include "read/hf_config.hpp"

namespace paramcount {
namespace {

Tensor tensor(RoleKind kind, std::vector<std::uint64_t> shape) {
  Tensor result;
  result.role = {kind, RoleSuffix::none};
  result.name = TensorName("tensor");
  result.shape = std::move(shape);
  result.copies = 1;
  return result;
}

/// A tied model of 10 words and width 8 with tensors before or after its input table.
Inventory tied(std::vector<Tensor> tensors) {
  Inventory inventory;
  inventory.dims = {{"vocab_size", Value(10)}, {"tied_embeddings", Value(true)}};
  inventory.tensors = std::move(tensors);
  return inventory;
}

TEST_CASE("of several input tables the one that spans the vocabulary is the tied head") {
  // A table of 3 segments before that of 10 words: a token is multiplied with 10·8 weights, not with 3·8.
  const Inventory segments_first =
      tied({tensor(RoleKind::embedding, {3, 8}), tensor(RoleKind::embedding, {10, 8}), tensor(RoleKind::ffn, {8, 8})});
  REQUIRE(tied_head(segments_first) != nullptr);
  CHECK(tied_head(segments_first)->params() == Params{80});
  const ParamCounts counts = count_params(segments_first);
  CHECK(counts.total == Params{24 + 80 + 64});
  CHECK(counts.matmul == Params{80 + 64});
  CHECK(counts.active_without_embedding == Params{80 + 64});
  CHECK(counts.non_embedding == Params{64});
  // A padded table spans no dimension of the vocabulary's size: then it is the first.
  CHECK(tied_head(tied({tensor(RoleKind::embedding, {16, 8})}))->params() == Params{128});
}

TEST_CASE("only a head that spans the vocabulary takes the place of a tied one") {
  const Inventory transform = tied({tensor(RoleKind::embedding, {10, 8}), tensor(RoleKind::head, {8, 8})});
  REQUIRE(tied_head(transform) != nullptr);
  CHECK(count_params(transform).matmul == Params{80 + 64});
  const Inventory own = tied({tensor(RoleKind::embedding, {10, 8}), tensor(RoleKind::head, {10, 8})});
  CHECK(tied_head(own) == nullptr);
  CHECK(count_params(own).matmul == Params{80});
  CHECK(count_params(own).active_without_embedding == Params{80});
}

TEST_CASE("BERT's head transforms and then uses input embedding, so a token is multiplied with both") {
  const Catalog catalog;
  Expander expander(catalog.families());
  const auto bert = expander.expand(model_of_config(
      parse_json(R"({"model_type": "bert", "architectures": ["BertForMaskedLM"]})"), "bert-base-uncased", catalog));
  // Devlin 2018: 12 layers of width 768 and 3,072, 30,522 words; the transform is 768 wide.
  CHECK(count_params(bert).matmul == Params{12 * (4 * 768 * 768 + 2 * 768 * 3072) + 768 * 768 + 30522 * 768});
}

TEST_CASE("learned positions are not among the multiplied parameters, a tied table is") {
  const Catalog catalog;
  Expander expander(catalog.families());
  const auto counts = count_params(expander.expand(catalog.model("gpt-2")));
  // Radford et al. 2019: 12 layers of width 768, 50,257 words, 1,024 positions. A layer is attention of 768 × 2,304 and
  // 768 × 768, ffn of 768 × 3,072 twice, their biases and two norms.
  const std::uint64_t layer = (768 + 1) * 2304 + (768 + 1) * 768 + (768 + 1) * 3072 + (3072 + 1) * 768 + 4 * 768;
  CHECK(counts.active_without_embedding == Params{12 * layer + 2 * 768 + 50257 * 768});
  CHECK(counts.total == counts.active_without_embedding + Params{1024 * 768});
}

TEST_CASE("block-scaled fp8 has a scale for each tile of attention, experts and shared experts") {
  const Catalog catalog;
  Expander expander(catalog.families());
  const auto layer = expander.expand(model_of_config(parse_json(R"({
    "model_type": "deepseek_v3", "num_hidden_layers": 1, "first_k_dense_replace": 0, "num_nextn_predict_layers": 0,
    "hidden_size": 256, "q_lora_rank": 256, "kv_lora_rank": 128, "qk_nope_head_dim": 64, "qk_rope_head_dim": 64,
    "v_head_dim": 64, "num_attention_heads": 2, "num_key_value_heads": 2, "n_routed_experts": 4, "n_shared_experts": 1,
    "num_experts_per_tok": 2, "n_group": 1, "topk_group": 1, "moe_intermediate_size": 128, "vocab_size": 512,
    "quantization_config": {"quant_method": "fp8", "weight_block_size": [128, 128]}})"),
                                                     "config", catalog));
  // Tiles of 128 x 128 (DeepSeek-V3, section 3.3.2). Attention: 256x256, 256x256, 192x256, 256x128 and 256x128 make
  // 4 + 4 + 4 + 2 + 2; each of 4 experts and the shared one 3 matrices of 128x256: 2 each. The router, the tables and
  // the norms are not scaled.
  CHECK(count_params(layer).scales == Params{16 + (4 + 1) * 6});
}

}  // namespace
}  // namespace paramcount
