// The peak memory of training: layouts cut a model without losing a part of it, and what is asked of the program.
#include <cmath>
#include <fstream>

#include "catch.hpp"
#include "estimate/trained_model.hpp"
#include "estimate/training_stages.hpp"
#include "paramcount/catalog/catalog.hpp"
#include "paramcount/count/expand.hpp"
#include "paramcount/count/params.hpp"
#include "paramcount/estimate/training_peak.hpp"
#include "process.hpp"
#include "test_folder.hpp"

namespace paramcount {
namespace {

constexpr double kGiB = 0x1p30;

class Models {
 public:
  Inventory inventory(const std::string& name) { return expander_.expand(*catalog_.find_model(name)); }
  const Catalog& catalog() const { return catalog_; }

 private:
  Catalog catalog_;
  Expander expander_{catalog_.families(), catalog_.gguf_families(), catalog_.names(), catalog_.inventories()};
};

TrainingSetup setup(const Catalog& catalog) {
  TrainingSetup setup;
  setup.optimizer = catalog.optimizer("adamw-fp32-gradients");
  setup.sequence = 2048;
  return setup;
}

TEST_CASE("every parameter is in one kind of layer, the first stage or the last") {
  Models models;
  for (const auto* name : {"gpt-2", "llama-3.1-8b", "mixtral-8x7b", "deepseek-v3", "gemma-3-27b", "qwen3-30b-a3b",
                           "t5-small", "mamba-2.8b", "gpt-oss-20b", "falcon-7b"}) {
    INFO(name);
    const Inventory inventory = models.inventory(name);
    const TrainedModel model = trained_model(inventory);
    std::uint64_t sum = model.table + model.head + model.first.total() + model.last.total();
    for (const auto kind : model.layers) sum += model.kinds[kind].params.total();
    CHECK(sum == count_params(inventory).total.value);
  }
}

TEST_CASE("one device holds what the optimizer says of every parameter, and shards hold no less together") {
  Models models;
  for (const auto* name : {"llama-3.1-8b", "mixtral-8x7b", "deepseek-v3", "qwen3-30b-a3b", "gpt-2-xl"}) {
    const Inventory inventory = models.inventory(name);
    const double total = static_cast<double>(count_params(inventory).total.value);
    TrainingSetup one = setup(models.catalog());
    const PeakMemory whole = training_peak(inventory, one);
    REQUIRE(whole.stages.size() == 1);
    CHECK(static_cast<double>(whole.most().static_bytes().value) == Approx(18 * total));
    for (const std::uint64_t tp : {1, 2, 4}) {
      for (const std::uint64_t pp : {1, 2, 3}) {
        for (const std::uint64_t dp : {1, 4}) {
          for (const std::uint64_t ep : {1, 4}) {
            for (const std::uint64_t zero : {0, 1, 2, 3}) {
              TrainingSetup cut = one;
              cut.layout = {.tensor = tp, .pipeline = pp, .expert = ep, .expert_tensor = 1, .data = dp, .zero = zero};
              if (!not_trainable(inventory, cut.layout, cut.sequence).empty()) continue;
              double weights = 0;
              double states = 0;
              for (const auto& stage : stages_peak({trained_model(inventory), {}}, cut).stages) {
                const auto devices = static_cast<double>(tp * dp);
                weights += devices * static_cast<double>(stage.weights.value);
                states += devices * static_cast<double>(stage.states.value);
              }
              INFO(name << " tp " << tp << " pp " << pp << " dp " << dp << " ep " << ep << " zero " << zero);
              CHECK(weights >= 2 * total);
              CHECK(states >= 8 * total);
            }
          }
        }
      }
    }
  }
}

TEST_CASE("stages have every layer once, interleaved, uneven or as given") {
  Models models;
  const Inventory inventory = models.inventory("llama-3.1-8b");
  const TrainedModels model{trained_model(inventory), {}};
  TrainingSetup cut = setup(models.catalog());
  const auto layers = [&] {
    std::uint64_t sum = 0;
    for (const auto& stage : stages_peak(model, cut).stages) sum += stage.layers;
    return sum;
  };
  for (const std::uint64_t pp : {1, 2, 3, 5, 8, 32}) {
    for (const std::uint64_t vpp : {1, 2, 3}) {
      if (pp * vpp > 32) continue;
      cut.layout.pipeline = pp;
      cut.layout.interleaved = vpp;
      CHECK(layers() == 32);
    }
  }
  cut.layout.pipeline = 3;
  cut.layout.interleaved = 1;
  cut.stage_layers = {5, 20, 7};
  CHECK(layers() == 32);
  CHECK(stages_peak(model, cut).stages[1].layers == 20);
}

TEST_CASE("activations of a plain layer are Korthikanti's 34·t·h and 5·a·s²·b") {
  // arXiv:2205.05198, table 2, of GPT-3's layer: what the paper leaves out are statistics of norms and of softmax.
  Models models;
  TrainingSetup gpt = setup(models.catalog());
  gpt.dropout = true;
  gpt.unfused = true;
  const Inventory inventory = models.inventory("gpt-3");
  const double t = 2048;
  const double h = 12288;
  const double scores = 5 * 96 * 2048 * t;
  const PeakMemory none = training_peak(inventory, gpt);
  CHECK(static_cast<double>(none.layers.front().whole.value) == Approx(34 * t * h + scores + 16 * t));
  gpt.layout.tensor = 8;
  CHECK(static_cast<double>(training_peak(inventory, gpt).layers.front().whole.value) ==
        Approx(t * h * (10 + 24.0 / 8) + scores / 8 + 16 * t));
  gpt.layout.sequence_parallel = true;
  CHECK(static_cast<double>(training_peak(inventory, gpt).layers.front().whole.value) ==
        Approx(34 * t * h / 8 + scores / 8 + 2 * t));
  gpt.layout.recompute = Recompute::selective;
  CHECK(static_cast<double>(training_peak(inventory, gpt).layers.front().whole.value) ==
        Approx(34 * t * h / 8 + 2 * t));
  gpt.layout.recompute = Recompute::full;
  CHECK(static_cast<double>(training_peak(inventory, gpt).layers.front().kept.value) == Approx(2 * t * h / 8));
}

TEST_CASE("a pipeline's first stage keeps as many micro-batches as there are stages, interleaved more") {
  Models models;
  const TrainedModels model{trained_model(models.inventory("llama-3.1-8b")), {}};
  TrainingSetup cut = setup(models.catalog());
  cut.layout.pipeline = 4;
  const auto flight = [&](std::size_t stage) { return stages_peak(model, cut).stages[stage].in_flight; };
  CHECK(flight(0) == 4);
  CHECK(flight(3) == 1);
  cut.layout.global_batch = 2;
  CHECK(flight(0) == 2);
  cut.layout.global_batch.reset();
  cut.layout.interleaved = 2;
  // Narayanan et al. 2021: 1 + (pp − 1)/(pp·vpp) of the model's activations on the first stage.
  CHECK(flight(0) == Approx(4 * (1 + 3.0 / 8)));
}

TEST_CASE("a run measured on B200 is within two percent") {
  // MooreThreads/SimuMax, docs/b200/b200_release_v1.2_summary.json: llama3_70b_l12_tp8_pp1_dp1_mbc4_cef, 28.29 GiB.
  const TestFolder folder;
  std::ofstream(folder / "config.json") << R"({"model_type": "llama", "architectures": ["LlamaForCausalLM"],
    "num_hidden_layers": 12, "hidden_size": 8192, "num_attention_heads": 64, "num_key_value_heads": 8,
    "intermediate_size": 28672, "vocab_size": 128256, "max_position_embeddings": 131072})";
  const double peak =
      figure_of({"train", folder / "config.json", "--device", "b200", "--devices", "8", "--tp", "8", "--sp",
                 "--framework", "megatron", "--loss", "fused", "--context", "4096", "--global-batch", "4"},
                "training_memory.peak_bytes");
  CHECK(std::fabs(peak / kGiB / 28.29 - 1) < 0.02);
}

