// Does it fit: layouts, offload, and how far a fit reaches.
#include "paramcount/estimate/fit.hpp"

#include <algorithm>
#include <memory>

#include "catch.hpp"
#include "estimate/fitting.hpp"
#include "paramcount/base/error.hpp"
#include "paramcount/estimate/answer.hpp"
#include "paramcount/estimate/fit_lists.hpp"
#include "process.hpp"
#include "tests/paths.hpp"

namespace paramcount {
namespace {

struct Setup {
  Catalog catalog;
  Expander expander{catalog.families(), catalog.gguf_families(), catalog.names(), catalog.inventories()};

  FitAnswer fit(const std::string& model, FitRequest request) {
    return paramcount::fit(catalog.model(model), request, catalog, expander);
  }
  FitRequest on(const std::string& device, const std::string& dtype) {
    FitRequest request;
    request.device =
        device.find('=') == std::string::npos ? catalog.device(device) : std::make_shared<Device>(parse_device(device));
    if (!dtype.empty()) request.formats.push_back(weight_format(dtype, true, catalog));
    return request;
  }
};

TEST_CASE("a layout is built where heads and blocks divide") {
  Setup setup;
  const auto why = [&](const std::string& model, const std::string& dtype, const Layout& layout) {
    const Inventory inventory = setup.expander.expand(setup.catalog.model(model));
    return not_buildable(inventory, weight_format(dtype, false, setup.catalog), *find_runtime("vllm"), layout);
  };
  CHECK(why("llama-3.1-8b", "bf16", {.tensor = 8}).empty());
  CHECK(why("llama-3.1-8b", "bf16", {.tensor = 3}) == "tp 3 does not divide 32 heads");
  // 8 KV heads are kept twice.
  CHECK(why("llama-3.1-8b", "bf16", {.tensor = 16}).empty());
  // vllm-project/vllm#17569: blocks of 128 do not divide 1536 / 8; whole experts have no such trouble.
  CHECK(why("qwen3-235b-a22b", "fp8-block128", {.tensor = 8}).find("192") != std::string::npos);
  CHECK(why("qwen3-235b-a22b", "fp8-block128", {.tensor = 4}).empty());
  CHECK(why("qwen3-235b-a22b", "fp8-block128", {.tensor = 8, .expert = 8}).empty());
  CHECK(why("qwen3-235b-a22b", "bf16", {.tensor = 8}).empty());
  CHECK(why("llama-3.1-8b", "bf16", {.pipeline = 33}).find("32 layers") != std::string::npos);
  CHECK(why("llama-3.1-8b", "bf16", {.tensor = 2, .expert = 2}).find("no experts") != std::string::npos);
  CHECK(why("mixtral-8x7b", "bf16", {.tensor = 2, .expert = 4}).find("tp × dp") != std::string::npos);
}

TEST_CASE("stages and ranks hold the whole model between them") {
  Setup setup;
  const RuntimeProfile& ideal = *find_runtime("ideal");
  const ServedFormats bf16 = [&] {
    const auto format = weight_format("bf16", false, setup.catalog);
    return ServedFormats{format, format, format, true};
  }();
  for (const char* id : {"llama-3.1-8b", "qwen3-30b-a3b", "gemma-3-27b", "falcon-h1-0.5b", "gpt-oss-20b"}) {
    INFO(id);
    const Inventory inventory = setup.expander.expand(setup.catalog.model(id));
    const Bytes whole = weigh(inventory, bf16.likely).bytes;
    const auto sum = [&](const Layout& layout) {
      Bytes bytes{};
      for (const auto& load : stage_loads(inventory, bf16, ideal, layout)) bytes += load.weights;
      return bytes;
    };
    CHECK(sum({}) == whole);
    const bool tied = inventory.flag("tied_embeddings");
    // A tied head is a copy of the input table in the last stage.
    if (!tied) CHECK(sum({.pipeline = 4}) == whole);
    if (tied) CHECK(sum({.pipeline = 4}) > whole);
    // What tp does not divide is on every rank.
    const auto rank = sum({.tensor = 2}).value;
    CHECK(2 * rank >= whole.value);
    CHECK(static_cast<double>(2 * rank) < 1.2 * static_cast<double>(whole.value));
  }
}

TEST_CASE("pipeline stages take what is left over before the last, and the cache of their layers") {
  Setup setup;
  const Inventory inventory = setup.expander.expand(setup.catalog.model("deepseek-v3"));
  const auto format = weight_format("fp8-block128", false, setup.catalog);
  const auto loads = stage_loads(inventory, {format, format, format, true}, *find_runtime("vllm"), {.pipeline = 2});
  REQUIRE(loads.size() == 2);
  CHECK(loads[0].layers == Range{0, 30});
  CHECK(loads[1].layers.first == 31);
  REQUIRE(loads[0].state.size() == 1);
  CHECK(loads[0].state.front().copies == 31);
  CHECK(loads[1].state.front().copies == 30);
  // 61 layers in four stages are 15, 15, 16 and 15: the third keeps most.
  CacheRequest request{1024, 8, setup.catalog.dtype("fp16"), setup.catalog.dtype("fp16"), parse_runtime("vllm")};
  const auto most = cache_on_device(inventory.state, inventory, request, {.pipeline = 4});
  CHECK(most.total() == Bytes{16ULL * 576 * 2 * 1024 * 8});
  // Two groups of requests of their own have half of them each.
  CHECK(cache_on_device(inventory.state, inventory, request, {.data = 2}).total() == Bytes{61ULL * 576 * 2 * 1024 * 4});
  // MLA's latent is on every rank whole.
  const auto split = stage_loads(inventory, {format, format, format, true}, *find_runtime("vllm"), {.tensor = 8});
  CHECK(split.front().state.front().elements() == 576);
}

TEST_CASE("on one card llama.cpp's buffers are those that its allocator reserves") {
  Setup setup;
  for (const char* id : {"llama-3.1-8b", "qwen3-30b-a3b", "gemma-3-27b", "gpt-2", "falcon-h1-0.5b", "gpt-oss-20b"}) {
    for (const char* type : {"q4_k_m", "q8_0"}) {
      INFO(id << " " << type);
      const FitRequest request = setup.on("memory=1000GiB", type);
      const FitAnswer ours = setup.fit(id, request);
      Scenario scenario;
      scenario.formats = request.formats;
      scenario.runtime = parse_runtime("llama.cpp");
      const Answer theirs = answer(setup.catalog.model(id), scenario, setup.catalog, setup.expander);
      const Fit& fit = ours.fits.front();
      REQUIRE(theirs.llama_cpp);
      CHECK(fit.weights == theirs.llama_cpp->gpu_model);
      CHECK(fit.cache == theirs.kv.total());
      const auto compute = std::find_if(fit.overheads.begin(), fit.overheads.end(),
                                        [](const OverheadPart& part) { return part.key == "compute"; });
      REQUIRE(compute != fit.overheads.end());
      CHECK(compute->likely == theirs.llama_cpp->gpu_compute.likely);
      CHECK(fit.host == theirs.llama_cpp->gpu_host_model);
      CHECK(fit.split->gpu_layers == fit.layers);
    }
  }
}

TEST_CASE("more layers on the card are less in host memory, and the split chosen fits") {
  Setup setup;
  for (const char* id : {"llama-3.3-70b", "gpt-oss-120b", "qwen3-235b-a22b"}) {
    INFO(id);
    FitRequest request = setup.on("rtx-4090", "q4_k_m");
    Bytes card{};
    Bytes host{UINT64_MAX};
    for (const std::uint64_t layers : {1U, 10U, 20U, 37U}) {
      request.gpu_layers = layers;
      const Fit fit = setup.fit(id, request).fits.front();
      CHECK(fit.weights > card);
      CHECK(fit.host < host);
      card = fit.weights;
      host = fit.host;
    }
    request.gpu_layers.reset();
    request.ram = Bytes{std::uint64_t{1} << 40U};
    const Fit chosen = setup.fit(id, request).fits.front();
    CHECK(chosen.ok);
    CHECK(chosen.split_chosen);
    CHECK(chosen.spare() >= (std::int64_t{1} << 30U));
    CHECK(chosen.split->gpu_layers > 0);
  }
  FitRequest beyond = setup.on("rtx-4090", "q4_k_m");
  beyond.gpu_layers = 34;
  CHECK_THROWS_AS(setup.fit("llama-3.1-8b", beyond), Error);
}

TEST_CASE("the longest context and the most sequences are the last that fit") {
  Setup setup;
  const std::vector<std::pair<std::string, FitRequest>> cases{
      {"llama-3.3-70b",
       [&] {
         auto r = setup.on("h100-sxm", "fp8");
         r.devices = 2;
         return r;
       }()},
      {"qwen3-32b", setup.on("rtx-4090", "q4_k_m")},
      {"gemma-3-27b", setup.on("a100-80gb-sxm", "bf16")},
      {"qwen3.5-27b", setup.on("h100-sxm", "bf16")},
      {"deepseek-v2-lite", setup.on("rtx-6000-ada", "bf16")},
  };
  for (const auto& [id, request] : cases) {
    INFO(id);
    const Fit fit = setup.fit(id, request).fits.front();
    REQUIRE(fit.max_context > 0);
    FitRequest other = request;
    other.context = fit.max_context;
    CHECK(setup.fit(id, other).ok());
    other.context = fit.max_context + 256;
    if (!fit.context_is_models) CHECK_FALSE(setup.fit(id, other).ok());
    other = request;
    REQUIRE(fit.max_batch > 0);
    other.batch = fit.max_batch;
    CHECK(setup.fit(id, other).ok());
    other.batch = fit.max_batch + 1;
    CHECK_FALSE(setup.fit(id, other).ok());
  }
}

TEST_CASE("a step of the ladder with fewer bits takes no more, and the best is the first that fits") {
  Setup setup;
  const FitAnswer answer = setup.fit("qwen3-32b", setup.on("rtx-4090", ""));
  REQUIRE(answer.ladder);
  REQUIRE(answer.fits.size() > 10);
  for (std::size_t i = 1; i < answer.fits.size(); ++i) CHECK(answer.fits[i].weights <= answer.fits[i - 1].weights);
  for (std::size_t i = 0; i < answer.best; ++i) CHECK_FALSE(answer.fits[i].ok);
  CHECK(answer.fits[answer.best].ok);
}

TEST_CASE("vLLM's pages of a hybrid hold what its logs print") {
  Setup setup;
  // Qwen3.5-35B-A3B-GPTQ on one RTX 5090, fp8 cache: 5.18 GiB available, "GPU KV cache size: 134,144 tokens".
  FitRequest request = setup.on("memory=31.8GiB", "gptq-int4-g128");
  request.runtime = parse_runtime("vllm");
  request.keys = request.values = setup.catalog.dtype("fp8");
  request.cache_memory = Bytes{static_cast<std::uint64_t>(5.18 * 0x1p30)};
  const auto room = setup.fit("qwen3.5-35b-a3b", request).fits.front().room;
  REQUIRE(room);
  CHECK(room->tokens_before == 134'144);
}

TEST_CASE("SGLang's static share goes by the card and the layout") {
  Setup setup;
  FitRequest request = setup.on("memory=80GiB", "bf16");
  request.runtime = parse_runtime("sglang");
  // server_args.py: 9.5 GiB and half a GiB for each device are reserved below 90 GiB.
  CHECK(setup.fit("llama-3.1-8b", request).fits.front().utilization == 0.875);
  request.devices = 8;
  CHECK(setup.fit("llama-3.1-8b", request).fits.front().utilization == 0.831);
  request.device = setup.on("memory=24GiB", "").device;
  request.devices = 1;
  CHECK(setup.fit("llama-3.1-8b", request).fits.front().utilization == 0.879);
  // 38 of 48 GiB are 0.7917, and Python's round(…, 3) makes 0.792 of it.
  request.device = setup.on("memory=48GiB", "").device;
  request.devices = 2;
  CHECK(setup.fit("llama-3.1-8b", request).fits.front().utilization == 0.781);
  request.devices = 1;
  CHECK(setup.fit("llama-3.1-8b", request).fits.front().utilization == 0.792);
  request.utilization = 0.9;
  CHECK(setup.fit("llama-3.1-8b", request).fits.front().utilization == 0.9);
}

TEST_CASE("what a model runs on is the fewest devices that can be built") {
  Setup setup;
  FitRequest request;
  request.formats.push_back(weight_format("fp8-block128", false, setup.catalog));
  request.runtime = parse_runtime("vllm");
  request.context = 32768;
  request.batch = 20;
  const MachinesAnswer answer =
      machines_for(setup.catalog.model("qwen3-235b-a22b"), request, setup.catalog, setup.expander);
  const auto of = [&](std::string_view id) -> const Machine& {
    const auto at = std::find_if(answer.machines.begin(), answer.machines.end(),
                                 [&](const Machine& one) { return one.device->id == id; });
    REQUIRE(at != answer.machines.end());
    return *at;
  };
  const auto& h100 = of("h100-sxm");
  REQUIRE(h100.fit);
  CHECK(h100.fit->layout == Layout{.tensor = 8, .expert = 8});
  CHECK(h100.why.find("4 × H100 SXM") != std::string::npos);
  CHECK(of("mi300x").fit->layout.devices() == 2);
  // Volta has no kernels for it.
  CHECK_FALSE(of("v100-pcie").fit);
  for (const auto& machine : answer.machines) {
    if (machine.fit) CHECK(machine.fit->ok);
  }
}

TEST_CASE("models that a device holds are listed in the most bits that fit") {
  Setup setup;
  FitRequest request = setup.on("rtx-4090", "");
  ModelsFilter filter;
  filter.least = 30'000'000'000;
  filter.most = 33'000'000'000;
  const ModelsAnswer answer = models_for(request, filter, setup.catalog, setup.expander);
  REQUIRE(answer.models.size() > 5);
  for (const auto& model : answer.models) {
    INFO(model.id);
    FitRequest one = setup.on("rtx-4090", "");
    const FitAnswer ladder = setup.fit(model.id, one);
    CHECK(model.fit.dtype == ladder.fits[ladder.best].dtype);
    CHECK(model.fit.ok == ladder.ok());
  }
}

TEST_CASE("a model of more tensors than are quantised is refused") {
  Setup setup;
  Model model = setup.catalog.model("bloom-176b");
  for (auto& [name, value] : model.dims) {
    if (name == "n_layers") value = Value(std::int64_t{1'000'000'000});
  }
  const FitRequest request = setup.on("rtx-4090", "q4_k_m");
  CHECK_THROWS_AS(fit(model, request, setup.catalog, setup.expander), Error);
}

TEST_CASE("a checkpoint is taken as its files hold it") {
  const Finished ran =
      run_line("fit " + std::string(PARAMCOUNT_SOURCE_DIR) +
               "/tests/golden/files/tiny.gguf --device rtx-4090 --get fit.dtype,fit.weights_bytes,fit.ok");
  CHECK(ran.code == 0);
  INFO(ran.out << ran.err);
  CHECK(ran.out.ends_with("true\n"));
}

TEST_CASE("a device of a layout holds the shares that can be cut, and all of what cannot") {
  Setup setup;
  const auto first = [&](const char* model, const char* runtime, const Layout& layout) {
    const auto bf16 = weight_format("bf16", false, setup.catalog);
    const Inventory inventory = setup.expander.expand(setup.catalog.model(model));
    return stage_loads(inventory, {bf16, bf16, bf16, true}, *find_runtime(runtime), layout).front().weights.value;
  };
  // Llama 3.1 8B over 16 devices: each has one of 8 KV heads whole, and both norms of 32 layers and the last.
  const std::uint64_t h = 4096;
  const auto layer = 2 * h * h / 16 + 2 * h * 128 + 3 * h * 14336 / 16 + 2 * h;
  CHECK(first("llama-3.1-8b", "ideal", {.tensor = 16}) == 2 * (32 * layer + 2 * 128256 * h / 16 + h));
  // vocab_parallel_embedding.py pads GPT-2's 50,257 rows to 50,304, a multiple of 64; its positions are learned, so
  // there is no rotary table.
  CHECK(first("gpt-2", "vllm", {}) == first("gpt-2", "ideal", {}) + 2 * 47 * 768);
  // Of 8 experts over three devices the first has three (vllm: determine_expert_map gives the rest to the first ranks).
  const std::uint64_t expert = 3ULL * 4096 * 14336;
  CHECK(first("mixtral-8x7b", "ideal", {.expert = 3, .data = 3}) ==
        first("mixtral-8x7b", "ideal", {}) - 2 * 32 * 5 * expert);
  // Three groups share four sequences: one of them has two.
  CHECK(Layout{.data = 3}.sequences(4) == 2);
}

TEST_CASE("two cards have the layers that llama.cpp's split points give them") {
  Setup setup;
  FitRequest request = setup.on("h100-sxm", "gguf:bf16");
  request.devices = 2;
  const Fit fit = setup.fit("llama-3.1-8b", request).fits.front();
  // llama-model.cpp: of 33 layers, the output counted, those below half of 33 are on the first card: 17. The second has
  // 15 and the head with its norm, which is more. Norms are in 32 bits; rope_freqs is the first layer's.
  const std::uint64_t h = 4096;
  const auto layer = 2 * (2 * h * h + 2 * h * 1024 + 3 * h * 14336) + 4 * 2 * h;
  CHECK(fit.weights.value == 15 * layer + 2 * 128256 * h + 4 * h);
}

TEST_CASE("buffers of a runtime are worked out by its widest layer and its logits") {
  Setup setup;
  const auto part = [&](const char* model, const std::string& dtype, const char* runtime, std::string_view key) {
    FitRequest request = setup.on("memory=80GiB,fp16=1TFLOP/s", dtype);
    request.runtime = parse_runtime(runtime);
    const Fit fit = setup.fit(model, request).fits.front();
    for (const auto& one : fit.overheads) {
      if (one.key == key) return one.likely.value;
    }
    return std::uint64_t{0};
  };
  // vLLM profiles 8,192 tokens and 256 sequences on a card of 80 GiB: the residual stream twice, gate, up and product,
  // 2 B each; and logits in 16 bits, in 32, and as probabilities in 32.
  CHECK(part("llama-3.1-8b", "bf16", "vllm", "activations") ==
        8192ULL * 2 * (2 * 4096 + 3 * 14336) + 256ULL * 128256 * (2 + 4 + 4));
  // Mixtral: for each of a token's two experts the same and its output.
  CHECK(part("mixtral-8x7b", "int4", "vllm", "activations") ==
        8192ULL * 2 * (2 * 4096 + 2 * (3 * 14336 + 4096)) + 256ULL * 32000 * (2 + 4 + 4));
  // llama.cpp keeps an image encoder in a separate file, in f16: Gemma 3's 27 layers of 1,152 and 4,304 with
  // patches of 14 and 4,096 positions, and the projector of 1,152 × 5,376 with its norm.
  const std::uint64_t layer = 4 * (1152 * 1152 + 1152) + 2 * 1152 * 4304 + 4304 + 1152 + 4 * 1152;
  const std::uint64_t tower = 27 * layer + 3 * 14 * 14 * 1152 + 1152 + 4096 * 1152 + 2 * 1152;
  CHECK(part("gemma-3-27b", "q4_k_m", "llama.cpp", "mmproj") == 2 * (tower + 1152 * 5376 + 1152));
}

TEST_CASE("TensorRT-LLM's share is of the memory that weights and buffers leave") {
  Setup setup;
  FitRequest request = setup.on("h100-sxm", "bf16");
  request.runtime = parse_runtime("tensorrt-llm");
  const Fit fit = setup.fit("llama-3.1-8b", request).fits.front();
  // KvCacheConfig.free_gpu_memory_fraction, 0.9 of what is free once the model is loaded.
  const auto held = static_cast<double>((fit.weights + fit.overhead).value);
  const auto memory = static_cast<double>(fit.memory.value);
  CHECK(static_cast<double>(fit.usable.value) == Approx(held + 0.9 * (memory - held)));
}

TEST_CASE("cards for people are tried in one machine, servers in several") {
  Setup setup;
  FitRequest request;
  request.formats.push_back(weight_format("bf16", false, setup.catalog));
  const auto answer = machines_for(setup.catalog.model("deepseek-v3"), request, setup.catalog, setup.expander);
  for (const auto& machine : answer.machines) {
    INFO(machine.device->id);
    if (machine.device->consumer) CHECK((!machine.fit || machine.fit->layout.devices() <= machine.device->node));
    // 1,342 GB and its cache: two machines of eight H100s and 80 GB are too few, three are 1,920 GB.
    if (machine.device->id == "h100-sxm") CHECK((machine.fit && machine.fit->layout.devices() == 24));
  }
}

TEST_CASE("a shorter context is a way out where it is at least a quarter of the one asked for") {
  Setup setup;
  FitRequest request = setup.on("memory=11GiB", "q8_0");
  const auto most = setup.fit("llama-3.1-8b", request).fits.front().max_context;
  REQUIRE(most > 1000);
  for (const std::uint64_t factor : {3, 5}) {
    request.context = factor * most;
    bool shorter = false;
    for (const auto& remedy : setup.fit("llama-3.1-8b", request).remedies) {
      shorter = shorter || remedy.text.find("tokens of context") != std::string::npos;
    }
    CHECK(shorter == (factor < 4));
  }
}

}  // namespace
}  // namespace paramcount
