#include "paramcount/catalog/catalog.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>

#include "base/text.hpp"
#include "catch.hpp"
#include "count/inventory_pack.hpp"
#include "paramcount/base/error.hpp"
#include "paramcount/count/expand.hpp"
#include "paramcount/count/params.hpp"
#include "paramcount/run.hpp"
#include "process.hpp"
#include "test_folder.hpp"
#include "tests/paths.hpp"

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
  // Names rather than counts, by their makers' own tables: Zhang 2022, table 1 (24 layers of 1,024 are 331 million);
  // Raffel 2019, section 3.7 (770 million, of which the checkpoint has 738); xAI's README.
  const std::map<std::string_view, double> loose{{"opt-350m", 0.06}, {"t5-large", 0.05}, {"grok-1", 0.006}};
  catalog.each_model([&](const ModelListing& listing) {
    const Model model = catalog.model(listing.id);
    if (!model.published.total) return;
    INFO(listing.id << ": " << model.published.total_is);
    const auto published = static_cast<double>(*model.published.total);
    if (model.published.total_is == "exact") {
      CHECK(*model.published.total == listing.total);
    } else if (model.published.total_is == "rounded") {
      // Rounded or cut: less than one unit of the last digit printed.
      double unit = 1;
      while (std::fmod(published, 10 * unit) == 0) unit *= 10;
      const auto known = loose.find(listing.id);
      const double most = known != loose.end() ? known->second * published : unit;
      CHECK(std::abs(published - static_cast<double>(listing.total)) < most);
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
  const auto names = [&](std::string_view kind) {
    std::vector<std::string> result;
    catalog.each_name(kind, [&](std::string_view name, bool) { result.emplace_back(name); });
    return result;
  };
  Expander expander(catalog.families());
  for (const auto& name : names(Catalog::Kind::family)) CHECK_NOTHROW(expander.check(catalog.family(name)));
  for (const auto& name : names(Device::kTable)) CHECK_FALSE(catalog.device(name)->source.empty());
  for (const auto& name : names(Dtype::kTable)) CHECK(catalog.dtype(name).bits > 0);
  catalog.each_model([&](const ModelListing& listing) {
    const Model model = catalog.model(listing.id);
    if (!model.training.device.empty()) CHECK(catalog.find_device(model.training.device) != nullptr);
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

/// A catalog folder made of files given as name and text.
void fill(const TestFolder& folder, const std::vector<std::pair<std::string, std::string>>& files) {
  for (const auto& [name, text] : files) {
    std::filesystem::create_directories(std::filesystem::path(folder / name).parent_path());
    std::ofstream(folder / name) << text;
  }
}

constexpr const char* kMine =
    R"({"id": "mine", "name": "Mine", "family": "llama", "dims": {"n_layers": 1}, "source": "me", "released": "2031"})";

TEST_CASE("models of a folder are listed among the others, counted, and found by a name nearly theirs") {
  const TestFolder folder;
  fill(folder, {{"models/mine.json", kMine},
                {"models/llama.json", R"({"id": "llama-3.1-8b", "name": "Override", "family": "llama", "source": "me",
                                          "dims": {"n_layers": 2}})"},
                {"models/zz.json", R"({"id": "zz-top", "name": "Last", "family": "gpt2", "source": "me"})"}});
  // 2 · 32,000 · 4,096 outside and, in a layer, 4 · 4,096² + 3 · 4,096 · 11,008 + 2 · 4,096; the last norm.
  const std::string total = "464531456";
  const auto list = [&](std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), "list");
    arguments.insert(arguments.end(), {"--catalog", folder.path(), "--format", "tsv"});
    return run_words(arguments);
  };
  const Finished mine = list({"mine"});
  CHECK(mine.code == 0);
  CHECK_THAT(mine.out, ContainsSubstring("\nmine\t"));
  CHECK_THAT(mine.out, ContainsSubstring("\t" + total + "\t"));
  CHECK_THAT(list({"llama-3.1-8b"}).out, ContainsSubstring("Override"));
  CHECK(run_words({"mine", "--catalog", folder.path(), "--get", "params.total"}).out == total + "\n");
  CHECK(run_words({"minne", "--catalog", folder.path()}).err ==
        "paramcount: minne: no such model. Did you mean mine?\n");
  const auto ids_by = [&](const std::string& key) {
    const std::string table = list({"--sort", key}).out;
    std::vector<std::string> ids;
    for (const auto line : split(table, '\n')) ids.emplace_back(line.substr(0, line.find('\t')));
    REQUIRE(ids.size() > 100);
    return ids;
  };
  CHECK(ids_by("released")[1] == "mine");
  const auto ids = ids_by("name");
  CHECK(ids[ids.size() - 2] == "zz-top");
  CHECK(std::count(ids.begin(), ids.end(), "llama-3.1-8b") == 1);
}

TEST_CASE("rows of a folder's tables replace those of the same id and follow the others") {
  const TestFolder folder;
  fill(folder, {{"optimizers.json", R"({"optimizers": [
                  {"id": "adamw", "name": "Mine", "weights": 1, "gradients": 1, "master": 1, "states": 1, "source": "me"},
                  {"id": "new", "name": "New", "weights": 2, "gradients": 2, "master": 0, "states": 2, "source": "me"}]})"},
                {"spellings.json", R"({"spellings": [{"id": "common", "renames": [["mine", "up_proj"]]}]})"}});
  const Catalog built_in;
  const Catalog catalog({folder.path()});
  const auto ours = catalog.all<Optimizer>();
  REQUIRE(ours.size() == built_in.all<Optimizer>().size() + 1);
  CHECK(ours.front().id == "adamw");
  CHECK(ours.front().name == "Mine");
  CHECK(ours.back().id == "new");
  CHECK(built_in.spellings().renames.size() > 10);
  REQUIRE(catalog.spellings().renames.size() == 1);
  CHECK(catalog.spellings().renames[0].from == "mine");
}