TEST_CASE("LoRA, DoRA and QLoRA measured on one device are within three percent") {
  // huggingface/peft, method_comparison/MetaMathQA/results: lora--llama-3.2-3B-rank32 and -rank32-dora, GiB reserved.
  std::vector<std::string> words{
      "train", "llama-3.2-3b", "--lora", "32:q_proj,v_proj", "--framework", "transformers", "--device",
      "h100",  "--devices",    "1",      "--micro-batch",    "4",           "--context",    "768"};
  CHECK(std::fabs(figure_of(words, "training_memory.peak_bytes") / kGiB / 20.7617 - 1) < 0.03);
  words.push_back("--dora");
  CHECK(std::fabs(figure_of(words, "training_memory.peak_bytes") / kGiB / 22.8477 - 1) < 0.03);
  // Lightning-AI/litgpt, tutorials/resource-tables.md: Llama 2 7B, bnb.nf4, micro-batch 1, 14.14 GB.
  CHECK(std::fabs(figure_of({"train", "llama-2-7b", "--lora", "8:q,v", "--dtype", "nf4", "--framework", "litgpt",
                             "--device", "a100-40gb", "--devices", "1", "--context", "1304"},
                            "training_memory.peak_bytes") /
                      14.14e9 -
                  1) < 0.03);
}

