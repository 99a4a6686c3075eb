// Lists of `fit`: as long as a screen, what people look for first, and all of it where that is asked for.
#include <algorithm>
#include <string>
#include <vector>

#include "catch.hpp"
#include "paramcount/catalog/catalog.hpp"
#include "paramcount/count/expand.hpp"
#include "paramcount/estimate/layout.hpp"
#include "paramcount/estimate/weights.hpp"
#include "process.hpp"

namespace paramcount {
namespace {

std::size_t lines_of(const std::string& text) {
  return static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
}

/// Where a model's row begins; the end where there is none.
std::size_t row(const std::string& page, const std::string& name) { return page.find("\n  " + name + "  "); }

TEST_CASE("fit without a model shows a screen, and the rest where it is asked for", "[fit][fit-lists]") {
  const std::string page = output_of("fit --device rtx-4090");
  CHECK(lines_of(page) < 40);
  CHECK(page.find(" more fit: --all lists them; --min, --max, --family and --sort select.") != std::string::npos);
  const std::string all = output_of("fit --device rtx-4090 --all");
  CHECK(lines_of(all) > 500);
  CHECK(all.find(" more fit:") == std::string::npos);
  CHECK(row(all, "Pythia 14M") != std::string::npos);
  CHECK(row(page, "Pythia 14M") == std::string::npos);
  // Programs get every one, whatever the page shows.
  CHECK(lines_of(output_of("fit --device rtx-4090 --format csv")) > 500);
}

TEST_CASE("fit without a model puts new, large models in formats worth having first", "[fit][fit-lists]") {
  const std::string all = output_of("fit --device rtx-4090 --all");
  const std::vector<std::string> expected{"Qwen3.5 35B-A3B",   // 2026, the largest of them
                                          "Gemma 4 31B",       // 2026
                                          "Qwen3 32B",         // 2025
                                          "Qwen3 4B",          // 2025, four tenths of the device
                                          "Llama 3.1 8B",      // 2024
                                          "Pythia 6.9B",       // 2023
                                          "Qwen3.5 0.8B",      // 2026, but leaves nine tenths of the device empty
                                          "Qwen3 Coder Next",  // 2026, but two bits a weight
                                          "Llama 2 70B"};      // 2023, two bits
  std::size_t before = 0;
  for (const auto& name : expected) {
    INFO(name);
    const std::size_t at = row(all, name);
    REQUIRE(at != std::string::npos);
    CHECK(at > before);
    before = at;
  }
  // By size alone, as before.
  const std::string sizes = output_of("fit --device rtx-4090 --sort params");
  CHECK(row(sizes, "Qwen3 Coder Next") < row(sizes, "Llama 3.1 70B"));
}

TEST_CASE("fit without a device shows all machines where it is asked to", "[fit][fit-lists]") {
  const std::string page = output_of("fit llama-3.1-8b");
  CHECK(page.find(" more kinds of devices fit it: --all") != std::string::npos);
  CHECK(lines_of(output_of("fit llama-3.1-8b --all")) > lines_of(page) + 10);
  const auto refused = run_line("fit llama-3.1-8b --device h100 --all");
  CHECK(refused.code == 2);
  CHECK(refused.err.find("--all: applies to lists") != std::string::npos);
}

TEST_CASE("mixtures of experts are as fast as llama.cpp alone, and the page says what programs around it take",
          "[fit][speed]") {
  // ggml-org/llama.cpp#29152: gemma4 26B.A4B Q4_0 on an RTX 3090, one token a batch, 189.63 tokens/s.
  const std::string fit = "fit gemma-4-26b-a4b --dtype q4_0 --device rtx-3090 ";
  CHECK(std::stod(output_of(fit + "--get fit.speed.tokens_per_second_low")) < 189.63);
  CHECK(std::stod(output_of(fit + "--get fit.speed.tokens_per_second")) == Approx(189.63).epsilon(0.1));
  CHECK(std::stod(output_of(fit + "--get fit.speed.tokens_per_second_high")) > 189.63);
  CHECK_THAT(output_of(fit + "--notes"), ContainsSubstring("so fast: the program alone"));
  CHECK_THAT(output_of("fit qwen3-32b --dtype q4_k_m --device rtx-4090 --notes"), !ContainsSubstring("so fast"));
}

TEST_CASE("four-bit blocks of a mixture are its experts', as in gpt-oss", "[fit]") {
  // openai/gpt-oss-20b, config.json: modules_to_not_convert has self_attn, the router, embed_tokens and lm_head.
  const Catalog catalog;
  Expander expander(catalog.families());
  const auto leaves = [&](const char* model) {
    const WeightFormat format = weight_format("modelopt-nvfp4", false, catalog);
    const auto kinds = served_formats(format, expander.expand(catalog.model(model)), catalog).likely.dtype.leaves;
    return std::count(kinds.begin(), kinds.end(), RoleKind::attention);
  };
  CHECK(leaves("qwen3-30b-a3b") == 1);
  CHECK(leaves("qwen3-8b") == 0);
}

}  // namespace
}  // namespace paramcount
