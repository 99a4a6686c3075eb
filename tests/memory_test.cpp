#include "paramcount/estimate/kv_cache.hpp"

#include "catalog/json.hpp"
#include "catch.hpp"
#include "estimate/runtimes/vllm_pages.hpp"
#include "family_helper.hpp"
#include "paramcount/base/error.hpp"
#include "paramcount/catalog/catalog.hpp"
#include "paramcount/count/expand.hpp"
#include "paramcount/estimate/flops.hpp"
#include "paramcount/estimate/training_plan.hpp"
#include "paramcount/estimate/weights.hpp"

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
      {"deepseek-v2", 34'560 * 2, "DeepSeek-V2, appendix C.2, table 9: 34.6 K elements"},
      {"deepseek-v2-lite", 15'552 * 2, "the same: 15.6 K elements"},
      {"opt-13b", 819'200, "PagedAttention, arXiv:2309.06180, section 3: 800 KB"},
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

TEST_CASE("keys and values of a cache may have different widths") {
  // Four KV heads with keys of 192 and values of 128 numbers, as DeepSeek-V3's heads without its latent.
  State state;
  state.kind = StateKind::kv;
  state.shape = {4, 192, 128};
  CHECK(state.key_elements() == 4 * 192);
  CHECK(state.value_elements() == 4 * 128);
  CHECK(state.elements() == 4 * (192 + 128));
}

TEST_CASE("a compressed cache keeps one entry for every few tokens, once they are complete") {
  const Catalog catalog;
  Expander expander(catalog.families());
  Model model;
  model.family = "deepseek_v4";
  // DeepSeek-V4-Flash: 2 layers of windows alone, then in turns one entry for 4 and one for 128 tokens.
  std::string ratios = "0, 0";
  for (int layer = 2; layer < 43; ++layer) ratios += layer % 2 == 0 ? ", 4" : ", 128";
  model.config = parse_json(R"({"num_hidden_layers": 43, "compress_ratios": [)" + ratios + "]}");
  const auto inventory = expander.expand(model);
  const auto fp16 = catalog.dtype("fp16");
  const auto at = [&](std::uint64_t context, std::uint64_t sequences = 1) {
    return ideal_kv_cache(inventory, context, sequences, fp16);
  };
  // Its cache as its modelling code keeps it: 21 layers of 512 + 128 for 4 tokens, 20 of 512 for 128, 2 B each.
  const auto entries = [](std::uint64_t fours, std::uint64_t long_ones) {
    return 2 * (21 * 640 * fours + 20 * 512 * long_ones);
  };
  CHECK(at(1'048'576).full.value == entries(262'144, 8'192));
  CHECK(at(131).full.value == entries(32, 1));
  CHECK(at(127).full.value == entries(31, 0));
  CHECK(at(3).full.value == 0);
  CHECK(at(4096, 3).full.value == 3 * entries(1024, 32));
  CHECK(at(4096).full_elements == 3'440);
  CHECK(at(4096).bytes_per_token == 2 * (3'440 + 43 * 512));
  CHECK(at(4096).window.value == 2 * 43 * 128 * 512);
  // Keys and gates of the tokens that wait: 3 or 127, of two series with the index's or of one; and a window's overlap.
  CHECK(at(1).state_elements == 21 * (3 * 2560 + 4 * 1280) + 20 * 127 * 1024);
  std::uint64_t kinds = 0;
  for (const auto& work : token_work(inventory, 4096).attention) {
    if (work.kind != AttentionWork::Kind::full) continue;
    ++kinds;
    CHECK(work.layers == (work.every == 4 ? 21 : 20));
    CHECK(work.keys == (work.every == 4 ? 1024 : 32));
    CHECK(work.visible == work.keys / 2);
  }
  CHECK(kinds == 2);
  const auto family = [](const std::string& compression) {
    return R"({"family": "f", "source": "t", "keys": {"n": 4}, "dims": {"layers": "2")" + compression +
           R"(}, "indices": {"layer": "layers"}, "tensors": [],
               "state": [["compressed", "c.{layer}", ["8"]]]})";
  };
  CHECK(expand_text(family(R"(, "compression": "$n")"), "{}").state.at(0).every == 4);
  CHECK_THAT(expand_failure(family(R"(, "compression": "$n")"), R"({"n": 0})"),
             ContainsSubstring("compression must not be 0"));
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

TEST_CASE("every runtime of the table has its rules, and its knobs can be set") {
  CHECK(RuntimeChoice{}.id == "ideal");
  for (const auto& profile : runtime_profiles()) {
    INFO(profile.name);
    CHECK_FALSE(profile.text.empty());
    CHECK_FALSE(profile.source.empty());
    CHECK(profile.cells != nullptr);
    CHECK(profile.window_cells != nullptr);
    CHECK(profile.widths != nullptr);
    CHECK(profile.state_bytes != nullptr);
    const std::string name(profile.name);
    for (const auto& knob : profile.knobs) {
      const bool number = knob.kind == RuntimeProfile::Knob::Kind::number;
      const std::string text = name + ":" + std::string(knob.name) + (number ? "=77" : "");
      CHECK(parse_runtime(text).id == text);
      CHECK(parse_runtime(text).knob(knob.name) == (number ? 77 : 1));
      CHECK(parse_runtime(name).knob(knob.name) == knob.usual);
    }
  }
}

TEST_CASE("runtimes keep what they say") {
  const Catalog catalog;
  Expander expander(catalog.families(), catalog.gguf_families());
  const auto fp16 = catalog.dtype("fp16");
  const auto at = [&](const char* model, const char* runtime, std::uint64_t context, std::uint64_t sequences) {
    const auto inventory = expander.expand(catalog.model(model));
    const auto choice = parse_runtime(runtime);
    const bool llama_cpp = choice.profile->reads_gguf;
    const auto state = llama_cpp ? expander.expand_gguf(catalog.model(model)).state : inventory.state;
    return kv_cache(state, inventory, {context, sequences, fp16, fp16, choice});
  };
  // 1,000 tokens are 63 pages of 16 and 1,024 cells.
  CHECK(at("llama-3.1-8b", "vllm", 1000, 1).total().value == 131'072ULL * 1008);
  CHECK(at("llama-3.1-8b", "vllm:block=32", 1000, 3).total().value == 131'072ULL * 1024 * 3);
  CHECK(at("llama-3.1-8b", "llama.cpp", 1000, 1).total().value == 131'072ULL * 1024);
  CHECK(at("llama-3.1-8b", "llama.cpp", 1000, 4).total().value == 131'072ULL * 1024 * 4);
  CHECK(at("llama-3.1-8b", "llama.cpp:unified", 1000, 4).total().value == 131'072ULL * 4096);
  CHECK(at("llama-3.1-8b", "llama.cpp:ctx=5000", 1, 1).total().value == 131'072ULL * 5120);
  // gemma-2-9b: 21 layers look back 4,096 tokens, 8 heads × 256 of keys and of values, 2 B.
  const std::uint64_t token = 21ULL * 2 * 8 * 256 * 2;
  CHECK(at("gemma-2-9b", "llama.cpp", 65536, 1).window.value == token * (4096 + 512));
  CHECK(at("gemma-2-9b", "llama.cpp:ubatch=2048", 65536, 1).window.value == token * (4096 + 2048));
  CHECK(at("gemma-2-9b", "llama.cpp:swa-full", 65536, 1).window.value == token * 65536);
  CHECK(at("gemma-2-9b", "transformers", 65536, 1).window.value == token * 4095);
  CHECK(at("gemma-2-9b", "transformers:static", 65536, 1).window.value == token * 4096);
  CHECK(at("gemma-2-9b", "vllm:batched=1024", 65536, 1).window.value == token * (5120 + 16));
  // transformers caches DeepSeek-V3's latent expanded: 128 heads × (128 + 64 + 128), 61 layers.
  CHECK(at("deepseek-v3", "transformers", 1, 1).total().value == 61ULL * 128 * 320 * 2);
  // Gated delta nets in fp32, the inputs of their convolutions in 16 bits: vllm-project/vllm#54076 prints blocks of 800
  // tokens for a state of that size; whatever the cache's own format is.
  CHECK(at("qwen3.5-27b", "vllm", 8192, 1).state.value == 48ULL * (48 * 128 * 128 * 4 + 10240 * 3 * 2));
  CHECK(at("qwen3.5-35b-a3b", "vllm", 8192, 1).state.value == 64'389'120);
  CHECK(at("deepseek-v3", "vllm:block=1", 1, 1).total().value == 61ULL * 576 * 2);
  // Of 1,025 tokens one of two devices keeps 513, 33 pages (vllm/v1/kv_cache_interface.py: cdiv by dcp_world_size).
  CHECK(at("llama-3.1-8b", "vllm:dcp=2", 1025, 1).total().value == 131'072ULL * 33 * 16);
  // Windows are in blocks of 32 too; to draft two tokens llama.cpp keeps the state before each of them.
  CHECK(at("gemma-2-9b", "tensorrt-llm", 1000, 1).window.value == token * 1024);
  CHECK(at("mamba-2.8b", "llama.cpp:draft=2", 10, 1).state.value == 3ULL * 64 * (5120 * 16 + 5120 * 3) * 4);
}

TEST_CASE("of an encoder each sequence keeps the keys and values of its own positions") {
  const Catalog catalog;
  Expander expander(catalog.families());
  const auto whisper = expander.expand(catalog.model("whisper-tiny"));
  const auto fp16 = catalog.dtype("fp16");
  CacheRequest request{10, 3, fp16, fp16, {}};
  request.encoder = 1500;
  // 4 layers of the decoder, 384 wide: keys and values of its own 10 tokens, and of the encoder's 1,500 positions.
  CHECK(kv_cache(whisper.state, whisper, request).total().value == 3ULL * 4 * 2 * 384 * 2 * (10 + 1500));
}

TEST_CASE("keys and values of images are cached each in its own format") {
  const Catalog catalog;
  Inventory none;
  CacheRequest request{10, 3, catalog.dtype("q8_0"), catalog.dtype("fp16"), {}};
  request.encoder_elements = 2 * 64;
  // Three sequences of 64 keys and 64 values: a block of 32 in q8_0 has 34 bytes, a number in fp16 two.
  CHECK(kv_cache({}, none, request).encoder == Bytes{3 * (2 * 34 + 64 * 2)});
}

TEST_CASE("a GGUF's own module of multi-token prediction keeps a cache for each sequence") {
  const Catalog catalog;
  Expander expander(catalog.families());
  Inventory inventory = expander.expand(catalog.model("llama-3.1-8b"));
  inventory.draft_state = {inventory.state.front()};
  inventory.draft_state.front().copies = 1;
  const auto fp16 = catalog.dtype("fp16");
  const auto draft = kv_cache(inventory.state, inventory, {1000, 3, fp16, fp16, {}}).draft;
  CHECK(draft.value == 3ULL * 1000 * 2 * 1024 * 2);
}

TEST_CASE("unknown runtimes and knobs are refused") {
  CHECK_THROWS_WITH(parse_runtime("vlm"), ContainsSubstring("Did you mean vllm?"));
  CHECK_THROWS_WITH(parse_runtime("llama.cpp:ubach=1"), ContainsSubstring("Did you mean ubatch?"));
  CHECK_THROWS_WITH(parse_runtime("ideal:unified"), ContainsSubstring("It has none"));
  CHECK_THROWS_WITH(parse_runtime("llama.cpp:unified=1"), ContainsSubstring("takes no value"));
  CHECK_THROWS_WITH(parse_runtime("llama.cpp:ubatch"), ContainsSubstring("expected a value"));
  CHECK_THROWS_AS(parse_runtime("llama.cpp:ubatch=0"), Error);
}

TEST_CASE("formats with scales cost what their definitions say") {
  const Catalog catalog;
  struct Format {
    const char* id;
    double bits;
    const char* source;
  };
  const auto f = GENERATE(values<Format>({{"nf4", 4.5, "QLoRA, section 3"},
                                          {"nf4-dq", 4.126953125, "QLoRA, section 3: 0.127 bits"},
                                          {"awq", 4.15625, "16-bit scale and 4-bit zero for 128"},
                                          {"gptq-int4-g32", 4.625, "the same for 32"},
                                          {"hqq-int4-g64", 4.5, "hqq/core/quantize.py: fp16 scale and zero for 64"},
                                          {"hqq-int2-g64", 2.5, "the same"},
                                          {"mxfp4", 4.25, "OCP MX 1.0"},
                                          {"mxfp8", 8.25, "OCP MX 1.0"},
                                          {"nvfp4", 4.5, "fp8 scale for 16"},
                                          {"fp8-block128", 8.001953125, "fp32 for 128 × 128"},
                                          {"ternary", 1.6, "5 in a byte"},
                                          {"q4_k", 4.5, "144 bytes for 256"},
                                          {"iq1_s", 1.5625, "50 bytes for 256"}}));
  INFO(f.id << ": " << f.source);
  CHECK(catalog.dtype(f.id).bits_per_weight() == Approx(f.bits));
}

TEST_CASE("tiles are counted by the matrix, vectors stay as they are") {
  const Catalog catalog;
  // Five ternary numbers fit in a byte (3^5 = 243), the last byte holds the rest.
  CHECK(catalog.dtype("ternary").bytes_of(std::vector<std::uint64_t>{3, 4}).value == 3);
  CHECK(catalog.dtype("ternary").bytes_of(std::vector<std::uint64_t>{5}).value == 1);
  const Dtype fp8 = catalog.dtype("fp8-block128");
  CHECK(fp8.bytes_of(std::vector<std::uint64_t>{256, 128}).value == 256 * 128 + 2 * 4);
  CHECK(fp8.bytes_of(std::vector<std::uint64_t>{129, 129}).value == 129 * 129 + 4 * 4);
  CHECK(fp8.bytes_of(std::vector<std::uint64_t>{3, 129, 129}).value == 3 * (129 * 129 + 4 * 4));
  CHECK(catalog.dtype("bnb-int8").bytes_of(std::vector<std::uint64_t>{10, 7}).value == 70 + 10 * 4);
  CHECK(fp8.leaves_alone({RoleKind::norm, RoleSuffix::none}));
  CHECK(fp8.leaves_alone({RoleKind::attention, RoleSuffix::bias}));
  CHECK_FALSE(fp8.leaves_alone({RoleKind::attention, RoleSuffix::none}));
}

TEST_CASE("gpt-oss is as large as its model card says") {
  // gpt-oss model card, table 1: 12.8 and 60.8 GiB, experts in MXFP4 and all else in BF16.
  const Catalog catalog;
  Expander expander(catalog.families());
  const auto format = weight_format("experts=mxfp4,default=bf16", false, catalog);
  const auto gib = [&](const char* model) {
    return static_cast<double>(weigh(expander.expand(catalog.model(model)), format).bytes.value) / 1073741824.0;
  };
  CHECK(gib("gpt-oss-20b") == Approx(12.8).margin(0.05));
  CHECK(gib("gpt-oss-120b") == Approx(60.8).margin(0.05));
}

TEST_CASE("a format by role says what it does, and refuses what it cannot") {
  const Catalog catalog;
  CHECK(weight_format("Experts=MXFP4, attention=fp8", false, catalog).id == "experts=mxfp4,attention=fp8,default=bf16");
  CHECK_THROWS_WITH(weight_format("expert=mxfp4,experts=fp8", false, catalog), ContainsSubstring("twice"));
  CHECK_THROWS_WITH(weight_format("attenton=fp8", false, catalog), ContainsSubstring("Did you mean attention?"));
  CHECK_THROWS_WITH(weight_format("experts=q4_k_m", false, catalog), ContainsSubstring("file type"));
  CHECK_THROWS_WITH(weight_format("q4km", false, catalog), ContainsSubstring("q4_k_m"));
  CHECK_THROWS_WITH(weight_format("gguf:mxfp4", false, catalog), ContainsSubstring("mxfp4_moe"));
  CHECK(weight_format("bf16", false, catalog).file_type == std::nullopt);
  CHECK(weight_format("gguf:bf16", false, catalog).id == "gguf:bf16");
  CHECK(weight_format("gguf:q8_0", false, catalog).id == "q8_0");
  CHECK(weight_format("Q4_K", false, catalog).id == "q4_k_m");
}

TEST_CASE("bytes of a format are whole, block scales included") {
  const Catalog catalog;
  CHECK(catalog.dtype("fp16").bytes_of(3).value == 6);
  CHECK(catalog.dtype("int4").bytes_of(3).value == 2);
  CHECK(catalog.dtype("mxfp4").bytes_of(64).value == 34);
  CHECK(catalog.dtype("float16").id == "fp16");
  // 210 numbers in 4 bits, and a scale of 4 B for each 64 of them that are begun, over the ends of rows.
  CHECK(catalog.dtype("nf4").bytes_of(std::vector<std::uint64_t>{3, 70}).value == 105 + 4 * 4);
  CHECK(weight_format("experts=mxfp4,default=bf16", false, catalog).narrowest().id == "mxfp4");
  CHECK_THROWS_AS(catalog.dtype("fp64").bytes_of(std::uint64_t{UINT64_MAX}), Error);
}

TEST_CASE("six FLOPs per parameter and token give GPT-3's published compute") {
  const auto flops = training_flops_6nd({174'604'259'328}, 300e9);
  CHECK(flops.value == Approx(3.14e23).epsilon(0.01));
  const Seconds time = device_time(flops, {312e12}, 0.5);
  CHECK(hours(time) == Approx(flops.value / (312e12 * 0.5) / 3600));
  CHECK(implied_mfu(flops, {312e12}, hours(time)) == Approx(0.5));
}

TEST_CASE("vLLM groups layers by the fewest of a kind, by the most where these are nearly as few") {
  const Catalog catalog;
  Expander expander(catalog.families());
  const Inventory inventory = expander.expand(catalog.model("llama-3.1-8b"));
  const auto fp16 = catalog.dtype("fp16");
  const CacheRequest request{1600, 1, fp16, fp16, parse_runtime("vllm")};
  State full;
  full.shape = {8, 128, 128};
  State window = full;
  window.kind = StateKind::window;
  window.window = 128;
  // Of 1,600 tokens a group takes 100 pages of 16, one of windows a page more: it keeps 127 and what is scheduled at
  // once. vllm/v1/core/kv_cache_utils.py: the most layers of a kind where they are below 1.25 times the fewest.
  const auto blocks = [&](std::uint64_t layers, std::uint64_t windows) {
    full.copies = layers;
    window.copies = windows;
    return VllmPages({full, window}, inventory, request).blocks_of(1600);
  };
  CHECK(blocks(13, 12) == 100 + 101);
  CHECK(blocks(14, 20) == 100 + 2 * 101);
}

TEST_CASE("of Laguna's layers those with a window keep it, and the others all tokens") {
  // transformers, models/laguna: layer_types says which of the layers attend in a window. 8 KV heads of 128.
  const Catalog catalog;
  Expander expander(catalog.families());
  Model model;
  model.family = "laguna";
  model.config = parse_json(R"({"model_type": "laguna", "num_hidden_layers": 3, "sliding_window": 512,
    "layer_types": ["full_attention", "sliding_attention", "sliding_attention"]})");
  const auto cache = ideal_kv_cache(expander.expand(model), 4096, 1, catalog.dtype("fp16"));
  CHECK(cache.full.value == 4096ULL * 8 * 128 * 2 * 2);
  CHECK(cache.window.value == 2 * 512ULL * 8 * 128 * 2 * 2);
}

TEST_CASE("the states of hybrids are those of their papers' dimensions") {
  const Catalog catalog;
  Expander expander(catalog.families());
  const auto kept = [&](const char* model) {
    return ideal_kv_cache(expander.expand(catalog.model(model)), 4096, 1, catalog.dtype("fp16"));
  };
  // minimax01.com, introduction: of 80 layers one with softmax attention after every seven of lightning attention,
  // which keeps a sum of keys times values, 128 by 128, of each of 64 heads.
  CHECK(kept("minimax-text-01").state_elements == 70ULL * 64 * 128 * 128);
  // deepwiki.com/foundation-model-stack/bamba: 29 of Bamba's 32 layers are Mamba-2, twice 4,096 wide, filters of 4;
  // transformers, convert_mamba_ssm_checkpoint.py: a state of 128 in one group. Three steps of x, B and C are kept.
  CHECK(kept("bamba-9b").state_elements == 29ULL * (8192 * 128 + 3 * (8192 + 2 * 128)));
}

}  // namespace
}  // namespace paramcount