TEST_CASE("layers that share weights keep the activations of every pass") {
  // ALBERT is BERT with one layer's weights passed twelve times (arXiv:1909.11942, section 3.1), and as wide here.
  Models models;
  TrainingSetup one = setup(models.catalog());
  one.sequence = 512;
  const Inventory albert = models.inventory("albert-base-v2");
  const auto activations = [&](const Inventory& inventory) {
    return training_peak(inventory, one).most().activations.value;
  };
  CHECK(activations(albert) == activations(models.inventory("bert-base-uncased")));
  CHECK(training_peak(albert, one).layers.front().passes == 12);
  // Zamba2's two shared blocks are passed at 13 layers.
  const auto zamba = trained_model(models.inventory("zamba2-7b"));
  double shared = 0;
  for (const auto kind : zamba.layers) {
    if (zamba.kinds[kind].passes > 1) shared += zamba.kinds[kind].passes;
  }
  CHECK(shared == 13);
  one.layout.pipeline = 2;
  CHECK(not_trainable(albert, one.layout, one.sequence).find("share weights") != std::string::npos);
}

TEST_CASE("DoRA trains a magnitude for each output too") {
  // huggingface/peft, method_comparison/MetaMathQA/results: 9,175,040 of lora--llama-3.2-3B-rank32 and 9,289,728 of
  // -rank32-dora.
  std::vector<std::string> words{"train", "llama-3.2-3b", "--lora", "32:q_proj,v_proj"};
  CHECK(figure_of(words, "lora.trained") == 9175040);
  words.push_back("--dora");
  CHECK(figure_of(words, "lora.trained") == 9289728);
  CHECK(figure_of(words, "training_memory.trained") == 9289728);
  CHECK(figure_of({"train", "llama-3.2-3b", "--lora", "32:q,v", "--dora"}, "lora.trained") == 9289728);
}

TEST_CASE("what is offloaded is in host memory and leaves the device's peak") {
  std::vector<std::string> words{"train", "llama-3.1-8b", "--framework", "deepspeed",   "--device",
                                 "h100",  "--devices",    "8",           "--recompute", "full"};
  const double whole = figure_of(words, "training_memory.peak_bytes");
  words.insert(words.end(), {"--offload", "optimizer"});
  const double host = figure_of(words, "training_memory.stages.0.host_bytes");
  // ZeRO-3 over 8: gradients 2, master copy 4 and states 8 bytes of 8,030,261,248 parameters.
  CHECK(host == Approx(14 * 8030261248.0 / 8));
  CHECK(figure_of(words, "training_memory.peak_bytes") == Approx(whole - host));
}