TEST_CASE("a model of one's own has its training in a run with its id") {
  const TestFolder folder;
  fill(folder, {{"models/mine.json", kMine}, {"runs.json", R"({"runs": [
                  {"id": "mine", "name": "Mine", "model": "mine", "tokens": 2e12, "device": "h200", "devices": 64,
                   "energy_mwh": 1.5, "source": "me"},
                  {"id": "gpt-3-175b", "name": "GPT-3", "model": "gpt-3-175b", "tokens": 1e12, "source": "me"}]})"}});
  const Catalog catalog({folder.path()});
  const auto& training = catalog.model("mine").training;
  CHECK(training.tokens == 2e12);
  CHECK(training.device == "h200");
  CHECK(training.figures.energy_kwh == 1500);
  CHECK(catalog.model("gpt-3-175b").training.tokens == 1e12);
  CHECK(catalog.model("gpt-2").training.id.empty());
  CHECK(run_words({"mine", "--catalog", folder.path(), "--get", "training.devices"}).out == "64\n");
  fill(folder, {{"models/old.json", R"({"id": "old", "name": "Old", "family": "gpt2", "source": "me",
                                        "published": {"days": 3, "source": "me"}})"}});
  CHECK_THROWS_WITH(Catalog({folder.path()}).model("old"),
                    ContainsSubstring("old.json: /published/days: training facts belong in runs.json"));
}

TEST_CASE("a run of a folder names a device of the catalog, and never starts a program", "[device]") {
  for (const std::string device : {"here", "memory=80GiB,bandwidth=2TB/s,peak=1000T"}) {
    const TestFolder folder;
    fill(folder,
         {{"models/mine.json", kMine},
          {"runs.json", R"({"runs": [{"id": "mine", "name": "Mine", "model": "mine", "tokens": 2e12, "device": ")" +
                            device + R"(", "devices": 64, "source": "me"}]})"}});
    const Finished ran = run_words({"train", "mine", "--catalog", folder.path()});
    CHECK(ran.code != 0);
    CHECK(ran.out.empty());
    CHECK_THAT(ran.err, ContainsSubstring("no such device"));
  }
}

