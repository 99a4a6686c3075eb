// Training of which nothing is said but the model and the devices, and what its last layer costs.
#include <cstdlib>
#include <fstream>

#include "catch.hpp"
#include "estimate/trained_model.hpp"
#include "paramcount/catalog/catalog.hpp"
#include "paramcount/count/expand.hpp"
#include "paramcount/estimate/training_step.hpp"
#include "process.hpp"
#include "test_folder.hpp"

namespace paramcount {
namespace {

TEST_CASE("a model without a head is charged no logits, a classifier those of its labels", "[training]") {
  const Catalog catalog;
  Expander expander(catalog.families(), catalog.gguf_families(), catalog.names(), catalog.inventories());
  const auto outputs = [&](const char* model) { return trained_model(expander.expand(catalog.model(model))).outputs; };
  CHECK(outputs("llama-3.1-8b") == 128256);
  CHECK(outputs("gpt-2") == 50257);  // tied
  CHECK(outputs("bert-base-uncased") == 30522);
  CHECK(outputs("embeddinggemma-300m") == 0);
  const auto bert = [](const std::string& architecture, const std::string& key) {
    TestFolder folder;
    std::ofstream(folder / "config.json")
        << R"({"model_type": "bert", "architectures": [")" << architecture << R"("], "num_labels": 9})";
    return std::strtod(run_words({"train", folder / "config.json", "--device", "h100", "--convention", "matmul",
                                  "--micro-batch", "16", "--get", key})
                           .out.c_str(),
                       nullptr);
  };
  const std::string loss = "training_memory.stages.0.loss_bytes";
  const double norm = 4.0 * 16 * 512 * 768;  // input and output of the last one
  CHECK(bert("BertForMaskedLM", loss) == Approx(norm + 12.0 * 16 * 512 * 30522));
  CHECK(bert("BertModel", loss) == Approx(norm));
  CHECK(bert("BertForTokenClassification", loss) == Approx(norm + 12.0 * 16 * 512 * 9));
  // Nor does the step compute them: a third of the matrices are the head.
  const auto seconds = [&](const std::string& architecture) { return bert(architecture, "training.seconds_per_step"); };
  CHECK(seconds("BertForMaskedLM") > 1.2 * seconds("BertModel"));
}

TEST_CASE("a device and how many of them are enough for a verdict", "[training]") {
  const auto run = [](const std::vector<std::string>& more) {
    std::vector<std::string> words{"train", "llama-3.1-8b", "--device", "h100", "--devices", "8"};
    words.insert(words.end(), more.begin(), more.end());
    return run_words(words);
  };
  const Finished fits = run({"--context", "4096"});
  CHECK(fits.code == 0);
  CHECK_THAT(fits.out, ContainsSubstring("Llama 3.1 8B on 8 × H100 SXM  fits: "));
  const Finished over = run({"--context", "65536", "--notes"});
  CHECK(over.code == 3);
  CHECK_THAT(over.out, ContainsSubstring("  does not fit: "));
  CHECK_THAT(over.out, ContainsSubstring("--recompute full"));
  CHECK_THAT(over.out, ContainsSubstring("flash attention, plain loss, without framework workspaces"));
  CHECK(over.err.empty());
  const Finished value = run({"--context", "65536", "--get", "training_memory.ok"});
  CHECK(value.code == 3);
  CHECK(value.out == "false\n");
  CHECK_THAT(value.err, ContainsSubstring("does not fit in data parallelism alone: the peak is "));
  // Of assumed devices there is a note, and no verdict.
  CHECK(run_words({"train", "llama-3.1-8b", "--context", "65536"}).code == 0);
}

/// Of 2,048 tokens a sequence on H100s: 3.35 TB/s of memory, 450 GB/s to seven others of a machine.
StepTime step_of(const char* model, const TrainingLayout& layout, double flops_per_token) {
  const Catalog catalog;
  Expander expander(catalog.families(), catalog.gguf_families(), catalog.names(), catalog.inventories());
  TrainingSetup setup;
  setup.optimizer = catalog.optimizer("adamw");
  setup.sequence = 2048;
  setup.device = catalog.device("h100-sxm");
  setup.layout = layout;
  StepWork work;
  work.flops_per_token = flops_per_token;
  work.peak = {1e15};
  work.mfu = 0.5;
  return step_time(expander.expand(catalog.model(model)), setup, work);
}

TEST_CASE("what devices tell each other in a step is the bytes of each collective over the link", "[training]") {
  const double t = 2048, h = 4096, link = 450e9, params = 8'030'261'248, some = 1;
  // Tensor parallelism: two sums a layer forward and two backward (arXiv:1909.08053, section 3), and a ring moves
  // 2·(n − 1)/n of what it sums, 2 B an element.
  const TrainingLayout tensor{.tensor = 8, .global_batch = 1};
  CHECK(step_of("llama-3.1-8b", tensor, some).tensor == Approx(32 * 4 * 2 * 7 / 8.0 * 2 * t * h / link));
  // Context parallelism: forward another device's 32 layers of keys and values of 1,024 each come by, backward these
  // and their gradients, 2 B an element of the 1,024 tokens of that device.
  const TrainingLayout context{.context = 2, .global_batch = 1};
  CHECK(step_of("llama-3.1-8b", context, some).context == Approx(3 * 2 * 32 * 2 * 1024 * (t / 2) / link));
  // Experts: each token's vector goes to two of them and comes back, forward and backward, half of them elsewhere.
  const TrainingLayout experts{.expert = 2, .data = 2, .global_batch = 2};
  CHECK(step_of("mixtral-8x7b", experts, some).expert == Approx(32 * 2 * 2 * 2 * 2 * t * h / 2 / link));
  // With sequence parallelism each of two devices sends the tokens that it has.
  const TrainingLayout sequence{.tensor = 2, .expert = 2, .sequence_parallel = true, .global_batch = 1};
  CHECK(step_of("mixtral-8x7b", sequence, some).expert == Approx(32 * 2 * 2 * 2 * 2 * (t / 2) * h / 2 / link));
  // ZeRO-3 gathers the weights forward and backward and scatters gradients in each of four micro-batches, 2 B each.
  const TrainingLayout sharded{.data = 8, .zero = 3, .global_batch = 32};
  CHECK(step_of("llama-3.1-8b", sharded, some).data == Approx(4 * (2 + 4) * params * 7 / 8 / link).epsilon(1e-4));
  // Gradients of plain data parallelism are summed while the last micro-batch is computed.
  const TrainingLayout plain{.data = 8, .global_batch = 32};
  const StepTime step = step_of("llama-3.1-8b", plain, 1e8);
  CHECK(step.data == Approx((2 + 2) * params * 7 / 8 / link - step.compute / 4));
}

TEST_CASE("the optimizer reads and writes its states, and the largest stage is waited for", "[training]") {
  // AdamW in mixed precision: gradients read, master copy and both moments read and written, weights written.
  CHECK(step_of("llama-3.1-8b", {.global_batch = 1}, 1).optimizer ==
        Approx((2 + 2 * 4 + 2 * 8 + 2) * 8'030'261'248.0 / 3.35e12));
  // 32 layers in five stages: seven in the largest, where 6.4 would be even; one micro-batch at a time.
  const StepTime step = step_of("llama-3.1-8b", {.pipeline = 5, .global_batch = 10}, 6 * 8e9);
  CHECK(step.bubble == Approx(step.compute * (7 / 6.4 * (1 + 4 / 10.0) - 1)));
}

TEST_CASE("an optimizer keeps as many bytes of a parameter as its paper says", "[training]") {
  const Catalog catalog;
  // Weights, gradients, fp32 copy, moments. Two moments in fp32 (arXiv:1412.6980), in bf16, in one byte
  // (arXiv:2110.02861); one (Lion, arXiv:2302.06675; Muon; momentum), none. 16 for mixed precision: arXiv:1910.02054,
  // section 3.1.
  struct Kept {
    const char* optimizer;
    double weights, gradients, master, states;
  };
  for (const auto& kept :
       {Kept{"adamw", 2, 2, 4, 4 + 4}, Kept{"adamw-fp32-gradients", 2, 4, 4, 4 + 4}, Kept{"adamw-fp32", 4, 4, 0, 4 + 4},
        Kept{"adamw-bf16", 2, 2, 0, 2 + 2}, Kept{"adamw-8bit", 2, 2, 4, 1 + 1}, Kept{"adamw-8bit-bf16", 2, 2, 0, 1 + 1},
        Kept{"lion", 2, 2, 4, 4}, Kept{"muon", 2, 2, 4, 4}, Kept{"sgd-momentum", 2, 2, 4, 4}, Kept{"sgd", 2, 2, 4, 0},
        Kept{"sgd-fp32", 4, 4, 0, 0}}) {
    INFO(kept.optimizer);
    const Optimizer optimizer = catalog.optimizer(kept.optimizer);
    CHECK(optimizer.weights == kept.weights);
    CHECK(optimizer.gradients == kept.gradients);
    CHECK(optimizer.master == kept.master);
    CHECK(optimizer.states == kept.states);
  }
}

TEST_CASE("what 4-bit matrices read is kept once where attention and feed-forward share a norm", "[training]") {
  // litgpt/model.py, shared_attention_norm: Falcon 7B reads one norm's result, 4,544 wide, its attention's, and 4·4,544
  // in the feed-forward: two bytes each of 1,024 tokens.
  const std::string json = output_of(
      "train falcon-7b --lora 8 --dtype nf4 --framework litgpt --device a100-40gb --devices 1 --context 1024 --format "
      "json");
  const auto at = json.find("\"inputs of 4-bit matrices\"");
  REQUIRE(at != std::string::npos);
  CHECK_THAT(json.substr(at, 100), ContainsSubstring(std::to_string(2 * 1024 * (4544 + 4544 + 4 * 4544))));
}

}  // namespace
}  // namespace paramcount
