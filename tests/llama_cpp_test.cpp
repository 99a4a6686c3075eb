// What users' llama.cpp processes printed, and sizes of published files: none of these numbers are ours.
#include <cmath>

#include "catch.hpp"
#include "paramcount/base/error.hpp"
#include "paramcount/catalog/catalog.hpp"
#include "paramcount/count/expand.hpp"
#include "paramcount/estimate/answer.hpp"
#include "paramcount/estimate/llama_cpp.hpp"

namespace paramcount {
namespace {

struct Setting {
  Catalog catalog;
  Expander expander{catalog.families(), catalog.gguf_families()};

  GgufInventory gguf(const char* model) { return expander.expand_gguf(catalog.model(model)); }
  GgufFile file(const GgufInventory& inventory, const char* type) {
    return quantise(inventory, *catalog.find<FileType>(type), false,
                    [&](std::string_view id) { return catalog.dtype(id); });
  }
};

double mib(Bytes bytes) { return static_cast<double>(bytes.value) / 1048576.0; }

TEST_CASE("the quantiser visits tensors by block, then by name") {
  Setting setting;
  const auto in_order = [&](const GgufInventory& inventory) {
    const GgufFile file = setting.file(inventory, "q4_k_m");
    CHECK(file.tensors.size() == inventory.tensor_count());
    for (std::size_t i = 1; i < file.tensors.size(); ++i) {
      const auto& [a, b] = std::pair(file.tensors[i - 1], file.tensors[i]);
      CHECK((a.block != b.block ? a.block < b.block : a.name < b.name));
    }
  };
  GgufInventory inventory = setting.gguf("qwen3-8b");
  in_order(inventory);
  // Experts that are not stacked: by name "10" comes before "9".
  Tensor apart = inventory.tensors.back();
  apart.name = TensorName::of_pattern("blk.{layer}.ffn_up.{expert}.weight");
  apart.shape = {512, 256};
  apart.axes = {{"layer", {{0, 11}}}, {"expert", {{0, 11}}}};
  apart.layer_axis = 0;
  apart.copies = 144;
  inventory.tensors.push_back(apart);
  in_order(inventory);
  CHECK(setting.file(inventory, "q4_k_m").names->find("blk.11.ffn_up.10.weight") != std::string::npos);
  inventory.tensors.push_back(apart);
  CHECK_THROWS_AS(setting.file(inventory, "q4_k_m"), Error);
}

struct CacheLog {
  const char* model;
  std::uint64_t context;
  const char* keys;
  const char* values;
  const char* runtime;
  double mib;
};

TEST_CASE("caches are what llama.cpp logs print") {
  // mainline: "KV self size"; ik_llama.cpp: mla 3 keeps the latent as mainline does, mla 0 expands it, and the fork
  // gives window layers the whole context.
  const auto log = GENERATE(values<CacheLog>({
      {"llama-2-7b", 512, "fp16", "fp16", "llama.cpp", 256},
      {"llama-2-7b", 4096, "fp16", "fp16", "llama.cpp", 2048},
      {"llama-3.2-1b", 1024, "fp16", "fp16", "llama.cpp", 32},
      {"llama-3.2-3b", 1024, "fp16", "fp16", "llama.cpp", 112},
      {"phi-3-mini-4k", 4096, "fp16", "fp16", "llama.cpp", 1536},
      {"qwen3-8b", 131072, "fp16", "fp16", "llama.cpp", 18432},
      {"llama-3.1-8b", 1024, "iq4_nl", "fp16", "llama.cpp", 82},
      {"deepseek-v3", 2048, "q8_0", "q8_0", "llama.cpp", 72.91},
      {"deepseek-v3", 32768, "q8_0", "q8_0", "llama.cpp", 1166.62},
      {"deepseek-v3", 32768, "fp16", "fp16", "llama.cpp", 2196},
      {"deepseek-r1", 40960, "q8_0", "q8_0", "llama.cpp", 1458.28},
      {"deepseek-v3", 131072, "q8_0", "q8_0", "llama.cpp", 4666.5},
      {"deepseek-r1", 16896, "q8_0", "q8_0", "llama.cpp", 601.54},
      {"deepseek-r1", 16384, "fp16", "fp16", "llama.cpp", 1098},
      {"deepseek-v2.5", 32768, "fp16", "fp16", "llama.cpp", 2160},
      {"deepseek-v2.5", 32768, "q8_0", "q8_0", "llama.cpp", 1147.5},
      {"deepseek-v3", 512, "fp16", "fp16", "transformers", 2440},
      {"kimi-k2", 512, "fp16", "fp16", "transformers", 1220},
      {"qwen3-235b-a22b", 65536, "q8_0", "fp16", "llama.cpp", 9212},
      {"qwen3-235b-a22b", 65536, "q8_0", "q8_0", "llama.cpp", 6392},
      {"qwen3-235b-a22b", 8192, "q8_0", "fp16", "llama.cpp", 1151.5},
      {"qwen3-235b-a22b", 40960, "q8_0", "q8_0", "llama.cpp", 3995},
      {"qwen3-32b", 16896, "q8_0", "q8_0", "llama.cpp", 2244},
      {"qwen3-32b", 8192, "fp16", "fp16", "llama.cpp", 2048},
      {"qwen3-30b-a3b", 32768, "fp16", "fp16", "llama.cpp", 3072},
      {"gemma-3-27b", 131072, "fp16", "fp16", "llama.cpp:swa-full", 63488},
      {"gemma-3-27b", 32768, "fp16", "fp16", "llama.cpp:swa-full", 15872},
      {"bitnet-b1.58-2b", 4096, "fp16", "fp16", "llama.cpp", 300},
  }));
  Setting s;
  INFO(log.model << " " << log.context << " " << log.keys << ":" << log.values << " " << log.runtime);
  const auto inventory = s.expander.expand(s.catalog.model(log.model));
  const CacheRequest request{log.context, 1, s.catalog.dtype(log.keys), s.catalog.dtype(log.values),
                             parse_runtime(log.runtime)};
  const bool llama_cpp = request.runtime.profile->reads_gguf;
  const auto state = llama_cpp ? s.gguf(log.model).state : inventory.state;
  const KvCache cache = kv_cache(state, inventory, request);
  // To the last digit printed, which half an even unit may have rounded either way.
  CHECK(std::abs(mib(cache.total()) - log.mib) <= 0.00501);
}

struct SizeLog {
  const char* model;
  const char* type;
  double gib;
  double bits_per_weight;
};

TEST_CASE("sizes are what llama.cpp logs print") {
  const auto log = GENERATE(values<SizeLog>({
      {"llama-2-7b", "q4_0", 3.56, 4.54},
      {"llama-2-7b", "q4_k_m", 3.80, 4.84},
      {"llama-3.1-8b", "q4_k_m", 4.58, 4.89},
      {"llama-3.3-70b", "q4_k_m", 39.59, 4.82},
      {"qwen3-30b-a3b", "q4_k_m", 17.28, 4.86},
      {"qwen2.5-72b", "q4_k_m", 44.15, 5.22},
      {"qwen2.5-7b", "q4_k_m", 4.36, 4.91},
  }));
  Setting s;
  INFO(log.model << " " << log.type);
  const auto inventory = s.gguf(log.model);
  const auto file = s.file(inventory, log.type);
  CHECK(std::abs(mib(file.tensor_bytes) / 1024 - log.gib) <= 0.00501);
  const double bits = 8.0 * static_cast<double>(file.tensor_bytes.value) / static_cast<double>(inventory.elements());
  CHECK(std::abs(bits - log.bits_per_weight) <= 0.00501);
}

TEST_CASE("two published files are their tensors and a header within its estimate") {
  struct File {
    const char* model;
    std::uint64_t bytes;
  };
  const auto published = GENERATE(values<File>({{"llama-3.1-8b", 4'920'739'232}, {"llama-3.3-70b", 42'520'398'816}}));
  Setting s;
  const auto inventory = s.gguf(published.model);
  const auto format = weight_format("q4_k_m", false, s.catalog);
  const auto memory = weigh(inventory, s.file(inventory, "q4_k_m"), format);
  REQUIRE(memory.header);
  const auto exact = memory.bytes + memory.header->padding + memory.header->infos;
  CHECK((exact + memory.header->low).value < published.bytes);
  CHECK((exact + memory.header->high).value > published.bytes);
}

TEST_CASE("model buffers are what llama.cpp logs print") {
  struct Log {
    const char* model;
    const char* type;
    double gpu, host;  ///< MiB
  };
  const auto log = GENERATE(values<Log>({{"llama-2-7b", "q4_0", 3577.56, 70.31},
                                         {"llama-3.1-8b", "q4_k_m", 4403.49, 281.81},
                                         {"bge-small-en-v1.5", "f16", 40.73, 23.11}}));
  Setting s;
  INFO(log.model << " " << log.type);
  const auto model = s.catalog.model(log.model);
  const auto inventory = s.expander.expand(model);
  const auto gguf = s.gguf(log.model);
  const Dtype fp16 = s.catalog.dtype("fp16");
  const CacheRequest request{512, 1, fp16, fp16, parse_runtime("llama.cpp")};
  const auto memory =
      llama_cpp_memory(gguf, s.file(gguf, log.type), inventory, request, kv_cache(gguf.state, inventory, request));
  CHECK(std::abs(mib(memory.gpu_model) - log.gpu) <= 0.00501);
  CHECK(std::abs(mib(memory.gpu_host_model) - log.host) <= 0.00501);
}

TEST_CASE("llama.cpp's refusals are refused with its reason") {
  Setting s;
  const auto inventory = s.expander.expand(s.catalog.model("phi-2"));
  const Dtype q8_0 = s.catalog.dtype("q8_0");
  CacheRequest request{512, 1, q8_0, q8_0, parse_runtime("llama.cpp")};
  CHECK_THROWS_AS(kv_cache(s.gguf("phi-2").state, inventory, request), Error);
  request.runtime = parse_runtime("ideal");
  CHECK_NOTHROW(kv_cache(inventory.state, inventory, request));
  CHECK_THROWS_AS(s.file(s.gguf("gpt-2-xl"), "q1_0"), Error);
  CHECK_THROWS_AS(s.gguf("opt-13b"), Error);
}

TEST_CASE("every converted model has the tensors its checkpoint has") {
  Setting s;
  int converted = 0;
  s.catalog.each_model([&](const ModelListing& listing) {
    if (listing.total == 0) return;
    const Model model = s.catalog.model(listing.id);
    GgufInventory gguf;
    try {
      gguf = s.expander.expand_gguf(model);
    } catch (const Error&) {
      return;
    }
    ++converted;
    INFO(listing.id);
    const Inventory inventory = s.expander.expand(model);
    const ParamCounts params = count_params(inventory);
    std::uint64_t mtp = 0;
    for (const auto& tensor : gguf.tensors) mtp += tensor.mtp ? tensor.params().value : 0;
    const std::uint64_t all = gguf.elements() - mtp;
    // Towers, a BERT's unused head and padding of the vocabulary are not written; small tables are added.
    const auto text = (params.total - params.towers).value;
    CHECK(static_cast<double>(all) <= 1.01 * static_cast<double>((params.total + params.buffers).value));
    CHECK(static_cast<double>(all) >= 0.85 * static_cast<double>(text));
    if (inventory.dim("encoder_decoder") == nullptr && params.towers.value == 0 &&
        listing.family.find("bert") == std::string_view::npos) {
      CHECK(static_cast<double>(all) >= 0.999 * static_cast<double>(text));
    }
  });
  CHECK(converted > 200);
}

TEST_CASE("a GGUF's header has a name, dimensions, a type and an offset of each tensor") {
  const Catalog catalog;
  Expander expander(catalog.families(), catalog.gguf_families());
  const GgufInventory gguf = expander.expand_gguf(catalog.model("llama-3.1-8b"));
  const GgufFile file =
      quantise(gguf, *catalog.find<FileType>("q8_0"), false, [&](std::string_view id) { return catalog.dtype(id); });
  // ggml/docs/gguf.md: 8 bytes before the name, 4 of the number of dimensions, 8 of each, 4 of the type, 8 of the
  // offset.
  std::uint64_t bytes = 0;
  for (const auto& tensor : file.tensors) {
    bytes += 8 + tensor.name.size() + 4 + 8 * (tensor.name.ends_with("norm.weight") ? 1U : 2U) + 4 + 8;
  }
  CHECK(file.info_bytes.value == bytes);
  // Metadata of a file of Llama 3.1 are 61.0 bytes a token of its 128,256, of the vocabulary of Llama 2 22.6.
  const auto header = weigh(gguf, file, weight_format("q8_0", false, catalog)).header;
  REQUIRE(header);
  CHECK(header->high.value > 128256ULL * 61);
  CHECK(header->low.value < 128256ULL * 226 / 10);
}

}  // namespace
}  // namespace paramcount