TEST_CASE("errors in a user's catalog folder name the file and the place") {
  const auto said = [](const std::vector<std::pair<std::string, std::string>>& files,
                       const std::vector<std::string>& arguments) {
    const TestFolder folder;
    fill(folder, files);
    auto all = arguments;
    all.insert(all.end(), {"--catalog", folder.path()});
    const Finished ran = run_words(all);
    CHECK(ran.code != 0);
    CHECK(ran.out.empty());
    std::string text = ran.err;
    replace_all(text, folder.path() + "/", "");
    return text;
  };
  const auto family = [](const std::string& rest) {
    return std::pair<std::string, std::string>{
        "families/toy.json", R"({"family": "toy", "source": "me", "model_types": ["toy"], )" + rest + "}"};
  };
  const std::pair<std::string, std::string> model{"models/mine.json",
                                                  R"({"id": "mine", "name": "Mine", "family": "toy", "source": "me"})"};
  CHECK(said({family(R"("extends": "two")"),
              {"families/two.json", R"({"family": "two", "source": "me", "extends": "three"})"},
              {"families/three.json", R"({"family": "three", "source": "me", "extends": "toy"})"},
              model},
             {"mine"}) == "paramcount: mine: families/toy.json: /extends: toy extends itself via two, three\n");
  CHECK(said({family(R"("extends": "two")"),
              {"families/two.json", R"({"family": "two", "source": "me", "extends": "two"})"},
              model},
             {"mine"}) == "paramcount: mine: families/two.json: /extends: there is no family two\n");
  CHECK(said({family(R"("extends": "two")"),
              {"families/two.json", R"({"family": "two", "source": "me", "extends": "llama", "drop": ["x"]})"},
              model},
             {"mine"}) == "paramcount: mine: families/two.json: /drop: x matches nothing inherited\n");
  CHECK(said({family(R"("extends": "llama", "drop": ["nothing.*.of.*.this"])"), model}, {"mine"}) ==
        "paramcount: mine: families/toy.json: /drop: nothing.*.of.*.this matches nothing inherited\n");
  CHECK(said({family(R"("extends": "llama", "rename": {"nothing": "x"})"), model}, {"mine"}) ==
        "paramcount: mine: families/toy.json: /rename: nothing matches nothing inherited\n");
  CHECK_THAT(said({family(R"("tensors": [["wheel", "a", ["1"]]])"), model}, {"mine"}),
             ContainsSubstring("paramcount: mine: families/toy.json: /tensors: a: wheel: no such role"));
  CHECK(said({family(R"("tensors": [["ffn", "a.{layer}", ["1"]]])"), model}, {"mine"}) ==
        "paramcount: mine: families/toy.json: /tensors: a.{layer}: no index of that name at column 3\n");
  CHECK(said({family(R"("tensors": [["ffn", "a", ["1"]]], "dims": {"b": "c"})"), model}, {"mine"}) ==
        "paramcount: mine: families/toy.json: /dims/b: expression `c`: no dimension is named c\n");
  CHECK(said({family(R"("tensors": [["ffn", "a", ["1"]]], "indices": {"b": "1"}, "dims": {"b": "1"})"), model},
             {"mine"}) == "paramcount: mine: families/toy.json: two things are named b\n");
  CHECK(said({family(R"("tensors": [["ffn", "a", ["1"]]], "parts": [{"part": "b", "family": "'llama'", "of": "c"}])"),
              model},
             {"mine"}) == "paramcount: mine: families/toy.json: /parts/0/of: unknown key\n");
  CHECK(said({family(R"("tensors": [["ffn", "a", ["1"]]], "indices": {"layer": "1"}, "layers": ["leyer"])"), model},
             {"mine"}) == "paramcount: mine: families/toy.json: /layers: leyer is not an index\n");
  CHECK(said({{"models/mine.json",
               R"({"id": "mine", "name": "Mine", "family": "llama", "dims": {"n_layers": [1]}, "source": "me"})"}},
             {"mine"}) == "paramcount: models/mine.json: /dims/n_layers: expected one value; lists go under config\n");
  CHECK(said({{"models/mine.json", R"({"id": "mine", "name": "Mine", "family": "llama", "source": "me",
                                       "attention": {"n_heads": 0}})"}},
             {"list", "mine"}) == "paramcount: models/mine.json: n_heads: expected a number other than 0, got 0\n");
  const std::pair<std::string, std::string> dtypes{
      "dtypes.json", R"({"dtypes": [{"id": "int5", "name": "five", "bits": 5, "source": "me",
                                     "scales": [{"bits": 8, "block": "diagonal"}]}]})"};
  for (const char* option : {"--dtype", "--kv-dtype"}) {
    CHECK(said({dtypes}, {"gpt-2", option, "int5"}) ==
          "paramcount: dtypes.json: /dtypes/0: /scales/block: expected row, column or tensor, got \"diagonal\"\n");
  }
  CHECK(said({{"laws.json", R"({"laws": [{"id": "mine", "name": "Mine", "form": "cubic", "source": "me"}]})"}},
             {"scale", "--compute", "1e21"}) ==
        "paramcount: laws.json: /laws/0: /form: expected loss, power, ratio or kaplan\n");
  CHECK(said({{"equivalents.json",
               R"({"equivalents": [{"id": "mine", "of": "bananas", "each": 1, "label": "x", "source": "me"}]})"}},
             {"train", "gpt-2"}) ==
        "paramcount: gpt-2: equivalents.json: /equivalents/0: /of: expected count, kwh or co2e_t\n");
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
    const auto packed = known(model);
    REQUIRE(packed);
    const auto built = unpack_inventory(model, *packed);
    REQUIRE(built);
    CHECK(pack_inventory(model, *built) == pack_inventory(model, expander.expand(model)));
    ++compared;
  });
  CHECK(compared > 250);
}

TEST_CASE("a built-in model that is edited is counted as edited") {
  const Catalog catalog;
  Expander expander(catalog.families(), catalog.gguf_families(), catalog.names(), catalog.inventories());
  const auto total = [&](const Model& model) { return count_params(expander.expand(model)).total.value; };
  const Model model = catalog.model("gpt-2");
  CHECK(total(model) == 124'439'808);
  // One layer of GPT-2 has 12 d^2 + 13 d parameters, d = 768.
  constexpr std::uint64_t kLayer = 12 * 768 * 768 + 13 * 768;
  Model by_dims = model;
  by_dims.dims.emplace_back("n_layers", 11);
  CHECK(total(by_dims) == 124'439'808 - kLayer);
  Model by_family = model;
  by_family.family = "nobody";
  CHECK_THROWS_WITH(total(by_family), ContainsSubstring("no family covers model type nobody"));
  const auto has_mtp = [&](const Model& of) {
    const Inventory inventory = expander.expand(of);
    return std::any_of(inventory.tensors.begin(), inventory.tensors.end(), [](const Tensor& t) { return t.mtp; });
  };
  Model by_config = catalog.model("deepseek-v3");
  CHECK(has_mtp(by_config));
  by_config.config.set("num_nextn_predict_layers", 0);
  CHECK_FALSE(has_mtp(by_config));
}

}  // namespace
}  // namespace paramcount
