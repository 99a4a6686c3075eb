#include "estimate/design_search.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

#include "paramcount/base/error.hpp"
#include "paramcount/estimate/design.hpp"

namespace paramcount {
namespace {

constexpr std::uint64_t kLeastMultiple = 16, kMostMultiple = 1024;
constexpr std::array<std::uint64_t, 6> kFfnMultiples{256, 128, 64, 32, 16, 8};
constexpr double kWidthsAround = 1.7;       ///< widths tried, to either side of the middle one
constexpr std::size_t kCountedShapes = 24;  ///< of the best candidates, until one is within the tolerance
constexpr std::uint64_t kMostLayers = 4096;

std::uint64_t power_below(double value) {
  return value < 2 ? 1 : std::uint64_t{1} << static_cast<unsigned>(std::log2(value));
}

double squared(double x) { return x * x; }

double expert_params(const Inventory& inventory) {
  double sum = 0;
  for (const auto& tensor : inventory.tensors) {
    if (tensor.counts() && tensor.role.kind == RoleKind::expert) sum += static_cast<double>(tensor.params().value);
  }
  return sum;
}

std::uint64_t scaled_to(std::uint64_t of, std::uint64_t from, std::uint64_t to, std::uint64_t multiple) {
  const double value = static_cast<double>(of) * static_cast<double>(to) / static_cast<double>(from);
  return std::max<std::uint64_t>(1, static_cast<std::uint64_t>(std::llround(value / static_cast<double>(multiple)))) *
         multiple;
}

Value whole(std::uint64_t value) { return Value(static_cast<std::int64_t>(value)); }

/// Of the divisors of the heads the one nearest to what is wanted, published numbers first.
std::uint64_t kv_heads_of(std::uint64_t heads, double wanted, const std::vector<std::uint64_t>& published) {
  std::uint64_t best = heads;
  double least = 1e300;
  for (std::uint64_t kv = 1; kv <= heads; ++kv) {
    if (heads % kv != 0) continue;
    const bool known = std::find(published.begin(), published.end(), kv) != published.end();
    const double far = std::abs(std::log(static_cast<double>(kv) / wanted)) + (known ? 0 : 0.3);
    if (far < least) {
      least = far;
      best = kv;
    }
  }
  return best;
}

/// How far from round numbers: matrices are cut in tiles, layers in stages, heads among devices.
double unroundness(const Shape& shape, std::uint64_t multiple, std::uint64_t ffn_multiple) {
  double sum = 0;
  if (shape.n_layers % 2 != 0) sum += 0.3;
  if (shape.n_layers % 4 != 0) sum += 0.1;
  if (shape.d_model % (2 * multiple) != 0) sum += 0.1;
  if (shape.n_heads >= 8 && shape.n_heads % 4 != 0) sum += 0.2;
  if (shape.n_heads >= 16 && shape.n_heads % 8 != 0) sum += 0.2;
  if ((shape.n_kv_heads & (shape.n_kv_heads - 1)) != 0 && shape.n_kv_heads != shape.n_heads) sum += 0.8;
  if (ffn_multiple > 0) {
    const auto fine = std::min<std::uint64_t>(256, power_below(static_cast<double>(shape.ffn_width()) / 8));
    if (fine > ffn_multiple) sum += 0.15 * std::log2(static_cast<double>(fine) / static_cast<double>(ffn_multiple));
  }
  return sum;
}

/// Parameters as they grow with layers and with the feed-forward width, from four counts.
struct Growth {
  double base{0}, layers{0}, ffn{0}, both{0};

