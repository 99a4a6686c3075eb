#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "catch.hpp"
#include "process.hpp"
#include "test_folder.hpp"

namespace paramcount {
namespace {

TEST_CASE("list shows the models of a modality, of a licence, since a day", "[list]") {
  const std::string seen = output_of("list --modality vision --format csv");
  CHECK(seen.find("\nqwen3-vl-8b,") != std::string::npos);
  CHECK(seen.find("\nllama-3.1-8b,") == std::string::npos);
  // Both at once: of those that see, only those that hear too.
  const std::string both = output_of("list --modality vision+audio --format csv");
  CHECK(both.find("\nqwen3-omni-30b-a3b,") != std::string::npos);
  CHECK(both.find("\nqwen3-vl-8b,") == std::string::npos);

  const std::string open = output_of("list --licence open --format csv");
  CHECK(open.find("\nqwen3-8b,") != std::string::npos);
  CHECK(open.find("\nllama-3.1-8b,") == std::string::npos);
  CHECK(output_of("list --licence llama --format csv").find("\nllama-3.1-8b,") != std::string::npos);

  const std::string late = output_of("list --since 2026 --format csv");
  CHECK(late.find("\nglm-5.2,") != std::string::npos);
  CHECK(late.find("\nllama-3.1-8b,") == std::string::npos);
  // Phi-4 came out in December 2024: in the month, not after it.
  CHECK(output_of("list phi-4 --since 2024-12 --format csv").find("\nphi-4,") != std::string::npos);
  CHECK(output_of("list phi-4 --since 2025-01 --format csv").find("\nphi-4,") == std::string::npos);
}

TEST_CASE("list says how many models have no day where it asks for one", "[list]") {
  CHECK(output_of("list --since 2026").find("have no day of release and are left out") != std::string::npos);
}

TEST_CASE("list --by puts the models of each lab under its name", "[list]") {
  const std::string page = output_of("list mi --by lab");
  const auto mistral = page.find("Mistral AI");
  const auto xiaomi = page.find("Xiaomi");
  REQUIRE(mistral != std::string::npos);
  REQUIRE(xiaomi != std::string::npos);
  CHECK(mistral < page.find("\n  mixtral-8x7b "));
  CHECK(page.find("\n  mixtral-8x7b ") < xiaomi);
  CHECK(xiaomi < page.find("mimo-v2.5-pro"));
}

TEST_CASE("list refuses a modality, an order or a date that does not exist", "[list]") {
  for (const auto& [line, said] : std::vector<std::pair<std::string, std::string>>{
           {"list --modality smell", "--modality smell: expected text, vision or audio."},
           {"list --modality vison", "Did you mean vision?"},
           {"list --by lap", "expected lab, family, licence or modality. Did you mean lab?"},
           {"list --since yesterday", "--since yesterday: expected 2026, 2026-03 or 2026-03-15."},
           {"list --since 20-03", "--since 20-03: expected"}}) {
    INFO(line);
    const auto run = run_line(line);
    CHECK(run.code == 2);
    CHECK(run.err.find(said) != std::string::npos);
  }
}

TEST_CASE("a model that has the dimensions of another keeps its own facts, and changes what it says", "[catalog]") {
  TestFolder folder;
  const auto write = [&](const std::string& name, const std::string& text) {
    std::ofstream(folder / ("models/" + name)) << text;
  };
  std::filesystem::create_directory(folder / "models");
  write("a.json",
        R"({"id": "mine", "name": "Mine", "same_as": "qwen3-4b", "dims": {"max_positions": 1000, "n_layers": 2}})");
  const std::string at = "mine --catalog " + folder.path() + " --get ";
  CHECK(output_of(at + "dims.max_positions") == "1000\n");
  CHECK(output_of(at + "dims.n_layers") == "2\n");
  CHECK(output_of(at + "dims.d_model") == output_of("qwen3-4b --get dims.d_model"));
  const std::string listed = output_of("list mine --catalog " + folder.path() + " --format json");
  CHECK(listed.find("\"licence\": null") != std::string::npos);
  CHECK(listed.find("\"released\": null") != std::string::npos);
  CHECK(listed.find("\"modality\": \"text\"") != std::string::npos);

  const auto refused = [&](const std::string& text, const std::string& said) {
    write("a.json", text);
    const auto run = run_line("mine --catalog " + folder.path());
    INFO(run.err);
    CHECK(run.code == 1);
    CHECK(run.err.find(said) != std::string::npos);
  };
  refused(R"({"id": "mine", "name": "Mine", "same_as": "nothing-4b"})", "/same_as: there is no nothing-4b");
  refused(R"({"id": "mine", "name": "Mine", "same_as": "gpt-4"})", "/same_as: gpt-4 has no dimensions");
  refused(R"({"id": "mine", "name": "Mine", "same_as": "mine"})", "/same_as: there is no mine");
  refused(R"({"id": "mine", "name": "Mine", "same_as": "llama-guard-3-8b"})", "name \"llama-3.1-8b\"");
  refused(R"({"id": "mine", "name": "Mine", "same_as": "qwen3-4b", "family": "llama"})",
          "/family: that of qwen3-4b holds");
}

TEST_CASE("fit counts the models of a folder as it does those built in", "[list][fit]") {
  TestFolder folder;
  std::filesystem::create_directory(folder / "models");
  std::ofstream(folder / "models/a.json") << R"({"id": "mine", "name": "Mine", "same_as": "llama-3.1-8b"})";
  const std::string line =
      "fit --device rtx-4090 --family llama --min 8030000000 --max 8030300000 --format csv --catalog ";
  CHECK(output_of(line + folder.path()).find(",mine,Mine,8030261248,") != std::string::npos);
}

}  // namespace
}  // namespace paramcount
