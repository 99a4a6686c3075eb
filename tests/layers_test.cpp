#include "paramcount/count/layers.hpp"

#include "catch.hpp"
#include "paramcount/base/error.hpp"
#include "paramcount/catalog/catalog.hpp"
#include "paramcount/count/expand.hpp"
#include "paramcount/count/params.hpp"
#include "paramcount/estimate/kv_cache.hpp"

namespace paramcount {
namespace {

struct Expanded {
  Catalog catalog;
  Expander expander{catalog.families()};
  Inventory of(const std::string& id) { return expander.expand(catalog.model(id)); }
};

TEST_CASE("the layers of every model of the catalog and what is outside add up to its total") {
  Expanded expanded;
  int models = 0;
  expanded.catalog.each_model([&](const ModelListing& listing) {
    if (listing.family.empty()) return;
    INFO(listing.id);
    const Inventory inventory = expanded.of(std::string(listing.id));
    const LayerCounts layers = count_layers(inventory);
    Params sum = layers.outside + layers.towers;
    std::uint64_t kv = 0;
    std::uint64_t state = 0;
    for (const auto& run : layers.runs) {
      if (!run.mtp) sum += Params{run.params.value * run.count()};
      kv += (run.kv_elements + run.cross_elements) * run.count();
      state += run.state_elements * run.count();
    }
    CHECK(sum == count_params(inventory).total);
    const KvCache cache = kv_cache(inventory.state, inventory,
                                   {1, 1, expanded.catalog.dtype("fp16"), expanded.catalog.dtype("fp16"), {}});
    CHECK(kv == cache.full_elements + cache.window_elements);
    CHECK(state == cache.state_elements);
    ++models;
  });
  CHECK(models >= 120);
}

TEST_CASE("equal neighbours are one run, dense and sparse layers are two") {
  Expanded expanded;
  const auto layers = count_layers(expanded.of("deepseek-v3"));
  REQUIRE(layers.runs.size() == 3);
  CHECK(layers.runs[0].layers == Range{0, 2});
  CHECK(layers.runs[1].layers == Range{3, 60});
  CHECK(layers.runs[1].kind() == "full, MoE");
  CHECK(layers.runs[2].mtp);
  CHECK(layers.runs[0].kv_elements == 576);
}

TEST_CASE("window layers say how far they look back") {
  Expanded expanded;
  const auto layers = count_layers(expanded.of("gemma-3-27b"));
  CHECK(layers.runs.at(0).kind() == "window 1,024");
  CHECK(layers.runs.at(0).count() == 5);
  CHECK(layers.runs.at(1).kind() == "full");
  CHECK(layers.runs.at(0).params.value == 412'898'560);
}

TEST_CASE("very many alternating layers are distinguished quickly") {
  // Each run once asked every entry for all of its ranges: with these many, for minutes.
  const Catalog catalog;
  Expander expander{catalog.families()};
  const auto runs = [&](int layers) {
    Model model = catalog.model("gemma-2-2b");
    model.dims.emplace_back("n_layers", Value(layers));
    return count_layers(expander.expand(model)).runs.size();
  };
  CHECK(runs(100'000) == 100'000);
  CHECK_THROWS_WITH(runs(100'001), "more than 100,000 runs of layers that differ");
}

TEST_CASE("of a layer's experts a token uses its share") {
  Expanded expanded;
  const auto runs = count_layers(expanded.of("mixtral-8x7b")).runs;
  REQUIRE(runs.size() == 1);
  // Width 4,096, keys 1,024: attention, two norms and the router; 2 of 8 experts of three matrices 14,336 wide.
  const std::uint64_t shared = 2 * 4096 * 4096 + 2 * 4096 * 1024 + 2 * 4096 + 8 * 4096;
  const std::uint64_t expert = 3 * 4096 * 14336;
  CHECK(runs[0].params == Params{shared + 8 * expert});
  CHECK(runs[0].active == Params{shared + 2 * expert});
}

}  // namespace
}  // namespace paramcount