TEST_CASE("layers whose widths differ are known by their matrices, and a family's whole depth is bounded") {
  Models models;
  for (const auto& kind : trained_model(models.inventory("gemma-4-e4b")).kinds) {
    CHECK(kind.query > 0);
    CHECK(kind.ffn > 0);
    CHECK_FALSE(kind.unclear);
  }
  const TestFolder folder;
  std::ofstream(folder / "config.json") << R"({"model_type": "llama", "architectures": ["LlamaForCausalLM"],
    "num_hidden_layers": 1000000, "hidden_size": 8, "intermediate_size": 8, "num_attention_heads": 1, "vocab_size": 1000})";
  const Finished ran = run_words({"train", folder / "config.json", "--micro-batch", "1", "--devices", "1"});
  CHECK(ran.code == 1);
  CHECK(ran.err.find("more than 100,000 layers") != std::string::npos);
  CHECK(run_words({"train", folder / "config.json", "--devices", "1"}).code == 0);
}

TEST_CASE("a pipeline's bubble is its stages but one by its micro-batches") {
  // Narayanan et al. 2021, arXiv:2104.04473, section 2.2: (p − 1)/m; interleaved (p − 1)/(v·m).
  const std::vector<std::string> words{"train", "llama-3.1-8b", "--device", "h100",           "--pp",
                                       "4",     "--dp",         "2",        "--global-batch", "32"};
  const double compute = figure_of(words, "training.step.compute");
  CHECK(figure_of(words, "training.step.bubble") == Approx(compute * 3 / 16));
  std::vector<std::string> interleaved = words;
  interleaved.insert(interleaved.end(), {"--vpp", "2"});
  CHECK(figure_of(interleaved, "training.step.bubble") == Approx(compute * 3 / 32));
}

TEST_CASE("a measured throughput gives its MFU, and one beyond the peak is impossible") {
  // 6 × 8,030,261,248 × 11,000 / 989.4 TFLOP/s.
  const std::vector<std::string> words{"train", "llama-3.1-8b", "--device", "h100", "--throughput", "11k"};
  const double peak = figure_of(words, "training.peak_flops_per_s");
  CHECK(figure_of(words, "training.mfu") == Approx(6 * 8030261248.0 * 11000 / peak));
  std::vector<std::string> recomputed = words;
  recomputed.insert(recomputed.end(), {"--recompute", "full", "--convention", "matmul"});
  CHECK(figure_of(recomputed, "training.hfu") > 1.2 * figure_of(recomputed, "training.mfu"));
  CHECK(run_words({"train", "llama-3.1-8b", "--device", "h100", "--throughput", "30k"}).code == 3);
  CHECK(run_words({"train", "llama-3.1-8b", "--throughput", "11k", "--mfu", "0.4"}).code == 2);
}

TEST_CASE("causal FLOPs have multi-token prediction, as NVIDIA counts DeepSeek-V3") {
  // NVIDIA-NeMo/Megatron-Bridge, docs/performance-summary.md, 26.08: 4,912 tokens a second of 4,096 are 1,276 TFLOP/s.
  const double flops = figure_of({"train", "deepseek-v3", "--context", "4096"}, "training.flops_per_token.causal");
  CHECK(std::fabs(flops * 4912 / 1276e12 - 1) < 0.005);
}