  [[nodiscard]] double at(double n, double f) const { return base + layers * n + ffn * f + both * n * f; }
  /// Through (n1, f1), (n1, f2), (n2, f1), (n2, f2); n1 = n2 or f1 = f2: it does not grow with that.
  static Growth through(double n1, double n2, double f1, double f2, const std::array<double, 4>& counted) {
    const double per_f = f2 > f1 ? (counted[1] - counted[0]) / (f2 - f1) : 0;
    const double per_f2 = f2 > f1 ? (counted[3] - counted[2]) / (f2 - f1) : 0;
    Growth growth;
    growth.both = n2 > n1 ? (per_f2 - per_f) / (n2 - n1) : 0;
    growth.ffn = per_f - growth.both * n1;
    growth.layers = n2 > n1 ? (counted[2] - counted[0]) / (n2 - n1) - growth.both * f1 : 0;
    growth.base = counted[0] - growth.layers * n1 - growth.ffn * f1 - growth.both * n1 * f1;
    return growth;
  }
};

}  // namespace

std::uint64_t width_multiple(double width) {
  return std::clamp(power_below(width / 12), kLeastMultiple, kMostMultiple);
}

std::vector<DimSetting> DesignSearch::settings(const Shape& shape) {
  std::vector<DimSetting> set;
  // What grows with the shape comes first: where it has the key of a chosen dimension, the choice wins.
  const auto follow = [&](const char* dim, const char* of, std::uint64_t to, std::uint64_t multiple) {
    if (like_inventory_ == nullptr || !writer_.apart(dim, of)) return;
    const auto own = like_inventory_->count(dim);
    const auto from = like_inventory_->count(of);
    if (own > 0 && from > 0 && from != to) set.emplace_back(dim, whole(scaled_to(own, from, to, multiple)));
  };
  follow("q_lora_rank", "d_model", shape.d_model, 64);
  if (shape.sparse()) follow("d_ff_shared", "d_ff_expert", shape.d_ff_expert, 1);
  set.emplace_back("d_model", whole(shape.d_model));
  set.emplace_back("n_layers", whole(shape.n_layers));
  if (writer_.apart("n_kv_heads", "n_heads")) set.emplace_back("n_kv_heads", whole(shape.n_kv_heads));
  set.emplace_back("n_heads", whole(shape.n_heads));
  set.emplace_back("head_dim", whole(shape.head_dim));
  set.emplace_back("vocab_size", whole(shape.vocab_size));
  set.emplace_back("max_positions", whole(shape.max_positions));
  set.emplace_back("tied_embeddings", Value(shape.tied_embeddings));
  if (shape.d_ff > 0) set.emplace_back("d_ff", whole(shape.d_ff));
  if (shape.sparse()) {
    set.emplace_back("n_experts", whole(shape.n_experts));
    set.emplace_back("experts_per_token", whole(shape.experts_per_token));
    set.emplace_back("d_ff_expert", whole(shape.d_ff_expert));
  }
  return set;
}

std::optional<DesignSearch::Count> DesignSearch::count(const Shape& shape) {
  Model model;
  model.origin = "catalog";  // no config from outside: nothing to audit
  model.family = family_.id;
  model.config = writer_.config(settings(shape));
  try {
    const Inventory inventory = expander_.expand(model);
    return Count{static_cast<double>(count_params(inventory).total.value), expert_params(inventory)};
  } catch (const Error&) {
    return std::nullopt;  // the family refuses it
  }
}

std::optional<FoundShape> DesignSearch::make(const Shape& shape) {
  FoundShape found;
  found.config = writer_.config(settings(shape));
  Model model;
  model.origin = "catalog";
  model.family = family_.id;
  model.config = found.config;
  try {
    found.inventory = expander_.expand(model);
  } catch (const Error&) {
    return std::nullopt;
  }
  found.params = count_params(found.inventory);
  found.shape = shape_of(found.inventory);
  Shape wanted = shape;
  wanted.d_ff = shape.sparse() ? found.shape.d_ff : shape.d_ff;
  if (writer_.key("max_positions").empty()) wanted.max_positions = found.shape.max_positions;
  return found.shape == wanted ? std::optional(std::move(found)) : std::nullopt;
}

/// All but layers, and the feed-forward width as its ratio says. n_heads 0: the width cannot have such heads.
Shape DesignSearch::shaped(const ShapeTarget& target, std::uint64_t width) const {
  Shape shape;
  shape.d_model = width;
  shape.head_dim = target.head_dim;
  shape.vocab_size = target.vocab_size;
  shape.max_positions = target.max_positions;
  shape.tied_embeddings = target.tied;
  const double heads = target.attention * static_cast<double>(width) / static_cast<double>(target.head_dim);
  // Heads that need not fill the width are as many as several devices can share.
  const double share = target.attention == 1 || heads < 8 ? 1 : heads < 32 ? 4 : 8;
  shape.n_heads = static_cast<std::uint64_t>(std::max(1.0, std::round(heads / share)) * share);
  const double wanted_kv = std::max(1.0, heads / target.group);
  if (target.fixed_kv_heads) {
    const auto kv = *target.fixed_kv_heads;
    // Heads that need not fill the width can be as many as the KV heads divide.
    if (target.attention != 1) {
      shape.n_heads = kv * std::max<std::uint64_t>(1, (shape.n_heads + kv / 2) / kv);
    }
    shape.n_kv_heads = kv;
    if (shape.n_heads % kv != 0) shape.n_heads = 0;
  } else if (target.attention != 1 && target.group > 1) {
    std::uint64_t kv = 1;
    for (const auto known : target.kv_heads) {
      const auto far = [&](std::uint64_t of) { return std::abs(std::log(static_cast<double>(of) / wanted_kv)); };
      if (far(known) < far(kv)) kv = known;
    }
    shape.n_heads = kv * std::max<std::uint64_t>(1, (shape.n_heads + kv / 2) / kv);
    shape.n_kv_heads = kv;
  } else {
    shape.n_kv_heads = kv_heads_of(shape.n_heads, wanted_kv, target.kv_heads);
  }
  const auto ffn = static_cast<std::uint64_t>(std::llround(target.ffn * static_cast<double>(width)));
  if (target.n_experts > 0) {
    shape.n_experts = target.n_experts;
    shape.experts_per_token = std::min(target.experts_per_token.value_or(1), target.n_experts);
    shape.d_ff_expert = std::max<std::uint64_t>(8, ffn);
    if (like_inventory_ != nullptr && like_inventory_->count("d_ff") > 0) {
      shape.d_ff = scaled_to(like_inventory_->count("d_ff"), like_inventory_->count("d_model"), width, 16);
    }
  } else {
    shape.d_ff = std::max<std::uint64_t>(8, ffn);
  }
  return shape;
}

/// The width at which the target's ratios give its parameters; 0: none does.
std::uint64_t DesignSearch::middle_width(const ShapeTarget& target) {
  if (target.width) return *target.width;
  const auto total_at = [&](std::uint64_t heads) {
    Shape shape = shaped(target, heads * target.head_dim);
    if (shape.n_heads == 0) shape.n_heads = shape.n_kv_heads = heads;
    const double layers = static_cast<double>(shape.d_model) / target.aspect;
    shape.n_layers = target.layers.value_or(
        std::clamp<std::uint64_t>(static_cast<std::uint64_t>(std::llround(layers)), 1, kMostLayers));
    const auto counted = count(shape);
    return counted ? counted->total : 0;
  };
  std::uint64_t low = 1;
  std::uint64_t high = 2;
  while (high < (std::uint64_t{1} << 20U) && total_at(high) < target.params) {
    low = high;
    high *= 2;
  }
  while (high - low > std::max<std::uint64_t>(1, low / 8)) {
    const auto middle = (low + high) / 2;
    (total_at(middle) < target.params ? low : high) = middle;
  }
  return total_at(high) < target.params ? 0 : high * target.head_dim;
}

void DesignSearch::try_width(const ShapeTarget& target, std::uint64_t width, std::uint64_t multiple,
                             std::vector<Candidate>& candidates) {
  Shape shape = shaped(target, width);
  if (shape.n_heads == 0) return;
  const auto d = static_cast<double>(width);
  const auto usual = static_cast<std::uint64_t>(std::max(1.0, std::round(d / target.aspect)));
  const std::uint64_t n1 = target.layers.value_or(usual);
  const std::uint64_t n2 = target.layers ? n1 : 2 * usual;
  const std::uint64_t f1 = shape.ffn_width();
  const bool ffn_free = !writer_.key(shape.sparse() ? "d_ff_expert" : "d_ff").empty();
  const std::uint64_t f2 = ffn_free ? f1 + std::max<std::uint64_t>(8, f1 / 2) : f1;
  std::array<double, 4> totals{};
  std::array<double, 4> experts{};
  for (std::size_t i = 0; i < 4; ++i) {
    Shape at = shape;
    at.n_layers = i < 2 ? n1 : n2;
    (shape.sparse() ? at.d_ff_expert : at.d_ff) = i % 2 == 0 ? f1 : f2;
    const auto counted = count(at);
    if (!counted) return;
    totals[i] = counted->total;
    experts[i] = counted->expert;
  }
  const auto number = [](std::uint64_t value) { return static_cast<double>(value); };
  const Growth total = Growth::through(number(n1), number(n2), number(f1), number(f2), totals);
  const Growth expert = Growth::through(number(n1), number(n2), number(f1), number(f2), experts);
  const auto [least_aspect, most_aspect] = target.aspect_range;
  const auto first = target.layers ? n1 : static_cast<std::uint64_t>(std::max(1.0, std::ceil(d / most_aspect)));
  const auto last =
      target.layers ? n1 : static_cast<std::uint64_t>(std::min(number(kMostLayers), d / std::max(0.1, least_aspect)));
  for (std::uint64_t n = first; n <= last; ++n) {
    const double layers = number(n);
    const double slope = total.ffn + total.both * layers;
    const double exact = ffn_free && slope > 0 ? (target.params - total.at(layers, 0)) / slope : number(f1);
    if (exact < 1) break;
    for (const auto step : kFfnMultiples) {
      const auto ffn = ffn_free ? static_cast<std::uint64_t>(std::llround(exact / number(step))) * step : f1;
      if (ffn == 0) continue;
      const double sum = total.at(layers, number(ffn));
      const double off = sum / target.params - 1;
      const double ratio = number(ffn) / d;
      if (std::abs(off) > kDesignTolerance || ratio < target.ffn_range.first || ratio > target.ffn_range.second) {
        if (!ffn_free) break;
        continue;
      }
      Candidate one;
      one.shape = shape;
      one.shape.n_layers = n;
      (shape.sparse() ? one.shape.d_ff_expert : one.shape.d_ff) = ffn;
      double active_off = 0;
      if (target.active) {
        const double of_experts = expert.at(layers, number(ffn));
        const double others = sum - of_experts;
        if (!target.experts_per_token) {
          const double wanted = (*target.active - others) / of_experts * number(target.n_experts);
          if (wanted < 0.5 || wanted > number(target.n_experts) + 0.5) continue;
          one.shape.experts_per_token =
              std::clamp<std::uint64_t>(static_cast<std::uint64_t>(std::llround(wanted)), 1, target.n_experts);
        }
        const double active = others + of_experts * number(one.shape.experts_per_token) / number(target.n_experts);
        active_off = active / *target.active - 1;
        if (std::abs(active_off) > kDesignTolerance) continue;
      }
      one.multiple = multiple;
      one.ffn_multiple = ffn_free ? step : 0;
      const double group = static_cast<double>(shape.n_heads) / static_cast<double>(shape.n_kv_heads);
      one.score = squared(std::log(d / layers / target.aspect) / 0.35) + squared(std::log(ratio / target.ffn) / 0.2) +
                  std::min(4.0, squared(std::log(group / target.group) / 0.7)) + squared(off / 0.01) +
                  squared(active_off / 0.01) + unroundness(one.shape, multiple, one.ffn_multiple);
      if (target.usual_per_token > 0) {
        one.score += squared(std::log(number(one.shape.experts_per_token) / number(target.usual_per_token)) / 0.6);
      }
      candidates.push_back(one);
      if (!ffn_free) break;
    }
  }
}

std::optional<double> DesignSearch::least(const ShapeTarget& target) {
  Shape shape = shaped(target, target.width.value_or(target.head_dim));
  if (shape.n_heads == 0) shape.n_heads = shape.n_kv_heads;
  shape.n_layers = target.layers.value_or(1);
  const auto counted = count(shape);
  return counted ? std::optional(counted->total) : std::nullopt;
}

std::optional<FoundShape> DesignSearch::find(const ShapeTarget& target) {
  const auto middle = middle_width(target);
  if (middle == 0) return std::nullopt;
  std::uint64_t multiple = width_multiple(static_cast<double>(middle));
  // Heads that fill the width: it is a multiple of theirs too, or of theirs alone where the steps would be too wide.
  std::uint64_t step = multiple;
  if (target.attention == 1) {
    while (std::lcm(multiple, target.head_dim) * 6 > middle && multiple > kLeastMultiple) multiple /= 2;
    step = std::lcm(multiple, target.head_dim);
    if (step * 2 > middle) step = target.head_dim;
  }
  std::vector<Candidate> candidates;
  if (target.width) {
    std::uint64_t of = 1;
    while (of < kMostMultiple && *target.width % (2 * of) == 0) of *= 2;
    try_width(target, *target.width, of, candidates);
  } else {
    const auto m = static_cast<double>(middle);
    const auto first = std::max<std::uint64_t>(1, static_cast<std::uint64_t>(m / kWidthsAround) / step);
    for (auto i = first; static_cast<double>(i * step) <= m * kWidthsAround; ++i) {
      std::uint64_t of = multiple;
      while (of > 1 && i * step % of != 0) of /= 2;
      try_width(target, i * step, of, candidates);
    }
  }
  const auto embedding = [&](const Shape& shape) {
    const double table = static_cast<double>(shape.vocab_size) * static_cast<double>(shape.d_model);
    return (shape.tied_embeddings ? 1 : 2) * table / target.params;
  };
  std::erase_if(candidates, [&](const Candidate& one) { return embedding(one.shape) > target.most_embedding; });
  std::stable_sort(candidates.begin(), candidates.end(),
                   [](const Candidate& a, const Candidate& b) { return a.score < b.score; });
  if (candidates.size() > kCountedShapes) candidates.resize(kCountedShapes);
  for (const auto& one : candidates) {
    auto found = make(one.shape);
    if (!found) continue;
    const auto near = [](Params counted, double wanted) {
      return std::abs(static_cast<double>(counted.value) / wanted - 1) <= kDesignTolerance;
    };
    if (!near(found->params.total, target.params)) continue;
    if (target.active && !near(found->params.active, *target.active)) continue;
    found->score = one.score;
    found->ffn_multiple = one.ffn_multiple;
    return found;
  }
  return std::nullopt;
}

}  // namespace paramcount
