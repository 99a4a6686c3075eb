// Inventories that were packed when the program was built.
#include "catch.hpp"
#include "paramcount/catalog/catalog.hpp"
#include "paramcount/count/expand.hpp"

namespace paramcount {
namespace {

TEST_CASE("what a model caches by its name is what it caches by its config") {
  const Catalog catalog;
  Expander packed(catalog.families(), catalog.gguf_families(), catalog.names(), catalog.inventories());
  Expander expander(catalog.families(), catalog.gguf_families());
  int compressed = 0;
  catalog.each_model([&](const ModelListing& listing) {
    if (listing.total == 0) return;
    INFO(listing.id);
    const Model model = catalog.model(listing.id);
    const auto known = packed.expand(model).state;
    const auto own = expander.expand(model).state;
    REQUIRE(known.size() == own.size());
    for (std::size_t i = 0; i < own.size(); ++i) {
      CHECK(known[i].every == own[i].every);
      compressed += own[i].every > 1 ? 1 : 0;
    }
  });
  CHECK(compressed > 0);
}

}  // namespace
}  // namespace paramcount
