#include <cstdlib>
#include <fstream>
#include <string>
#include <vector>

#include "base/text.hpp"
#include "catch.hpp"
#include "paramcount/catalog/catalog.hpp"
#include "paramcount/catalog/equivalent.hpp"
#include "paramcount/count/expand.hpp"
#include "paramcount/count/params.hpp"
#include "process.hpp"
#include "tests/paths.hpp"

namespace paramcount {
namespace {

TEST_CASE("a name on the Hub has the positions of its own config, not those of a model of its shape") {
  const Catalog catalog;
  Expander expander(catalog.families());
  std::ifstream in(std::string(PARAMCOUNT_SOURCE_DIR) + "/tests/truth/positions.tsv");
  REQUIRE(in);
  int names = 0;
  for (std::string line; std::getline(in, line); ++names) {
    const auto cells = split(line, '\t');
    const std::string name(cells.at(0));
    INFO(name);
    CHECK(expander.expand(catalog.model(name)).count("max_positions") == std::stoull(std::string(cells.at(1))));
  }
  CHECK(names > 40);
}

TEST_CASE("t5-xl and t5-xxl are the models of T5 v1.1, of other shapes than 3B and 11B") {
  // transformers, model_doc/t5v1.1: "xl" and "xxl" replace "3B" and "11B"; the shapes differ.
  const Catalog catalog;
  CHECK(catalog.model("t5-xl").id == "t5-v1.1-xl");
  CHECK(catalog.model("t5-xxl").id == "t5-v1.1-xxl");
}

TEST_CASE("a separate release is a separate model, even if another has its dimensions") {
  const Catalog catalog;
  struct Release {
    const char *name, *title, *released;
  };
  for (const Release& release : std::vector<Release>{
           {"llama-3.3-70b", "Llama 3.3 70B", "2024-12-06"},                      // helm, model_metadata.yaml
           {"deepseek-r1", "DeepSeek-R1", "2025-01-20"},                          // the same
           {"deepseek-r1-0528", "DeepSeek-R1-0528", "2025-05-28"},                // the same
           {"deepseek-v3.1", "DeepSeek-V3.1", "2025-08-21"},                      // DeepSeek's change log
           {"deepseek-r1:70b", "DeepSeek-R1-Distill-Llama 70B", "2025-01-20"},    // helm
           {"internlm2.5-7b", "InternLM2.5 7B", "2024-07-03"},                    // InternLM/InternLM, README
           {"LGAI-EXAONE/EXAONE-Deep-7.8B", "EXAONE Deep 7.8B", "2025-03-18"},    // EXAONE-Deep, README
           {"OpenGVLab/InternVL2_5-8B-MPO", "InternVL2.5 8B MPO", "2024-12-20"},  // OpenGVLab/InternVL, README
           {"openbmb/MiniCPM-2B-128k", "MiniCPM 2B 128K", "2024-04-11"},          // OpenBMB/MiniCPM, README
           {"bigscience/bloomz", "BLOOMZ 176B", "2022-11-03"},                    // helm
           {"mistralai/Mathstral-7B-v0.1", "Mathstral 7B", "2024-07-16"}}) {      // ai-tldr.dev
    INFO(release.name);
    const Model model = catalog.model(release.name);
    CHECK(model.name == release.title);
    CHECK(model.released == release.released);
  }
}

TEST_CASE("licences and days of the weights are those of their makers' pages") {
  const Catalog catalog;
  struct Fact {
    const char *name, *released, *licence;
  };
  for (const Fact& fact :
       std::vector<Fact>{{"whisper-base", "2022-09-21", "MIT"},                   // openai/whisper, README
                         {"whisper-large-v3", "2023-11-06", "MIT"},               // the same
                         {"minimax-m2", "2025-10-27", "MIT"},                     // MiniMax-AI/MiniMax-M2, README
                         {"minimax-m2.5", "2026-02-12", "Modified MIT"},          // gpustack, model-catalog.yaml
                         {"gemma-4-26b-a4b", "2026-04-02", "Apache-2.0"},         // the same
                         {"gemma-4-e2b", "2026-04-02", "Apache-2.0"},             // the same
                         {"glm-5.2", "2026-06-16", "MIT"},                        // the same
                         {"qwen3.5-27b", "2026-02-24", "Apache-2.0"},             // QwenLM/Qwen3.5, README
                         {"qwen3-4b-instruct-2507", "2025-08-06", "Apache-2.0"},  // QwenLM/Qwen3, README
                         {"grok-2", "2025-08-23", "Grok 2 Community License"},    // mytechnologie.org
                         {"nemotron-3-ultra-550b-a55b", "2026-06-04", "OpenMDW-1.1"}}) {  // awesomeagents.ai
    INFO(fact.name);
    const Model model = catalog.model(fact.name);
    CHECK(model.released == fact.released);
    CHECK(model.licence == fact.licence);
  }
}

TEST_CASE("a mixture has as many active parameters as its makers' name says") {
  // Qwen3-30B-A3B: 3 B of 30 B. Names are rounded, and leave out what sees and hears.
  const Catalog catalog;
  Expander expander(catalog.families());
  int names = 0;
  catalog.each_model([&](const ModelListing& listing) {
    const std::string id(listing.id);
    const auto at = id.rfind("-a");
    if (listing.family.empty() || at == std::string::npos) return;
    if (id.find("-vl-") != std::string::npos || id.find("-omni-") != std::string::npos) return;
    char* end = nullptr;
    const double billions = std::strtod(id.c_str() + at + 2, &end);
    if (billions <= 0 || *end != 'b' || (end[1] != '-' && end[1] != 0)) return;
    const ParamCounts counts = count_params(expander.expand(catalog.model(id)));
    INFO(id << " " << counts.active.value << " " << counts.active_without_embedding.value);
    const double least = static_cast<double>(counts.active_without_embedding.value) / 1e9;
    const double most = static_cast<double>(counts.active.value) / 1e9;
    CHECK(least < billions * 1.2 + 0.5);
    CHECK(most > billions * 0.8);
    ++names;
  });
  CHECK(names > 40);
  // xAI's Grok 2 routes to 2 of 8 experts, in contexts of 131,072 (mytechnologie.org, of the day that it came out).
  const Inventory grok = expander.expand(catalog.model("grok-2"));
  CHECK(grok.count("n_experts") == 8);
  CHECK(grok.count("experts_per_token") == 2);
  CHECK(grok.count("max_positions") == 131'072);
}

TEST_CASE("what figures are compared with is about as large as those who measure it say") {
  const Catalog catalog;
  const auto each = [&](std::string_view id) {
    for (const auto& one : catalog.all<Equivalent>()) {
      if (one.id == id) return one.each;
    }
    return 0.0;
  };
  // odyssee-mure.eu, electricity consumption per dwelling: 3.6 MWh. eia.gov, FAQ 97: 10,715 kWh in 2020. epa.gov,
  // typical passenger vehicle: about 4.7 t, before cars became lighter on fuel.
  CHECK(each("eu-households") == 3600);
  CHECK(each("us-households") == Approx(10'715).epsilon(0.02));
  CHECK(each("cars") == Approx(4.7).epsilon(0.1));
}

}  // namespace
}  // namespace paramcount
