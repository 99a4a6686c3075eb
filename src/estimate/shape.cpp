#include "paramcount/estimate/shape.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <limits>
#include <utility>

#include "paramcount/base/error.hpp"
#include "paramcount/count/params.hpp"

namespace paramcount {
namespace {

constexpr std::array<TraitInfo, kTraits> kInfo{{
    {"aspect", "width / layers", "d_model / n_layers"},
    {"head_dim", "head size", "head_dim"},
    {"ffn", "d_ff / d_model", "d_ff / d_model, of an expert where there are experts"},
    {"vocabulary", "vocabulary", "vocab_size"},
    {"group", "heads / KV heads", "n_heads / n_kv_heads"},
    {"attention", "heads × size / width", "n_heads × head_dim / d_model"},
}};

double ratio(std::uint64_t a, std::uint64_t b) { return b == 0 ? 0 : static_cast<double>(a) / static_cast<double>(b); }

/// Years of an ISO date; nothing is said: the oldest.
double years(const std::string& date) {
  int year = 0;
  int month = 1;
  std::from_chars(date.data(), date.data() + std::min<std::size_t>(4, date.size()), year);
  if (date.size() >= 7) std::from_chars(date.data() + 5, date.data() + 7, month);
  return year == 0 ? 0 : year + (month - 1) / 12.0;
}

bool has_towers(const Inventory& inventory) {
  return std::any_of(inventory.tensors.begin(), inventory.tensors.end(),
                     [](const Tensor& tensor) { return !tensor.mtp && is_tower(tensor.role.kind); });
}

/// Whether each layer keeps a cache and nothing else.
bool attends_everywhere(const Inventory& inventory) {
  std::uint64_t layers = 0;
  for (const auto& state : inventory.state) {
    if (state.kind != StateKind::kv && state.kind != StateKind::window) return false;
    layers += state.copies;
  }
  return layers == inventory.count("n_layers") && inventory.borrowed.empty();
}

}  // namespace

const TraitInfo& trait_info(Trait trait) { return kInfo[static_cast<std::size_t>(trait)]; }

double trait(const Shape& shape, Trait which) {
  switch (which) {
    case Trait::aspect:
      return ratio(shape.d_model, shape.n_layers);
    case Trait::head_dim:
      return static_cast<double>(shape.head_dim);
    case Trait::ffn:
      return ratio(shape.ffn_width(), shape.d_model);
    case Trait::vocabulary:
      return static_cast<double>(shape.vocab_size);
    case Trait::group:
      return ratio(shape.n_heads, shape.n_kv_heads);
    case Trait::attention:
      break;
  }
  return ratio(shape.n_heads * shape.head_dim, shape.d_model);
}

Shape shape_of(const Inventory& inventory) {
  if (inventory.draft || !inventory.repeats.empty() || inventory.flag("encoder_decoder")) return {};
  if (!inventory.state_known || has_towers(inventory) || !attends_everywhere(inventory)) return {};
  Shape shape;
  shape.d_model = inventory.count("d_model");
  shape.n_layers = inventory.count("n_layers");
  shape.n_heads = inventory.count("n_heads");
  shape.n_kv_heads = inventory.count("n_kv_heads");
  shape.head_dim = inventory.count("head_dim");
  shape.d_ff = inventory.count("d_ff");
  shape.vocab_size = inventory.count("vocab_size");
  shape.max_positions = inventory.count("max_positions");
  shape.tied_embeddings = inventory.flag("tied_embeddings");
  const bool has_experts = std::any_of(inventory.tensors.begin(), inventory.tensors.end(),
                                       [](const Tensor& tensor) { return tensor.role.kind == RoleKind::expert; });
  if (has_experts) {
    shape.n_experts = inventory.count("n_experts");
    shape.experts_per_token = inventory.count("experts_per_token");
    shape.d_ff_expert = inventory.count("d_ff_expert");
  }
  const bool whole = shape.n_layers > 0 && shape.n_heads > 0 && shape.n_kv_heads > 0 && shape.head_dim > 0 &&
                     shape.ffn_width() > 0 && shape.vocab_size > 0;
  return whole ? shape : Shape{};
}

std::vector<PublishedShape> published_shapes(const Catalog& catalog, Expander& expander, bool sparse) {
  std::vector<std::string> ids;
  catalog.each_model([&](const ModelListing& listing) {
    const bool own = listing.model && listing.model->disclosed;  // of a folder: not counted yet
    if (own || (listing.total > 0 && (listing.active < listing.total) == sparse)) ids.emplace_back(listing.id);
  });
  std::vector<PublishedShape> shapes;
  for (const auto& id : ids) {
    const Model model = catalog.model(id);
    Inventory inventory;
    try {
      inventory = expander.expand(model);
    } catch (const Error&) {
      continue;  // a user's file that cannot be counted is not an example
    }
    PublishedShape one{model.id, model.name, inventory.family, model.released, 0, 0, shape_of(inventory)};
    if (one.shape.d_model == 0 || one.shape.sparse() != sparse) continue;
    const ParamCounts params = count_params(inventory);
    one.total = params.total.value;
    one.active = params.active.value;
    const auto same = std::find_if(shapes.begin(), shapes.end(), [&](const PublishedShape& other) {
      return other.family == one.family && other.total == one.total && other.shape.d_model == one.shape.d_model &&
             other.shape.n_layers == one.shape.n_layers && other.shape.vocab_size == one.shape.vocab_size;
    });
    if (same == shapes.end()) {
      shapes.push_back(std::move(one));
    } else if (same->released < one.released) {
      *same = std::move(one);
    }
  }
  std::stable_sort(shapes.begin(), shapes.end(),
                   [](const PublishedShape& a, const PublishedShape& b) { return a.total < b.total; });
  return shapes;
}

std::vector<double> weights_at(const std::vector<PublishedShape>& shapes, double params) {
  double newest = 0;
  double nearest = std::numeric_limits<double>::infinity();
  const auto deviations = [&](const PublishedShape& one) {
    return std::log(static_cast<double>(one.total) / params) / std::log(3.0);
  };
  for (const auto& one : shapes) {
    newest = std::max(newest, years(one.released));
    nearest = std::min(nearest, std::abs(deviations(one)));
  }
  std::vector<double> weights;
  for (const auto& one : shapes) {
    const double far = deviations(one);
    weights.push_back(std::exp((nearest * nearest - far * far) / 2) * std::exp2(years(one.released) - newest));
  }
  return weights;
}

double weighted_median(std::vector<std::pair<double, double>> values) {
  std::sort(values.begin(), values.end());
  double all = 0;
  for (const auto& [value, weight] : values) all += weight;
  double sum = 0;
  for (const auto& [value, weight] : values) {
    sum += weight;
    if (2 * sum >= all) return value;
  }
  return values.back().first;
}

std::vector<double> by_weight(const std::vector<std::pair<double, double>>& values) {
  std::vector<std::pair<double, double>> sums;  // weight, value
  for (const auto& [value, weight] : values) {
    const double wanted = value;
    const auto known = std::find_if(sums.begin(), sums.end(), [&](const auto& one) { return one.second == wanted; });
    if (known == sums.end()) {
      sums.emplace_back(weight, value);
    } else {
      known->first += weight;
    }
  }
  std::stable_sort(sums.begin(), sums.end(), [](const auto& a, const auto& b) { return a.first > b.first; });
  std::vector<double> ordered;
  for (const auto& [weight, value] : sums) ordered.push_back(value);
  return ordered;
}

double weighted_mode(const std::vector<std::pair<double, double>>& values) { return by_weight(values).front(); }

}  // namespace paramcount