TEST_CASE("activations of experts and of latent attention are the inputs of each matrix, added up by hand") {
  // What TransformerEngine keeps for the backward pass, 2 B an element: the input of every matrix multiplication and
  // activation, queries, keys, values and attention's result; 4 B for each row of a softmax or of a norm.
  Models models;
  const double t = 2048;
  const auto kept = [&](const std::string& name, std::uint64_t tp, std::size_t kind) {
    TrainingSetup one = setup(models.catalog());
    one.layout.tensor = tp;
    return static_cast<double>(training_peak(models.inventory(name), one).layers.at(kind).whole.value);
  };
  // Mixtral: h 4,096, queries 4,096, 8 KV heads of 128; two of eight experts of 14,336, gate and up. The router keeps
  // its logits and probabilities in fp32, the permutation of tokens two maps of 4 B.
  const double attention = 2 * t * (4096 + 2 * 1024 + 4096) + 4 * t * 32;
  const double experts = 8 * t * 8 + 2 * t * (2 * 4096 + 2 * 3 * 14336 + 8);
  CHECK(kept("mixtral-8x7b", 1, 0) == Approx(2 * 4 * t * 4096 + 2 * 4 * t + attention + experts));
  // DeepSeek-V3 (arXiv:2412.19437, section 4.2): h 7,168, 128 heads of 128 + 64 and values of 128, latents of 1,536 and
  // 512; eight of 256 experts and a shared one of 2,048. A latent is kept before its norm and behind it.
  const double latent = t * (4 * 1536 + 4 * 512 + 2 * 64) + 2 * t * 128 * (192 + 192 + 128 + 128) + 4 * t * 128;
  const double shared = 2 * t * 3 * 2048;
  CHECK(kept("deepseek-v3", 1, 1) ==
        Approx(2 * 4 * t * 7168 + 2 * 4 * t + latent + shared + 8 * t * 256 + 8 * t * (2 * 7168 + 2 * 3 * 2048 + 8)));
  // Qwen3 8B norms queries and keys: the inputs of these norms too. h 4,096, 32 heads, 8 KV heads of 128, d_ff 12,288.
  CHECK(kept("qwen3-8b", 1, 0) == Approx(2 * 4 * t * 4096 + 2 * 4 * t + 2 * t * (4096 + 2 * 1024 + 4096) + 4 * t * 32 +
                                         2 * t * (4096 + 1024) + 2 * t * 3 * 12288));
  // Of 8 KV heads each of 16 devices keeps one, not half a one. What tp does not divide is on each of them.
  CHECK(kept("llama-3.1-8b", 16, 0) ==
        Approx(2 * 4 * t * 4096 + 2 * 4 * t + 2 * t * (4096 / 16.0 + 2 * 1024 / 8.0 + 4096 / 16.0) + 4 * t * 32 / 16 +
               2 * t * 3 * 14336 / 16.0));
}

TEST_CASE("besides states and activations, a stage holds what it gathers, sends and multiplies with") {
  Models models;
  const Inventory llama = models.inventory("llama-3.1-8b");
  const double t = 2048, h = 4096, f = 14336, vocabulary = 128256;
  const double block = 2 * h * h + 2 * h * 1024 + 3 * h * f + 2 * h;
  TrainingSetup one = setup(models.catalog());
  const auto stage = [&](std::size_t i) { return training_peak(llama, one).stages.at(i); };
  const auto bytes = [](Bytes amount) { return static_cast<double>(amount.value); };
  // The first of two stages: gradients of gate, up and product, of the residual stream and of a block's input; with
  // sequence parallelism the gathered input and its gradient are whole on each device.
  one.layout = {.tensor = 8, .pipeline = 2, .sequence_parallel = true};
  CHECK(bytes(stage(0).other) == Approx(2 * t * 3 * f / 8 + 4 * t * h + 2 * t * h / 8));
  // PyTorch's cross-entropy: logits in fp32, log-softmax and gradient, 4 B each, of an eighth of the vocabulary; the
  // head's input in 16 bits is gathered, the last norm keeps its input and its result.
  CHECK(bytes(stage(1).loss) == Approx(12 * t * vocabulary / 8 + 4 * t * h / 8 + 2 * t * h));
  // In eight chunks only an eighth of that is alive together with the logits' gradient in 16 bits.
  one.layout = {};
  one.loss = {LossKind::Kind::chunked, 8};
  CHECK(bytes(stage(0).loss) == Approx((2 + 12 / 8.0) * t * vocabulary + 4 * t * h));
  // ZeRO-3 gathers two blocks in 16 bits and what is outside of them, and has one block's gradient: in 16 bits and,
  // where gradients are in fp32, once more in 32.
  one.loss = {};
  one.layout = {.data = 8, .zero = 3};
  CHECK(bytes(stage(0).other) == Approx(2 * (2 * vocabulary * h + h) + 2 * 2 * block + (2 + 4) * block));
  one.optimizer = models.catalog().optimizer("adamw");
  CHECK(bytes(stage(0).other) == Approx(2 * (2 * vocabulary * h + h) + 2 * 2 * block + 2 * block));
  // CUDA's usual workspaces before Hopper: CUBLAS_WORKSPACE_CONFIG :4096:2:16:8, 2·4,096 + 8·16 KiB, for each of two
  // threads, and TransformerEngine's 4 MiB (transformer_engine/pytorch/module/base.py).
  one = setup(models.catalog());
  one.framework = &parse_framework("megatron");
  one.layout.pipeline = 2;
  one.device = models.catalog().device("a100");
  CHECK(bytes(stage(0).other) ==
        Approx(2 * t * 3 * f + 2 * t * h + 2 * t * h + (2 * (2 * 4096 + 8 * 16) + 4096) * 1024));
}

