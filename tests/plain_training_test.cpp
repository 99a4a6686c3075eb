// Training of which nothing is said but the model and the devices, and what its last layer costs.
#include <cstdlib>
#include <fstream>

#include "catch.hpp"
#include "estimate/trained_model.hpp"
#include "paramcount/catalog/catalog.hpp"
#include "paramcount/count/expand.hpp"
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

}  // namespace
}  // namespace paramcount
