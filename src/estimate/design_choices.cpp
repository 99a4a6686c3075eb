#include "estimate/design_choices.hpp"

#include <algorithm>

#include "base/numbers.hpp"
#include "paramcount/estimate/flops.hpp"
#include "paramcount/estimate/kv_cache.hpp"

namespace paramcount {
namespace {

std::string size_text(const Shape& shape) { return grouped(shape.n_layers) + " layers × " + grouped(shape.d_model); }

}  // namespace

DesignCost design_cost(const Inventory& inventory, const ParamCounts& params, std::uint64_t context,
                       const Catalog& catalog) {
  DesignCost cost;
  cost.total = params.total;
  cost.active = params.active;
  CacheRequest request;
  request.context = context;
  request.keys = request.values = catalog.dtype("fp16");
  cost.cache = kv_cache(inventory.state, inventory, request).total();
  const TokenWork work = token_work(inventory, context);
  cost.flops = 2 * work.weights + work.recurrent + work.attention_flops(false);
  return cost;
}

std::vector<DesignChoice> design_choices(const Design& design, const ShapeTarget& target, DesignSearch& search,
                                         const Catalog& catalog) {
  std::vector<DesignChoice> choices;
  const auto add = [&](const char* key, std::string label, const std::optional<FoundShape>& found) {
    if (!found || found->shape == design.shape) return;
    choices.push_back(
        {key, std::move(label), found->shape, design_cost(found->inventory, found->params, design.context, catalog)});
  };
  const auto other_aspect = [&](const char* key, const std::string& label, double factor) {
    if (target.width || target.layers) return;
    ShapeTarget other = target;
    other.aspect *= factor;
    other.aspect_range = {other.aspect / 1.3, other.aspect * 1.3};
    if (const auto found = search.find(other)) add(key, label + ": " + size_text(found->shape), found);
  };
  other_aspect("wider", "wider", 2);
  other_aspect("deeper", "deeper", 0.5);
  const auto with = [&](const char* key, const std::string& label, auto&& change) {
    Shape other = design.shape;
    change(other);
    add(key, label, search.make(other));
  };
  const auto& shape = design.shape;
  const auto kv_heads = [&](const char* key, std::uint64_t heads) {
    with(key, several(heads, "KV head") + (heads == shape.n_heads ? ", one per query head" : ""),
         [&](Shape& other) { other.n_kv_heads = heads; });
  };
  if (shape.n_kv_heads < shape.n_heads) kv_heads("all_kv_heads", shape.n_heads);
  if (shape.n_kv_heads % 2 == 0) kv_heads("half_kv_heads", shape.n_kv_heads / 2);
  with("half_vocabulary", "vocabulary of " + grouped(shape.vocab_size / 2),
       [](Shape& other) { other.vocab_size /= 2; });
  with("twice_vocabulary", "vocabulary of " + grouped(shape.vocab_size * 2),
       [](Shape& other) { other.vocab_size *= 2; });
  with(shape.tied_embeddings ? "untied" : "tied", shape.tied_embeddings ? "head of its own" : "tied head",
       [](Shape& other) { other.tied_embeddings = !other.tied_embeddings; });
  if (shape.sparse()) {
    with("twice_experts", grouped(shape.n_experts * 2) + " experts", [](Shape& other) { other.n_experts *= 2; });
    if (shape.experts_per_token * 2 <= shape.n_experts) {
      with("twice_experts_per_token", grouped(shape.experts_per_token * 2) + " experts per token",
           [](Shape& other) { other.experts_per_token *= 2; });
    }
  }
  return choices;
}

}  // namespace paramcount
