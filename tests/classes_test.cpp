// The model classes that families name: every family that answers for a model type has some, and none that a published
// config names is missing.
#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>

#include "catch.hpp"
#include "paramcount/catalog/catalog.hpp"
#include "paramcount/catalog/family.hpp"
#include "tests/paths.hpp"

namespace paramcount {
namespace {

using nlohmann::json;

TEST_CASE("every family of a model type names the classes it describes", "[classes]") {
  const Catalog catalog;
  catalog.each_name(Catalog::Kind::family, [&](std::string_view name, bool is_id) {
    if (!is_id) return;
    const Family& family = catalog.family(name);
    // No library has a class for the models of these three, nor for the half of a T5Gemma.
    const bool no_class = name == "gpt3" || name == "gopher" || name == "palm" || name == "t5_gemma_module";
    INFO(name);
    if (!family.model_types.empty()) CHECK(family.classes.empty() == no_class);
  });
}

TEST_CASE("the classes of published configs are named by the family of their model type", "[classes]") {
  const Catalog catalog;
  int named = 0;
  for (const char* file :
       {"configs.jsonl", "variations.jsonl", "families.jsonl", "classes.jsonl", "keys.jsonl", "gguf_models.jsonl"}) {
    std::ifstream in(std::string(PARAMCOUNT_SOURCE_DIR) + "/tests/truth/" + file);
    REQUIRE(in);
    for (std::string line; std::getline(in, line);) {
      const json config = json::parse(line).at("config");
      const Family* family = catalog.find_family(config.value("model_type", ""));
      if (family == nullptr || family->classes.empty()) continue;
      for (const std::string& name : config.value("architectures", std::vector<std::string>{})) {
        INFO(family->id << ": " << name);
        CHECK(std::find(family->classes.begin(), family->classes.end(), name) != family->classes.end());
        ++named;
      }
    }
  }
  CHECK(named > 1500);
}

}  // namespace
}  // namespace paramcount
