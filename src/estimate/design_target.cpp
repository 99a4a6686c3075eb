#include "estimate/design_target.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "base/spelling.hpp"
#include "base/text.hpp"
#include "count/config_writer.hpp"
#include "paramcount/base/error.hpp"

namespace paramcount {
namespace {

constexpr std::size_t kFewForUsual = 2;                ///< shapes of a family to go by; else those of all families
constexpr double kAspectReach = 2.5, kFfnReach = 1.6;  ///< of what is usual, where nothing of like size was published
constexpr std::size_t kMostTried = 3;                  ///< of usual values
constexpr std::uint64_t kLeastHead = 16;
constexpr std::uint64_t kMostOwnVocabulary = 32768, kLeastVocabulary = 1024;  ///< of models smaller than any published
constexpr double kSomeSize = 1e10;      ///< until the budget is known in parameters
constexpr double kMostEmbedding = 0.5;  ///< the same of the share of table and head

/// "qwen3-moe" and "Qwen3_MoE" are one family.
const Family* family_called(const std::string& name, const Catalog& catalog) {
  if (const auto* family = catalog.find_family(name)) return family;
  std::string other = lower(name);
  std::replace(other.begin(), other.end(), '-', '_');
  if (const auto* family = catalog.find_family(other)) return family;
  std::replace(other.begin(), other.end(), '_', '-');
  return catalog.find_family(other);
}

/// Why no config of the family can be designed; empty: it can.
std::string undesignable(const Family& family, const Inventory* inventory) {
  if (family.model_types.empty()) return "no config.json names it";
  if (family.draft) return "its models only draft for others";
  if (!family.parts.empty()) return "it consists of several models; name the family of its language model";
  for (const char* dim : {"d_model", "n_layers", "n_heads", "vocab_size"}) {
    if (key_of_dim(family, dim).empty()) return "no key of its config says " + std::string(dim);
  }
  if (inventory != nullptr && shape_of(*inventory).d_model == 0) {
    return "it is not a decoder whose layers all have attention and one shape";
  }
  return "";
}

/// Whether a config can say twice the width and the depth.
bool can_grow(const DesignBasis& basis, Expander& expander) {
  DesignSearch search = basis.search(expander);
  Shape shape = shape_of(*basis.inventory);
  const bool own_kv = shape.n_kv_heads == shape.n_heads;
  shape.d_model *= 2;
  shape.n_layers *= 2;
  shape.n_heads *= 2;
  if (own_kv) shape.n_kv_heads = shape.n_heads;
  shape.d_ff *= 2;
  shape.d_ff_expert *= 2;
  return search.make(shape).has_value();
}

/// The published model of the family that is nearest in size; nothing: none is.
std::optional<Model> nearest_model(const Family& family, double params, const Catalog& catalog) {
  std::string nearest;
  double least = 1e300;
  catalog.each_model([&](const ModelListing& listing) {
    if (listing.family != family.id || listing.total == 0) return;
    const double far = std::abs(std::log(static_cast<double>(listing.total) / params));
    if (far >= least) return;
    least = far;
    nearest = listing.id;
  });
  return nearest.empty() ? std::nullopt : std::optional(catalog.model(nearest));
}

/// The family of the most published sizes of the kind (a finetuned model is not another size) that can be designed.
const Family& usual_family(bool sparse, const Catalog& catalog, Expander& expander) {
  constexpr double kOneSize = 20;  // totals within about 5 % are one size: vocabularies differ by a few tokens
  std::map<std::string, std::pair<std::set<long>, std::string>, std::less<>> counts;  // and one model of it
  catalog.each_model([&](const ModelListing& listing) {
    if (listing.total == 0 || (listing.active < listing.total) != sparse) return;
    auto& [sizes, model] = counts[std::string(listing.family)];
    sizes.insert(std::lround(kOneSize * std::log(static_cast<double>(listing.total))));
    model = listing.id;
  });
  std::vector<std::pair<std::size_t, std::string>> ordered;
  for (const auto& [family, count] : counts) ordered.emplace_back(count.first.size(), family);
  std::stable_sort(ordered.begin(), ordered.end(), [](const auto& a, const auto& b) { return a.first > b.first; });
  for (const auto& [count, id] : ordered) {
    const Family& family = catalog.family(id);
    const Inventory inventory = expander.expand(catalog.model(counts[id].second));
    if (undesignable(family, &inventory).empty()) return family;
  }
  throw Error("design: the catalog has no family to follow; name one with --like");
}

bool within(double value, double of, double factor) { return value >= of / factor && value <= of * factor; }

double share_of_embedding(const PublishedShape& one) {
  const double table = static_cast<double>(one.shape.vocab_size) * static_cast<double>(one.shape.d_model);
  return (one.shape.tied_embeddings ? 1 : 2) * table / static_cast<double>(one.total);
}

std::pair<double, double> range_of(const std::vector<PublishedShape>& shapes, Trait which) {
  std::pair<double, double> range{1e300, 0};
  for (const auto& one : shapes) {
    range.first = std::min(range.first, trait(one.shape, which));
    range.second = std::max(range.second, trait(one.shape, which));
  }
  return range;
}

std::uint64_t whole(double value) { return static_cast<std::uint64_t>(std::llround(value)); }

}  // namespace

DesignBasis design_basis(const DesignRequest& request, const Catalog& catalog, Expander& expander) {
  const bool asks_experts = request.experts || request.active || request.experts_per_token;
  const double params = request.params ? static_cast<double>(*request.params) : kSomeSize;
  DesignBasis basis;
  if (request.like.empty()) {
    basis.family = &usual_family(asks_experts, catalog, expander);
  } else if (const auto* family = family_called(request.like, catalog)) {
    basis.family = family;
  } else if (auto model = catalog.find_model(request.like)) {
    if (!model->disclosed)
      throw usage_error("--like " + printable(request.like) + ": its makers publish no dimensions");
    basis.family = &catalog.family(model->family);
    basis.like = std::move(*model);
    basis.named = true;
  } else {
    Suggestions suggestions(request.like);
    catalog.each_name(Catalog::Kind::family, [&](std::string_view name, bool) { suggestions.consider(name); });
    catalog.each_name(Catalog::Kind::model, [&](std::string_view name, bool) { suggestions.consider(name); });
    throw usage_error("--like " + printable(request.like) + ": no such family or model." + suggestions.hint());
  }
  if (!basis.like) basis.like = nearest_model(*basis.family, params, catalog);
  Model example;
  example.family = basis.family->id;
  example.origin = "catalog";
  std::string problem;
  try {
    basis.inventory = expander.expand(basis.like ? *basis.like : example);
    problem = undesignable(*basis.family, &*basis.inventory);
    if (problem.empty() && !can_grow(basis, expander)) problem = "its config cannot set width and depth";
  } catch (const Error& error) {
    problem = error.what();
  }
  if (!problem.empty()) throw usage_error("--like " + printable(request.like) + ": " + problem);
  basis.sparse = shape_of(*basis.inventory).sparse();
  if (asks_experts && !basis.sparse) {
    throw usage_error("--like " + printable(request.like) + ": the family " + basis.family->id +
                      " has no experts; leave out --experts, --active and --experts-per-token, or name another");
  }
  return basis;
}

void take_settings(DesignBasis& basis, double params, const std::vector<PublishedShape>& all, const Catalog& catalog,
                   Expander& expander) {
  if (basis.named) return;
  std::vector<PublishedShape> own;
  for (const auto& one : all) {
    if (one.family == basis.family->id) own.push_back(one);
  }
  if (own.empty()) return;
  const auto weights = weights_at(own, params);
  const auto most = std::max_element(weights.begin(), weights.end()) - weights.begin();
  basis.like = catalog.model(own[static_cast<std::size_t>(most)].id);
  basis.inventory = expander.expand(*basis.like);
}

PublishedAround published_around(const DesignBasis& basis, double params, const std::vector<PublishedShape>& all) {
  PublishedAround around;
  std::vector<PublishedShape> near;
  std::vector<PublishedShape> near_family;
  for (const auto& one : all) {
    const bool own = one.family == basis.family->id;
    const bool close = within(static_cast<double>(one.total), params, kNearFactor);
    if (own) around.usual.push_back(one);
    if (close) near.push_back(one);
    if (own && close) near_family.push_back(one);
  }
  around.of_family = around.usual.size();
  around.compared_by_family = near_family.size() >= kEnoughModels;
  if (around.compared_by_family) {
    around.compared = std::move(near_family);
  } else if (near.size() >= kEnoughModels) {
    around.compared = near;
  }
  if (basis.named) {
    std::erase_if(around.usual, [&](const PublishedShape& one) { return one.id != basis.like->id; });
  } else if (around.of_family < kFewForUsual) {
    around.by_family = false;
    around.usual = near.empty() ? all : std::move(near);
  }
  return around;
}

DesignTargets design_targets(const DesignRequest& request, const DesignBasis& basis, const PublishedAround& published,
                             double params) {
  const auto weights = weights_at(published.usual, params);
  using Values = std::vector<std::pair<double, double>>;
  const auto values = [&](auto&& of) {
    Values list;
    for (std::size_t i = 0; i < weights.size(); ++i) list.emplace_back(of(published.usual[i].shape), weights[i]);
    // A model that was named and is known under another's name: its own inventory says it.
    if (list.empty()) list.emplace_back(of(shape_of(*basis.inventory)), 1.0);
    return list;
  };
  const auto of_trait = [&](Trait which) { return values([&](const Shape& shape) { return trait(shape, which); }); };
  const bool bounded = !published.compared.empty() && !basis.named;
  const auto range = [&](Trait which, double usual, double reach) {
    return bounded ? range_of(published.compared, which) : std::pair{usual / reach, usual * reach};
  };
  const auto clamped = [](double value, const std::pair<double, double>& to) {
    return std::clamp(value, to.first, to.second);
  };
  DesignTargets targets;
  ShapeTarget& target = targets.shape;
  target.params = params;
  if (request.active) target.active = static_cast<double>(*request.active);
  target.aspect = weighted_median(of_trait(Trait::aspect));
  target.aspect_range = range(Trait::aspect, target.aspect, kAspectReach);
  target.aspect = clamped(target.aspect, target.aspect_range);
  target.ffn = weighted_median(of_trait(Trait::ffn));
  target.ffn_range = range(Trait::ffn, target.ffn, kFfnReach);
  target.ffn = clamped(target.ffn, target.ffn_range);
  target.group = weighted_median(of_trait(Trait::group));
  target.attention = weighted_median(of_trait(Trait::attention));
  if (request.width || request.layers) {
    target.aspect_range = {target.aspect / 1e3, target.aspect * 1e3};
    target.ffn_range = {target.ffn_range.first / 2, target.ffn_range.second * 2};
  }
  // Head size and vocabulary are not means but the values that most have, within what those of like size have.
  const auto within_published = [&](double value, Trait which) {
    if (!bounded) return true;
    const auto [low, high] = range_of(published.compared, which);
    return value >= low && value <= high;
  };
  const auto ordered = [&](Trait which) {
    std::vector<std::uint64_t> list;
    for (const double value : by_weight(of_trait(which))) {
      if (list.size() < kMostTried && within_published(value, which)) list.push_back(whole(value));
    }
    if (!bounded) return list;
    Values near;
    for (const auto& one : published.compared) near.emplace_back(trait(one.shape, which), 1.0);
    for (const double value : by_weight(near)) {
      const bool known = std::find(list.begin(), list.end(), whole(value)) != list.end();
      if (list.size() < 2 * kMostTried && !known) list.push_back(whole(value));
    }
    return list;
  };
  targets.head_dims = ordered(Trait::head_dim);
  // Narrower models than any published have smaller heads.
  if (!bounded) {
    targets.head_dims.resize(1);
    for (auto half = targets.head_dims.front() / 2; half >= kLeastHead; half /= 2) targets.head_dims.push_back(half);
  }
  if (request.head_dim) targets.head_dims = {*request.head_dim};
  target.head_dim = targets.head_dims.front();
  target.most_embedding = request.vocab ? 1 : kMostEmbedding;
  if (bounded && !request.vocab) {
    target.most_embedding = 0;
    for (const auto& one : published.compared) {
      target.most_embedding = std::max(target.most_embedding, share_of_embedding(one));
    }
  }
  targets.vocabularies = ordered(Trait::vocabulary);
  if (bounded) {
    // Where the usual one leaves too little for the layers, the next smaller ones.
    std::vector<std::uint64_t> smaller;
    for (const auto& one : published.compared) {
      if (one.shape.vocab_size < targets.vocabularies.front()) smaller.push_back(one.shape.vocab_size);
    }
    if (!smaller.empty()) targets.vocabularies.push_back(*std::min_element(smaller.begin(), smaller.end()));
  }
  if (!bounded) {
    targets.vocabularies.resize(std::min<std::size_t>(2, targets.vocabularies.size()));
    for (auto size = kMostOwnVocabulary; size >= kLeastVocabulary; size /= 2) targets.vocabularies.push_back(size);
  }
  if (request.vocab) targets.vocabularies = {*request.vocab};
  target.max_positions = request.context.value_or(
      whole(weighted_median(values([](const Shape& shape) { return static_cast<double>(shape.max_positions); }))));
  target.tied = request.tied.value_or(
      weighted_mode(values([](const Shape& shape) { return shape.tied_embeddings ? 1.0 : 0.0; })) > 0);
  for (const auto& [kv, weight] : values([](const Shape& shape) { return static_cast<double>(shape.n_kv_heads); })) {
    target.kv_heads.push_back(whole(kv));
  }
  target.width = request.width;
  target.layers = request.layers;
  target.fixed_kv_heads = request.kv_heads;
  if (basis.sparse) {
    for (const double value : by_weight(values([](const Shape& s) { return static_cast<double>(s.n_experts); }))) {
      if (targets.experts.size() < kMostTried) targets.experts.push_back(whole(value));
    }
    // Fewer active parameters than any published model of the family has take more experts.
    if (request.active) {
      targets.experts.push_back(2 * *std::max_element(targets.experts.begin(), targets.experts.end()));
    }
    if (request.experts) targets.experts = {*request.experts};
    for (const auto experts : targets.experts) {
      Values of;
      for (std::size_t i = 0; i < weights.size(); ++i) {
        const auto& shape = published.usual[i].shape;
        if (shape.n_experts == experts) of.emplace_back(static_cast<double>(shape.experts_per_token), weights[i]);
      }
      if (of.empty()) of = values([](const Shape& s) { return static_cast<double>(s.experts_per_token); });
      targets.experts_per_token.emplace_back(experts, std::min(experts, whole(weighted_mode(of))));
    }
  }
  return targets;
}

}  // namespace paramcount
