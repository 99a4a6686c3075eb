// What verify, diff and a checkpoint's own page say of tensors that do not agree.

#include "catch.hpp"
#include "checkpoint_helper.hpp"
#include "process.hpp"

namespace paramcount {
namespace {

using Tensors = std::vector<NewTensor>;

TEST_CASE("verify's page names the part that is missing or misshapen, and a model's page counts it") {
  const TestFolder folder;
  write_bytes(folder / "config.json",
              R"({"model_type": "phi3", "hidden_size": 4, "num_hidden_layers": 2, "num_attention_heads": 2,
                  "num_key_value_heads": 2, "intermediate_size": 8, "vocab_size": 16, "tie_word_embeddings": false})");
  const Tensors tensors = two_layers(4);
  Tensors damaged = tensors;
  std::erase_if(damaged, [](const NewTensor& t) { return t.name == "model.layers.1.self_attn.k_proj.weight"; });
  write_checkpoint(folder / "model.safetensors", damaged);
  const Finished less = run_words({"verify", folder.path()});
  CHECK(less.code == 3);
  CHECK_THAT(less.out, ContainsSubstring("as expected  14 of 15 tensors\n"
                                         "  missing    model.layers.1.self_attn.k_proj.weight"));
  CHECK_THAT(less.out, ContainsSubstring("  4 × 4\n               a part of self_attn.qkv_proj.weight\n  spelled"));
  CHECK_THAT(run_words({folder.path()}).out,
             ContainsSubstring("family phi3 differs: 1 tensor missing (model.layers.1.self_attn.k_proj.weight). "));

  damaged = tensors;
  for (auto& tensor : damaged) {
    if (tensor.name == "model.layers.1.mlp.up_proj.weight") tensor.shape = {8, 6};
  }
  write_checkpoint(folder / "model.safetensors", damaged);
  const Finished more = run_words({"verify", folder.path()});
  CHECK(more.code == 3);
  CHECK_THAT(more.out, ContainsSubstring("as expected  14 of 15 tensors\n"
                                         "  misshapen  model.layers.1.mlp.up_proj.weight"));
  CHECK_THAT(more.out, ContainsSubstring("  8 × 4 expected, 8 × 6 found\n"
                                         "               a part of mlp.gate_up_proj.weight\n  spelled"));
  CHECK_THAT(
      run_words({folder.path()}).out,
      ContainsSubstring("family phi3 differs: 1 tensor of a different shape (model.layers.1.mlp.up_proj.weight). "));
}

}  // namespace
}  // namespace paramcount
