// What must hold for any config: sums agree however they are cut.
#include <fstream>
#include <random>

#include "catalog/json.hpp"
#include "catch.hpp"
#include "paramcount/base/error.hpp"
#include "paramcount/catalog/catalog.hpp"
#include "paramcount/count/expand.hpp"
#include "paramcount/count/layers.hpp"
#include "paramcount/count/params.hpp"
#include "paramcount/estimate/kv_cache.hpp"
#include "paramcount/estimate/weights.hpp"
#include "read/hf_config.hpp"
#include "tests/paths.hpp"

namespace paramcount {
namespace {

/// Truth configs with some of their integers changed at random, always alike.
std::vector<Value> changed_configs() {
  std::ifstream in(std::string(PARAMCOUNT_SOURCE_DIR) + "/tests/truth/configs.jsonl");
  std::mt19937 random(20240723);
  std::vector<Value> configs;
  for (std::string line; std::getline(in, line);) {
    const Value row = parse_json(line);
    for (int variant = 0; variant < 3; ++variant) {
      Value config = *row.find("config");
      for (auto& [key, value] : *config.as<Value::Object>()) {
        auto* whole = value.as<std::int64_t>();
        if (whole == nullptr || *whole < 2 || random() % 3 != 0) continue;
        const std::int64_t factors[] = {1, 2, 3};
        *whole = *whole * factors[random() % 3] / (random() % 2 == 0 ? 1 : 2);
      }
      configs.push_back(std::move(config));
    }
  }
  return configs;
}

TEST_CASE("sums agree however they are cut, for any dimensions") {
  const Catalog catalog;
  Expander expander(catalog.families());
  const Dtype fp32 = catalog.dtype("fp32");
  int counted = 0;
  for (const auto& config : changed_configs()) {
    Inventory inventory;
    try {
      inventory = expander.expand(model_of_config(config, "changed", catalog));
    } catch (const Error&) {
      continue;  // refused: nothing to add up
    }
    ++counted;
    INFO(inventory.family);
    const ParamCounts p = count_params(inventory);
    Params tensors;
    Params roles;
    Params active;
    for (const auto& tensor : inventory.tensors) {
      std::uint64_t copies = 1;
      for (const auto& axis : tensor.axes) {
        copies *= axis.size();
        for (std::size_t i = 1; i < axis.ranges.size(); ++i) REQUIRE(axis.ranges[i - 1].last < axis.ranges[i].first);
      }
      REQUIRE(tensor.copies == copies);
      REQUIRE(tensor.params().value == tensor.elements() * copies);
      if (!tensor.role.is_buffer() && !tensor.mtp) tensors += tensor.params();
    }
    for (const auto& role : p.by_role) {
      roles += role.total;
      active += role.active;
    }
    REQUIRE(tensors == p.total);
    REQUIRE(roles == p.total);
    REQUIRE(active == p.active);
    REQUIRE(p.active <= p.total);
    REQUIRE(p.active_without_embedding <= p.active);
    REQUIRE(weigh(inventory, weight_format("fp32", false, catalog)).bytes.value == 4 * p.total.value);
    const LayerCounts layers = count_layers(inventory);
    Params cut = layers.outside + layers.towers;
    for (const auto& run : layers.runs) {
      if (!run.mtp) cut += Params{run.params.value * run.count()};
    }
    REQUIRE(cut == p.total);
    REQUIRE(kv_cache(inventory.state, inventory, {100, 1, fp32, fp32, {}}).total() <=
            kv_cache(inventory.state, inventory, {101, 1, fp32, fp32, {}}).total());
    REQUIRE(kv_cache(inventory.state, inventory, {100, 1, fp32, fp32, {}}).total() <=
            kv_cache(inventory.state, inventory, {100, 2, fp32, fp32, {}}).total());
  }
  CHECK(counted > 400);
}

TEST_CASE("one more layer adds what the last layer holds") {
  const Catalog catalog;
  Expander expander(catalog.families());
  for (const char* id :
       {"llama-3.1-8b", "gpt-2", "qwen3-8b", "phi-3-mini", "mixtral-8x7b", "gemma-2-9b", "mamba-2.8b", "deepseek-v3"}) {
    INFO(id);
    Model model = catalog.model(id);
    const auto before = count_params(expander.expand(model)).total;
    const auto layers = count_layers(expander.expand(model));
    for (auto& [name, value] : model.dims) {
      if (name == "n_layers") value = *value.as<std::int64_t>() + 1;
    }
    const auto after = count_params(expander.expand(model)).total;
    std::size_t last = layers.runs.size() - 1;
    while (layers.runs[last].mtp) --last;
    CHECK(after - before == layers.runs[last].params);
  }
}

}  // namespace
}  // namespace paramcount
