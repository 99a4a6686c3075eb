#include "paramcount/kv_cache.hpp"

#include "catch.hpp"
#include "paramcount/catalog.hpp"
#include "paramcount/error.hpp"
#include "paramcount/expand.hpp"
#include "paramcount/training.hpp"

namespace paramcount {
namespace {

struct Case {
  const char* model;
  std::uint64_t bytes_per_token;  ///< fp16
  const char* source;
};

KvCache ideal_kv_cache(const Inventory& inventory, std::uint64_t context, std::uint64_t sequences, const Dtype& dtype) {
  return kv_cache(inventory.state, inventory, {context, sequences, dtype, dtype, {}});
}

TEST_CASE("the cache of a token is what papers and model dimensions say") {
  const Catalog catalog;
  Expander expander(catalog.families());
  const auto c = GENERATE(values<Case>({
      {"llama-3.1-8b", 131'072, "2 × 32 layers × 8 kv heads × 128 × 2 B"},
      {"llama-2-70b", 327'680, "2 × 80 layers × 8 kv heads × 128 × 2 B"},
      {"deepseek-v3", 35'136 * 2, "61 layers × (512 + 64) × 2 B"},
      {"gpt-3-175b", 96 * 2 * 12'288 * 2, "2 × 96 layers × 96 heads × 128 × 2 B"},
  }));
  INFO(c.model << ": " << c.source);
  const auto inventory = expander.expand(catalog.model(c.model));
  CHECK(ideal_kv_cache(inventory, 1, 1, catalog.dtype("fp16")).total().value == c.bytes_per_token);
  CHECK(ideal_kv_cache(inventory, 1000, 3, catalog.dtype("fp16")).total().value == c.bytes_per_token * 3000);
}

TEST_CASE("a window cache stops growing at its width") {
  const Catalog catalog;
  Expander expander(catalog.families());
  const auto inventory = expander.expand(catalog.model("gemma-2-9b"));
  const auto fp16 = catalog.dtype("fp16");
  const auto at = [&](std::uint64_t context) { return ideal_kv_cache(inventory, context, 1, fp16); };
  CHECK(at(4096).window == at(65536).window);
  CHECK(at(4095).window < at(4096).window);
  CHECK(at(65536).full.value == 2 * at(32768).full.value);
  // 21 of 42 layers look back 4,096 tokens: 8 heads × 256 × 2 (keys and values) × 2 B.
  CHECK(at(8192).window.value == 21ULL * 4096 * 8 * 256 * 2 * 2);
}

TEST_CASE("recurrent state is kept once per sequence, whatever the context") {
  const Catalog catalog;
  Expander expander(catalog.families());
  const auto inventory = expander.expand(catalog.model("mamba-2.8b"));
  const auto fp16 = catalog.dtype("fp16");
  CHECK(ideal_kv_cache(inventory, 10, 1, fp16).total() == ideal_kv_cache(inventory, 100'000, 1, fp16).total());
  // 64 layers × (5,120 × 16 state + 5,120 × 3 convolution) × 4 B.
  CHECK(ideal_kv_cache(inventory, 10, 2, fp16).state.value == 2ULL * 64 * (5120 * 16 + 5120 * 3) * 4);
}

TEST_CASE("bytes of a format are whole, block scales included") {
  const Catalog catalog;
  CHECK(catalog.dtype("fp16").bytes_of(3).value == 6);
  CHECK(catalog.dtype("int4").bytes_of(3).value == 2);
  CHECK(catalog.dtype("mxfp4").bytes_of(64).value == 34);
  CHECK(catalog.dtype("float16").id == "fp16");
  CHECK_THROWS_AS(catalog.dtype("fp64").bytes_of(UINT64_MAX), Error);
}

TEST_CASE("six FLOPs per parameter and token give GPT-3's published compute") {
  const auto flops = training_flops_6nd({174'604'259'328}, 300e9);
  CHECK(flops.value == Approx(3.14e23).epsilon(0.01));
  const auto cost = training_cost({flops, {312e12}, 1024, 0.5, {2.0}});
  CHECK(hours(cost.device_time) == Approx(flops.value / (312e12 * 0.5) / 3600));
  CHECK(cost.wall_time.value == Approx(cost.device_time.value / 1024));
  CHECK(cost.cost.value == Approx(2.0 * hours(cost.device_time)));
  CHECK(implied_mfu(flops, {312e12}, hours(cost.device_time)) == Approx(0.5));
}

}  // namespace
}  // namespace paramcount
