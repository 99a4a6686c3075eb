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

TEST_CASE("stages have every layer once, interleaved, uneven or as they are told") {
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

}  // namespace
}  // namespace paramcount
