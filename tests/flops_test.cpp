#include "paramcount/estimate/flops.hpp"

#include "catalog/json.hpp"
#include "catch.hpp"
#include "paramcount/base/error.hpp"
#include "paramcount/catalog/catalog.hpp"
#include "paramcount/count/expand.hpp"

namespace paramcount {
namespace {

struct Counted {
  Inventory inventory;
  TokenWork work;
  ParamCounts params;
};

Counted counted(const Catalog& catalog, const std::string& id, std::uint64_t sequence) {
  Expander expander(catalog.families(), catalog.gguf_families());
  Counted result;
  result.inventory = expander.expand(catalog.model(id));
  result.work = token_work(result.inventory, sequence);
  result.params = count_params(result.inventory);
  return result;
}

TEST_CASE("a dense model's token costs its weights, its head and attention over the sequence") {
  const Catalog catalog;
  const auto llama = counted(catalog, "llama-3.1-405b", 8192);
  // By hand: 126 layers of 2·d² + 2·d·1,024 and 3·d·d_ff, and the head.
  const double layers = 126.0 * (2.0 * 16384 * 16384 + 2.0 * 16384 * 1024 + 3.0 * 16384 * 53248);
  CHECK(llama.work.weights == layers + 128256.0 * 16384);
  CHECK(llama.work.head == 128256.0 * 16384);
  REQUIRE(llama.work.attention.size() == 1);
  CHECK(llama.work.attention_flops(false) == 126.0 * 128 * 2 * 256 * 8192);
  CHECK(llama.work.attention_flops(true) == llama.work.attention_flops(false) / 2);
  CHECK(training_work(FlopsConvention::causal, Recompute::none, llama.work, llama.params.active).model * 15.6e12 ==
        Approx(3.94e25).epsilon(0.002));
  CHECK(training_work(FlopsConvention::palm, Recompute::none, llama.work, llama.params.active).model * 15.6e12 ==
        Approx(4.10e25).epsilon(0.002));
}

TEST_CASE("a window layer sees its window, and less at the start of the sequence") {
  const Catalog catalog;
  const auto gemma = counted(catalog, "gemma-3-27b", 8192);
  REQUIRE(gemma.work.attention.size() == 2);
  for (const auto& work : gemma.work.attention) {
    if (work.kind == AttentionWork::Kind::window) {
      CHECK(work.layers == 52);
      CHECK(work.keys == 1024);
      CHECK(work.visible == 1024 - 1024.0 * 1024 / (2 * 8192));
    } else {
      CHECK(work.kind == AttentionWork::Kind::full);
      CHECK(work.layers == 10);
      CHECK(work.keys == 8192);
    }
  }
  // A sequence shorter than the window knows no window.
  const auto brief = counted(catalog, "gemma-3-27b", 512);
  REQUIRE(brief.work.attention.size() == 1);
  CHECK(brief.work.attention.front().layers == 62);
}

TEST_CASE("layers that borrow a cache attend like any other") {
  const Catalog catalog;
  const auto gemma = counted(catalog, "gemma-3n-e2b", 8192);
  std::uint64_t layers = 0;
  for (const auto& work : gemma.work.attention) layers += work.layers;
  CHECK(layers == gemma.inventory.count("n_layers"));
  CHECK(gemma.inventory.borrowed.size() == 2);
}

TEST_CASE("the heads of a latent attention are as wide as the dimensions say, not as the latent") {
  const Catalog catalog;
  const auto deepseek = counted(catalog, "deepseek-v3", 4096);
  REQUIRE(deepseek.work.attention.size() == 1);
  CHECK(deepseek.work.attention.front().key_width == 192);
  CHECK(deepseek.work.attention.front().value_width == 128);
  CHECK(deepseek.work.attention.front().layers == 61);
  CHECK(deepseek.work.weights == static_cast<double>(deepseek.params.active_matmul.value));
}

TEST_CASE("an encoder sees both ways, and each token of an encoder-decoder passes one stack") {
  const Catalog catalog;
  const auto bert = counted(catalog, "bert-base", 512);
  REQUIRE(bert.work.attention.size() == 1);
  CHECK(bert.work.attention.front().kind == AttentionWork::Kind::bidirectional);
  CHECK(bert.work.attention_flops(true) == bert.work.attention_flops(false));
  const auto t5 = counted(catalog, "t5-11b", 512);
  CHECK(t5.work.stack_share == 0.5);
  CHECK(t5.work.attention.size() == 3);
  CHECK(training_work(FlopsConvention::six_nd, Recompute::none, t5.work, t5.params.active).model ==
        3.0 * static_cast<double>(t5.params.active.value));
}

TEST_CASE("a block that serves several layers is passed as often as it runs") {
  const Catalog catalog;
  const auto albert = counted(catalog, "albert-base-v2", 512);
  REQUIRE(albert.work.attention.size() == 1);
  CHECK(albert.work.attention.front().layers == 12);
  const auto block = 4.0 * 768 * 768 + 2.0 * 768 * 3072;
  CHECK(albert.work.weights > 12 * block);
  CHECK(albert.work.weights < 12.1 * block + 30000.0 * 128 + 768.0 * 128 * 2);
  const auto zamba = counted(catalog, "zamba2-7b", 4096);
  std::uint64_t layers = 0;
  for (const auto& work : zamba.work.attention) layers += work.layers;
  CHECK(layers == 13);
  CHECK(zamba.work.weights > static_cast<double>(zamba.params.active_matmul.value) * 1.2);
}

TEST_CASE("a recurrent layer costs its state and its convolution, whatever the length of the sequence") {
  const Catalog catalog;
  const auto brief = counted(catalog, "mamba2-2.7b", 1024);
  const auto lengthy = counted(catalog, "mamba2-2.7b", 65536);
  CHECK(brief.work.attention.empty());
  CHECK(brief.work.recurrent == lengthy.work.recurrent);
  // Mamba-2 (arXiv:2405.21060, section 7): d_inner = 2·2,560 channels, each with a state of 128. A token adds B xᵀ to
  // the state and reads C h from it, as in linear attention (arXiv:2006.16236, equations 18 to 20): 2 FLOPs each for an
  // element. The convolution of width 4 runs over x, B and C: 5,120 + 2·128 channels, a multiply-add for each weight.
  CHECK(brief.work.recurrent == 64 * ((2.0 + 2) * 5120 * 128 + 2.0 * 4 * (5120 + 2 * 128)));
  // Mamba (arXiv:2312.00752): 64 layers of 5,120 channels with a state of 16; the convolution runs over x alone.
  CHECK(counted(catalog, "mamba-2.8b", 1024).work.recurrent == 64 * ((2.0 + 2) * 5120 * 16 + 2.0 * 4 * 5120));
}

TEST_CASE("recomputation adds to what the hardware does, never to the model's own work") {
  const Catalog catalog;
  const auto gpt = counted(catalog, "gpt-3-175b", 2048);
  for (const auto& info : kConventions) {
    const auto none = training_work(info.convention, Recompute::none, gpt.work, gpt.params.active);
    const auto selective = training_work(info.convention, Recompute::selective, gpt.work, gpt.params.active);
    const auto full = training_work(info.convention, Recompute::full, gpt.work, gpt.params.active);
    CHECK(none.hardware == none.model);
    CHECK(selective.model == none.model);
    CHECK(full.model == none.model);
    CHECK(selective.hardware >= none.hardware);
    CHECK(full.hardware > none.hardware);
    CHECK(full.hardware <= none.model * 4 / 3 * (1 + 1e-12));
  }
  CHECK(training_work(FlopsConvention::six_nd, Recompute::full, gpt.work, gpt.params.active).hardware ==
        8.0 * static_cast<double>(gpt.params.active.value));
}

TEST_CASE("full recomputation repeats the layers and not the head, as Megatron's equation has it") {
  const Catalog catalog;
  const auto gpt = counted(catalog, "gpt-3-175b", 2048);
  // Narayanan 2021, equation 3: 96·B·s·l·h²·(1 + s/6h + V/16lh) FLOPs an iteration with everything recomputed. The
  // layers run four times (96 = 4·24), the head three: 6·h·V.
  const double l = 96;
  const double h = 12288;
  const double s = 2048;
  const double V = 50257;
  for (const auto convention : {FlopsConvention::megatron, FlopsConvention::matmul, FlopsConvention::palm}) {
    CHECK(training_work(convention, Recompute::full, gpt.work, gpt.params.active).hardware ==
          Approx(96 * l * h * h * (1 + s / (6 * h) + V / (16 * l * h))).epsilon(1e-12));
  }
}

TEST_CASE("every catalog model has a token's work under every convention but the closed form") {
  const Catalog catalog;
  Expander expander(catalog.families(), catalog.gguf_families());
  int counted_models = 0;
  catalog.each_model([&](const ModelListing& listing) {
    if (listing.total == 0) return;
    INFO(listing.id);
    const Inventory inventory = expander.expand(catalog.model(listing.id));
    const TokenWork work = token_work(inventory, 2048);
    const ParamCounts params = count_params(inventory);
    CHECK(work.weights > 0);
    CHECK(work.head <= work.weights);
    CHECK(work.attention_flops(true) <= work.attention_flops(false));
    for (const auto convention :
         {FlopsConvention::six_nd, FlopsConvention::matmul, FlopsConvention::palm, FlopsConvention::causal}) {
      CHECK(training_work(convention, Recompute::none, work, params.active).model > 0);
    }
    if (!work.plain) {
      CHECK_THROWS_AS(training_work(FlopsConvention::megatron, Recompute::none, work, params.active), Error);
    }
    ++counted_models;
  });
  CHECK(counted_models > 250);
}

TEST_CASE("heads that grow with depth are counted layer by layer") {
  const Catalog catalog;
  Expander expander(catalog.families());
  Model model;
  model.family = "openelm";
  model.config = parse_json(R"({"model_type": "openelm", "num_transformer_layers": 3, "num_query_heads": [4, 8, 12],
                                "num_kv_heads": [1, 2, 3], "ffn_multipliers": [1, 2, 3], "head_dim": 64})");
  const TokenWork work = token_work(expander.expand(model), 2048);
  // Scores and their sum with the values: 2 FLOPs for each head's 64 elements, over the sequence.
  CHECK(work.attention_flops(false) == 2.0 * 2 * 64 * (4 + 8 + 12) * 2048);
}

TEST_CASE("half of an encoder and a decoder's attention looks both ways, and a token passes half of the layers") {
  const Catalog catalog;
  const auto t5 = counted(catalog, "t5-small", 512);
  // 6 layers of the encoder, and 6 of the decoder that look at themselves and at the encoder: 8 heads of 64, 2 FLOPs
  // for each element of a key and of a value, 512 keys. Half of the tokens are the encoder's. A mask halves the
  // decoder's own.
  const double each = 2.0 * 6 * 8 * (64 + 64) * 512;
  CHECK(t5.work.attention_flops(false) == (each + each + each) / 2);
  CHECK(t5.work.attention_flops(true) == (each + each / 2 + each) / 2);
}

TEST_CASE("recomputing every second matrix repeats half of the layers' multiplications and not the head") {
  const Catalog catalog;
  const auto llama = counted(catalog, "llama-3.1-8b", 2048);
  const auto work = training_work(FlopsConvention::matmul, Recompute::ops, llama.work, llama.params.active);
  // Two FLOPs for each weight of 32 layers, half of them again (torchtitan, activation_checkpoint.py: every second mm).
  CHECK(work.hardware - work.model ==
        Approx(32 * (2.0 * 4096 * 4096 + 2.0 * 4096 * 1024 + 3.0 * 4096 * 14336)).epsilon(1e-9));
}

TEST_CASE("a module of multi-token prediction attends as a layer does, and frozen weights have no gradient") {
  const Catalog catalog;
  const auto deepseek = counted(catalog, "deepseek-v3", 4096);
  // 61 layers and one module (arXiv:2412.19437, section 2.2): 128 heads, keys of 192 and values of 128, 2 FLOPs an
  // element; a causal mask leaves half of 4,096 keys. Backward is twice forward.
  const double attention = 3 * (61 + 1) * 128 * 2.0 * (192 + 128) * 2048;
  const auto causal = training_work(FlopsConvention::causal, Recompute::none, deepseek.work, deepseek.params.active);
  CHECK(causal.model - 6 * (deepseek.work.weights + deepseek.work.mtp_weights) == Approx(attention).epsilon(1e-6));
  // Llama 3.1 8B with its weights frozen: forward and the gradients of activations, 2 FLOPs each; attention, without
  // weights, has all its three passes.
  const auto llama = counted(catalog, "llama-3.1-8b", 2048);
  const double weights = 32 * (2.0 * 4096 * 4096 + 2.0 * 4096 * 1024 + 3.0 * 4096 * 14336) + 128256.0 * 4096;
  const auto frozen = training_work(FlopsConvention::matmul, Recompute::none, llama.work, llama.params.active, true);
  CHECK(frozen.model == Approx((2 + 2) * weights + 3 * 32 * 32 * 2.0 * (128 + 128) * 2048).epsilon(1e-12));
}

}  // namespace
}  // namespace paramcount