TEST_CASE("the upper bound has the tokens of the expert that most are routed to") {
  // arXiv:2408.15664, table 2: the fullest expert gets 0.72 of the mean more. Without a framework ±10 %.
  Models models;
  TrainingSetup one = setup(models.catalog());
  one.layout = {.expert = 2, .data = 2};
  const auto most = training_peak(models.inventory("mixtral-8x7b"), one).most();
  const double routed = 32.0 * 2 * 2048 * (2 * 4096 + 2 * 3 * 14336 + 8);
  CHECK(static_cast<double>(most.high.value) == Approx(1.1 * (static_cast<double>(most.peak.value) + 0.72 * routed)));
}

TEST_CASE("gradients that come as activations go are in the peak where they are the larger of both") {
  Models models;
  TrainingSetup one = setup(models.catalog());
  one.framework = &parse_framework("transformers");
  one.optimizer = models.catalog().optimizer("adamw-bf16");
  one.sequence = 8;
  const auto most = training_peak(models.inventory("llama-3.1-8b"), one).most();
  REQUIRE(most.activations + most.loss < most.gradients);
  CHECK(most.peak == most.static_bytes() + most.other);
}

TEST_CASE("a head that is unpacked and a second loss are in the peak") {
  // LitGPT quantises the head too: PyTorch's cross-entropy of 32,000 logits, the last norm, the head in 16 bits.
  const std::vector<std::string> words{"train",     "llama-2-7b",  "--lora",    "8:q,v",    "--dtype",
                                       "nf4",       "--framework", "litgpt",    "--device", "a100-40gb",
                                       "--devices", "1",           "--context", "1304"};
  CHECK(figure_of(words, "training_memory.stages.0.loss_bytes") ==
        12 * 1304.0 * 32000 + 4 * 1304 * 4096 + 2.0 * 32000 * 4096);
  // DeepSeek-V3's module of multi-token prediction (arXiv:2412.19437, section 2.2): logits in 16 bits and their
  // gradient, a layer with three norms of its own, and the projection of two vectors side by side to one, in 16 bits.
  Models models;
  TrainingSetup one = setup(models.catalog());
  const Inventory deepseek = models.inventory("deepseek-v3");
  const auto before = training_peak(deepseek, one);
  one.mtp = true;
  CHECK(static_cast<double>((training_peak(deepseek, one).most().loss - before.most().loss).value) ==
        Approx(4 * 2048.0 * 129280 + static_cast<double>(before.layers.at(1).whole.value) +
               3 * 4 * 2048.0 * (7168 + 1) + 2 * 3 * 2048.0 * 7168));
}

}  // namespace
}  // namespace paramcount
