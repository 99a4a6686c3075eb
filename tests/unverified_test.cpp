// Facts whose source was not verified: marked in the catalog, and wherever they are shown.
#include <filesystem>
#include <fstream>

#include "catch.hpp"
#include "paramcount/base/error.hpp"
#include "paramcount/catalog/catalog.hpp"
#include "process.hpp"
#include "test_folder.hpp"

namespace paramcount {
namespace {

constexpr const char* kModel = R"({
  "id": "guess-1b", "name": "Guess 1B", "family": "llama", "dims": {"d_model": 2048, "n_layers": 16},
  "released": "2031-02-03", "licence": "MIT", "lab": "Nobody", "unverified": MARK,
  "published": {"total": 7, "source": "a rumour"}, "source": "nothing"
})";

void write(const TestFolder& folder, const std::string& name, const std::string& text) {
  const std::filesystem::path path = folder / name;
  std::filesystem::create_directories(path.parent_path());
  std::ofstream(path) << text;
}

std::string model_with(const std::string& mark) {
  std::string text = kModel;
  text.replace(text.find("MARK"), 4, mark);
  return text;
}

TEST_CASE("a list says which facts of a model are not verified", "[unverified]") {
  const TestFolder folder;
  write(folder, "models/guess-1b.json", model_with(R"(["released", "licence"])"));
  const auto page = run_words({"list", "guess-1b", "--catalog", folder.path()});
  REQUIRE(page.code == 0);
  CHECK(page.out.find("2031-02-03 unverified") != std::string::npos);
  const auto json = run_words({"list", "guess-1b", "--catalog", folder.path(), "--format", "json"});
  CHECK(json.out.find(R"("released": "2031-02-03")") != std::string::npos);
  CHECK(json.out.find("\"unverified\": [\n        \"released\",\n        \"licence\"\n      ]") != std::string::npos);
}

TEST_CASE("a page says of dimensions and of published figures that they are not verified", "[unverified]") {
  const TestFolder folder;
  write(folder, "models/guess-1b.json", model_with(R"(["dims", "published"])"));
  const auto page = run_words({"guess-1b", "--catalog", folder.path(), "--notes"});
  REQUIRE(page.code == 0);
  CHECK(page.out.find("unverified: no source for the catalog's dimensions") != std::string::npos);
  CHECK(page.out.find("a rumour, unverified") != std::string::npos);
  const auto list = run_words({"list", "guess-1b", "--catalog", folder.path()});
  CHECK(list.out.find("B unverified") != std::string::npos);
  CHECK(list.out.find("2031-02-03 unverified") == std::string::npos);
}

TEST_CASE("true marks all that an entry says, false nothing", "[unverified]") {
  const TestFolder folder;
  write(folder, "models/guess-1b.json", model_with("true"));
  const Catalog all({folder.path()});
  CHECK(all.model("guess-1b").unverified == "all");
  CHECK(all.model("guess-1b").published.source == "a rumour, unverified");
  write(folder, "models/guess-1b.json", model_with("false"));
  const Catalog none({folder.path()});
  CHECK(none.model("guess-1b").unverified.empty());
  CHECK(none.model("guess-1b").published.source == "a rumour");
}

TEST_CASE("a mark for a fact that the entry does not state is refused", "[unverified]") {
  const TestFolder folder;
  write(folder, "models/guess-1b.json", model_with(R"(["price"])"));
  const Catalog catalog({folder.path()});
  CHECK_THROWS_WITH(catalog.model("guess-1b"), ContainsSubstring("/unverified: there is no price to mark"));
}

TEST_CASE("a device's unverified facts are marked next to the figures", "[unverified]") {
  const TestFolder folder;
  write(folder, "devices.json", R"({"devices": [{
    "id": "guess-card", "name": "Guess card", "memory_bytes": 17179869184, "bandwidth_bytes_per_s": 5e11, "watts": 300,
    "prices": [{"usd_per_hour": 1.5, "pricing": "on-demand", "provider": "X", "as_of": "2031-01-01", "source": "hearsay",
      "unverified": true}],
    "unverified": ["watts"], "source": "nothing"}]})");
  const auto page = run_words({"list", "devices", "guess-card", "--catalog", folder.path()});
  REQUIRE(page.code == 0);
  CHECK(page.out.find("300 unverified") != std::string::npos);
  const Catalog catalog({folder.path()});
  CHECK(catalog.device("guess-card")->prices.at(0).source == "hearsay, unverified");
}

}  // namespace
}  // namespace paramcount
