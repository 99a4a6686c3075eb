#include "paramcount/catalog.hpp"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>

#include "base/text.hpp"
#include "catalog/inventory_pack.hpp"
#include "catch.hpp"
#include "paramcount/error.hpp"
#include "paramcount/expand.hpp"
#include "paramcount/params.hpp"
#include "test_folder.hpp"

namespace paramcount {
namespace {

/// The columns of a tab-separated file of tests/truth.
std::vector<std::vector<std::string>> table(const std::string& name) {
  std::ifstream in(std::string(PARAMCOUNT_SOURCE_DIR) + "/tests/truth/" + name);
  std::vector<std::vector<std::string>> rows;
  for (std::string line; std::getline(in, line);) {
    std::vector<std::string> row;
    for (const auto cell : split(line, '\t')) row.emplace_back(cell);
    rows.push_back(std::move(row));
  }
  return rows;
}

TEST_CASE("every model of the catalog counts to the total somebody else counted") {
  const Catalog catalog;
  Expander expander(catalog.families());
  std::map<std::string, std::uint64_t> truth;
  for (const auto& row : table("catalog.tsv")) truth[row.at(0)] = std::stoull(row.at(1));
  int models = 0;
  catalog.each_model([&](const ModelListing& listing) {
    if (listing.family.empty()) return;
    INFO(listing.id);
    const auto known = truth.find(std::string(listing.id));
    REQUIRE(known != truth.end());
    CHECK(count_params(expander.expand(catalog.model(listing.id))).total.value == known->second);
    CHECK(listing.total == known->second);
    ++models;
  });
  CHECK(models == static_cast<int>(truth.size()));
  CHECK(models >= 120);
}

TEST_CASE("changing one dimension by one changes the total as an independent evaluator says") {
  const Catalog catalog;
  Expander expander(catalog.families());
  const auto rows = table("perturbed.tsv");
  CHECK(rows.size() > 500);
  for (const auto& row : rows) {
    INFO(row.at(0) << " " << row.at(1) << " = " << row.at(2));
    Model model = catalog.model(row.at(0));
    const auto dim =
        std::find_if(model.dims.begin(), model.dims.end(), [&](const auto& d) { return d.first == row.at(1); });
    REQUIRE(dim != model.dims.end());
    dim->second = static_cast<std::int64_t>(std::stoll(row.at(2)));
    CHECK(count_params(expander.expand(model)).total.value == std::stoull(row.at(3)));
  }
}

TEST_CASE("published totals agree as far as they claim to") {
  const Catalog catalog;
  catalog.each_model([&](const ModelListing& listing) {
    const Model model = catalog.model(listing.id);
    if (!model.published.total) return;
    INFO(listing.id << ": " << model.published.total_is);
    const auto published = static_cast<double>(*model.published.total);
    if (model.published.total_is == "exact") {
      CHECK(*model.published.total == listing.total);
    } else if (model.published.total_is == "rounded") {
      CHECK(published == Approx(static_cast<double>(listing.total)).epsilon(0.12));
    } else {
      CHECK(model.published.total_is.size() > 10);
    }
    CHECK_FALSE(model.published.source.empty());
  });
}

TEST_CASE("names people use find their model, in any letter case") {
  const Catalog catalog;
  const auto name = GENERATE(values<std::string>(
      {"llama-3.1-405b", "llama-3.1-70b", "llama-3.1-8b", "gpt-2",          "gpt-2-medium", "gpt-2-large",
       "gpt-2-xl",       "gpt-3-175b",    "phi-3-mini",   "phi-3-medium",   "mixtral-8x7b", "flan-t5-small",
       "flan-t5-base",   "flan-t5-large", "flan-t5-xl",   "flan-t5-xxl",    "qwen2.5-7b",   "qwen3-8b",
       "gemma-2-9b",     "deepseek-v3",   "gpt-oss-20b",  "gpt-oss-120b",   "mamba-2.8b",   "grok-1",
       "palm-8b",        "palm-62b",      "palm-540b",    "flan-palm-540b", "t5-11b",       "gpt-4",
       "chatgpt",        "claude",        "gemini",       "kimi-k2",        "deepseek-r1",  "Meta-Llama/Llama-3.1-405B",
       "LLAMA3.1:405B",  "GPT-2"}));
  INFO(name);
  CHECK(catalog.find_model(name).has_value());
}

TEST_CASE("an undisclosed model has a sentence and a source, and no number") {
  const Catalog catalog;
  for (const char* name : {"gpt-4", "chatgpt", "claude", "gemini"}) {
    INFO(name);
    const Model model = catalog.model(name);
    CHECK_FALSE(model.disclosed);
    CHECK(model.statement.size() > 20);
    CHECK_FALSE(model.source.empty());
    CHECK(model.dims.empty());
    CHECK_FALSE(model.published.total.has_value());
  }
}

TEST_CASE("every family, device and number format can be read, and models name devices that exist") {
  const Catalog catalog;
  const auto names = [&](Catalog::Kind kind) {
    std::vector<std::string> result;
    catalog.each_name(kind, [&](std::string_view name, bool) { result.emplace_back(name); });
    return result;
  };
  Expander expander(catalog.families());
  for (const auto& name : names(Catalog::Kind::family)) CHECK_NOTHROW(expander.check(catalog.family(name)));
  for (const auto& name : names(Catalog::Kind::device)) CHECK_FALSE(catalog.device(name).source.empty());
  for (const auto& name : names(Catalog::Kind::dtype)) CHECK(catalog.dtype(name).bits > 0);
  catalog.each_model([&](const ModelListing& listing) {
    const Model model = catalog.model(listing.id);
    if (!model.training.device.empty()) CHECK(catalog.find_device(model.training.device).has_value());
  });
}

TEST_CASE("GPT-3 has 112 times the parameters of GPT-2 XL") {
  const Catalog catalog;
  Expander expander(catalog.families());
  const auto total = [&](const char* id) {
    return static_cast<double>(count_params(expander.expand(catalog.model(id))).total.value);
  };
  CHECK(total("gpt-3-175b") / total("gpt-2-xl") == Approx(112).margin(0.5));
}

TEST_CASE("a folder adds to the catalog and overrides it, the last one winning") {
  namespace fs = std::filesystem;
  const TestFolder home;
  const fs::path root = home / "catalog";
  const auto write = [&](const char* folder, const char* file, const std::string& text) {
    fs::create_directories(root / folder / fs::path(file).parent_path());
    std::ofstream(root / folder / file) << text;
  };
  const auto model = [](const std::string& id, int layers) {
    return R"({"id": ")" + id + R"(", "name": "Mine", "family": "llama", "dims": {"n_layers": )" +
           std::to_string(layers) + R"(}, "source": "me"})";
  };
  write("a", "models/mine.json", model("mine", 1));
  write("a", "models/gpt-2.json", model("gpt-2", 1));
  write("b", "models/mine.json", model("mine", 2));
  write("b", "dtypes.json", R"({"dtypes": [{"id": "int5", "name": "five", "bits": 5, "source": "me"}]})");
  write("b", "families/llama.json",
        R"({"family": "llama", "source": "me", "extends": "llama", "model_types": ["llama"], "dims": {"d_ff": "3"}})");
  const Catalog catalog({(root / "a").string(), (root / "b").string()});
  Expander expander(catalog.families());
  CHECK(expander.expand(catalog.model("mine")).count("n_layers") == 2);
  CHECK(catalog.model("gpt-2").family == "llama");
  CHECK(catalog.model("gpt-2-xl").family == "gpt2");
  CHECK(catalog.dtype("int5").bits == 5);
  CHECK(expander.expand(catalog.model("mine")).count("d_ff") == 3);
  write("a", "models/broken.json", "{");
  const Catalog broken({(root / "a").string()});
  CHECK_THROWS_WITH(broken.model("broken"), ContainsSubstring("broken.json"));
  CHECK_THROWS_AS(Catalog({"/nonexistent"}), Error);
}

TEST_CASE("what a model was expanded to when the program was built is what its family expands to") {
  const Catalog catalog;
  Expander expander(catalog.families(), catalog.gguf_families());
  const auto known = catalog.inventories();
  int compared = 0;
  catalog.each_model([&](const ModelListing& listing) {
    if (listing.total == 0) return;
    INFO(listing.id);
    const Model model = catalog.model(listing.id);
    const auto built = known(model);
    REQUIRE(built);
    CHECK(pack_inventory(*built) == pack_inventory(expander.expand(model)));
    ++compared;
  });
  CHECK(compared > 250);
}

}  // namespace
}  // namespace paramcount
