#include "paramcount/estimate/design.hpp"

#include <algorithm>
#include <cmath>

#include "base/numbers.hpp"
#include "base/text.hpp"
#include "estimate/design_choices.hpp"
#include "estimate/design_search.hpp"
#include "estimate/design_target.hpp"
#include "estimate/fitting.hpp"
#include "paramcount/base/error.hpp"
#include "paramcount/estimate/defaults.hpp"
#include "read/hf_config.hpp"

namespace paramcount {
namespace {

constexpr int kMostTries = 24;        ///< of sizes, for a budget that is not in parameters
constexpr double kActiveAim = 0.005;  ///< how near to the law's parameters the active ones come
constexpr double kFitStep = 1.01;     ///< between the largest that fits and the next
constexpr std::uint64_t kMostMultiple = 1024;
constexpr int kMostAdvice = 12;  ///< values tried for what would do
constexpr std::size_t kMostSearches = 32;
constexpr std::uint64_t kFewestHeads = 4;
constexpr double kLessUsual = 0.3;  ///< of scores, for each value passed over
constexpr double kGoodScore = 2.5;  ///< like published shapes

Error no(const std::string& message) { return Error("design: " + message, ExitCode::no); }

void check(const DesignRequest& request) {
  const int asked = int{request.params.has_value()} + int{request.compute.has_value()} + int{request.fits != nullptr};
  if (asked != 1) throw usage_error("design: give one of --params, --compute and --fits");
  if (request.compute && request.active) {
    throw usage_error("--active, --compute: the scaling law sets the active parameters; give one");
  }
  if (request.params && request.active && *request.active > *request.params) {
    throw usage_error("--active " + scaled_short(static_cast<double>(*request.active)) +
                      ": more than the total, --params " + scaled_short(static_cast<double>(*request.params)));
  }
  if (request.experts && request.experts_per_token && *request.experts_per_token > *request.experts) {
    throw usage_error("--experts-per-token " + std::to_string(*request.experts_per_token) + ": there are only " +
                      std::to_string(*request.experts) + " (--experts)");
  }
}

/// The largest power of two that divides it, as far as hardware cares.
std::uint64_t power_in(std::uint64_t width) {
  std::uint64_t power = 1;
  while (power < kMostMultiple && width % (2 * power) == 0) power *= 2;
  return power;
}

class Designer {
 public:
  Designer(const DesignRequest& request, const Catalog& catalog, Expander& expander)
      : request_(request),
        catalog_(catalog),
        expander_(expander),
        basis_(design_basis(request, catalog, expander)),
        published_(published_shapes(catalog, expander, basis_.sparse)) {
    check_keys();
  }

  /// Nothing: no shape is within the tolerance. `whole`: with other choices next to it.
  std::optional<Design> of_params(double params, bool whole) {
    if (request_.active && static_cast<double>(*request_.active) > params) return std::nullopt;
    take_settings(basis_, params, published_, catalog_, expander_);
    const PublishedAround around = published_around(basis_, params, published_);
    DesignTargets targets = design_targets(request_, basis_, around, params);
    keep_what_follows(targets);
    DesignSearch search = basis_.search(expander_);
    auto found = find(targets, search);
    if (!found) return std::nullopt;
    return finish(std::move(*found), targets, around, search, whole);
  }

  /// Why nothing is within the tolerance, and what would do: options with numbers have been tried.
  Error refusal(double params);

  [[nodiscard]] const DesignBasis& basis() const { return basis_; }

 private:
  /// Throws Error with exit code usage where the family has no key for what is pinned.
  void check_keys() {
    const Family& family = *basis_.family;
    ConfigWriter writer(family, nullptr);
    const auto refuse = [&](bool given, const char* option, const std::string& why) {
      if (given) throw usage_error(std::string(option) + ": " + family.id + ": " + why);
    };
    const bool follows = writer.key("head_dim").empty() && trait(shape_of(*basis_.inventory), Trait::attention) != 1;
    refuse(request_.head_dim && follows, "--head-dim", "no single config key sets it");
    refuse(request_.kv_heads && !writer.apart("n_kv_heads", "n_heads"), "--kv-heads", "no config key sets it");
    refuse(request_.context && writer.key("max_positions").empty(), "--context", "no config key sets it");
    refuse(request_.tied && writer.key("tied_embeddings").empty(), "--tied", "no config key sets it");
  }

  /// What no key of the family's config says is as in all its models.
  void keep_what_follows(DesignTargets& targets) const {
    ConfigWriter writer(*basis_.family, nullptr);
    const Shape own = shape_of(*basis_.inventory);
    ShapeTarget& target = targets.shape;
    if (!writer.apart("n_kv_heads", "n_heads")) {
      if (own.n_kv_heads == own.n_heads) {
        target.group = 1;
        target.kv_heads.clear();
      } else {
        target.fixed_kv_heads = own.n_kv_heads;
      }
    }
    if (writer.key("head_dim").empty()) {
      if (trait(own, Trait::attention) == 1) {
        target.attention = 1;
      } else {
        targets.head_dims = {own.head_dim};
      }
    }
    if (writer.key(own.sparse() ? "d_ff_expert" : "d_ff").empty()) {
      target.ffn = trait(own, Trait::ffn);
      target.ffn_range = {target.ffn * 0.99, target.ffn * 1.01};
    }
    if (writer.key("tied_embeddings").empty()) target.tied = own.tied_embeddings;
  }

  /// The usual vocabulary, head size and number of experts, or the first that make a shape like published ones, or the
  /// best of all.
  std::optional<FoundShape> find(DesignTargets& targets, DesignSearch& search) const {
    std::optional<FoundShape> best;
    ShapeTarget target = targets.shape;
    std::size_t searches = 0;
    const auto try_target = [&](std::size_t less_usual) {
      // Table and head are active for each token.
      const double tables = static_cast<double>(target.vocab_size * target.head_dim * (target.tied ? 1 : 2));
      if (tables > target.active.value_or(target.params) || ++searches > kMostSearches) return;
      auto found = search.find(target);
      if (!found) return;
      found->score += kLessUsual * static_cast<double>(less_usual);
      if (found->shape.n_heads < kFewestHeads && !request_.head_dim) found->score += kGoodScore;
      if (!best || found->score < best->score) best = std::move(found);
    };
    for (std::size_t v = 0; v < targets.vocabularies.size(); ++v) {
      target.vocab_size = targets.vocabularies[v];
      for (std::size_t h = 0; h < targets.head_dims.size(); ++h) {
        target.head_dim = targets.head_dims[h];
        if (targets.experts.empty()) try_target(v + h);
        for (std::size_t i = 0; i < targets.experts.size(); ++i) {
          target.n_experts = targets.experts[i];
          target.usual_per_token = targets.experts_per_token[i].second;
          target.experts_per_token = request_.experts_per_token;
          if (!target.active && !request_.experts_per_token) target.experts_per_token = target.usual_per_token;
          if (target.experts_per_token.value_or(0) <= target.n_experts) try_target(v + h + i);
        }
        if (best && best->score <= kGoodScore) break;
      }
      if (best && best->score <= kGoodScore) break;
    }
    if (best) {
      targets.shape.vocab_size = best->shape.vocab_size;
      targets.shape.head_dim = best->shape.head_dim;
      targets.shape.n_experts = best->shape.n_experts;
      if (!targets.shape.active && best->shape.sparse())
        targets.shape.experts_per_token = best->shape.experts_per_token;
    }
    return best;
  }

  /// The first of growing sizes that can be designed, as an option.
  std::string enough(double params);
  Design finish(FoundShape found, const DesignTargets& targets, const PublishedAround& around, DesignSearch& search,
                bool whole);
  void compare(Design& design, const DesignTargets& targets, const PublishedAround& around) const;

  const DesignRequest& request_;
  const Catalog& catalog_;
  Expander& expander_;
  DesignBasis basis_;
  std::vector<PublishedShape> published_;
};

void Designer::compare(Design& design, const DesignTargets& targets, const PublishedAround& around) const {
  design.compared = around.compared.size();
  if (around.compared_by_family) design.compared_with = basis_.family->id;
  const std::array<std::pair<double, bool>, kComparedTraits> aims{
      {{targets.shape.aspect, request_.width && request_.layers},
       {static_cast<double>(targets.head_dims.front()), request_.head_dim.has_value()},
       {targets.shape.ffn, false},
       {static_cast<double>(targets.vocabularies.front()), request_.vocab.has_value()}}};
  for (std::size_t i = 0; i < kComparedTraits; ++i) {
    const auto which = static_cast<Trait>(i);
    TraitSpread spread{which, trait(design.shape, which), aims[i].first, {}, {}, aims[i].second};
    for (const auto& one : around.compared) {
      const double value = trait(one.shape, which);
      spread.low = std::min(spread.low.value_or(value), value);
      spread.high = std::max(spread.high.value_or(value), value);
    }
    design.spreads.push_back(spread);
  }
  std::vector<PublishedShape> others = published_;
  const auto far = [&](const PublishedShape& one) {
    return std::abs(std::log(static_cast<double>(one.total) / static_cast<double>(design.params.total.value)));
  };
  std::ranges::stable_sort(others, [&](const PublishedShape& a, const PublishedShape& b) { return far(a) < far(b); });
  if (others.size() > kNeighbours) others.resize(kNeighbours);
  std::ranges::stable_sort(others, [](const PublishedShape& a, const PublishedShape& b) { return a.total < b.total; });
  design.neighbours = std::move(others);
}

Design Designer::finish(FoundShape found, const DesignTargets& targets, const PublishedAround& around,
                        DesignSearch& search, bool whole) {
  Design design;
  design.request = request_;
  design.wanted = targets.shape.params;
  design.wanted_active = targets.shape.active;
  design.family = basis_.family->id;
  design.family_title = basis_.family->title;
  if (basis_.like) design.like = basis_.like->id;
  design.family_models = around.of_family;
  design.by_family = around.by_family;
  design.shape = found.shape;
  design.config = std::move(found.config);
  design.multiple = power_in(found.shape.d_model);
  if (found.ffn_multiple > 0) design.ffn_multiple = power_in(found.shape.ffn_width());
  // What the page promises is what the config counts to.
  design.model = model_of_config(design.config, "design", catalog_);
  design.inventory = expander_.expand(design.model);
  design.params = count_params(design.inventory);
  if (design.params.total != found.params.total) {
    throw Error("design: a config of " + design.family + " is read back as a different model");
  }
  design.context = std::min(request_.context.value_or(kDefaultContext),
                            design.shape.max_positions > 0 ? design.shape.max_positions : kDefaultContext);
  design.cost = design_cost(design.inventory, design.params, design.context, catalog_);
  if (!whole) return design;
  compare(design, targets, around);
  design.choices = design_choices(design, targets.shape, search, catalog_);
  design.law = request_.law ? *request_.law : catalog_.law(kDefaultLaw);
  design.training = best_split_for_params(design.law, static_cast<double>(design.params.active.value));
  return design;
}

std::string Designer::enough(double params) {
  for (int i = 0; i < kMostAdvice; ++i, params *= 1.5) {
    if (of_params(params, false)) return "--params of at least " + scaled_short(std::ceil(params));
  }
  return "another --params";
}

Error Designer::refusal(double params) {
  const std::string size = scaled_short(params) + " parameters";
  if (request_.active && static_cast<double>(*request_.active) > params) {
    return no(size + ": fewer than the active parameters; try a smaller --active");
  }
  take_settings(basis_, params, published_, catalog_, expander_);
  const PublishedAround around = published_around(basis_, params, published_);
  DesignTargets targets = design_targets(request_, basis_, around, params);
  keep_what_follows(targets);
  DesignSearch search = basis_.search(expander_);
  ShapeTarget target = targets.shape;
  target.vocab_size = *std::ranges::min_element(targets.vocabularies);
  target.head_dim = *std::ranges::min_element(targets.head_dims);
  if (!targets.experts.empty()) {
    target.n_experts = *std::ranges::min_element(targets.experts);
    target.experts_per_token = request_.experts_per_token;
  }
  const auto width = target.width.value_or(target.head_dim);
  const auto tables = static_cast<double>(target.vocab_size * width * (target.tied ? 1 : 2));
  if (tables > params) {
    std::string text =
        size + ": the token embeddings alone take " + scaled(tables) + " at a width of " + grouped(width);
    auto fewer = static_cast<std::uint64_t>(params / tables * static_cast<double>(target.vocab_size) / 2);
    for (int i = 0; i < kMostAdvice && fewer > 1; ++i, fewer /= 2) {
      targets.vocabularies = {fewer};
      if (!find(targets, search)) continue;
      text += "; try --vocab of at most " + grouped(fewer) + ", or";
      break;
    }
    if (!text.ends_with(", or")) text += "; try";
    return no(text + " " + enough(2 * tables));
  }
  if (const auto least = search.least(target); least && *least > params * (1 + kDesignTolerance)) {
    return no(size + ": the smallest shape of " + basis_.family->id + " with these choices has " + scaled(*least) +
              "; try " + enough(*least * 1.1) + ", or a smaller --vocab, --d-model or --experts");
  }
  if (target.active) {
    return no(size + ", " + scaled_short(*target.active) + " of them active: no shape of " + basis_.family->id +
              " comes within 2 % of both; try another --active, --experts or --experts-per-token");
  }
  std::string pinned;
  const auto name = [&](bool given, const char* option) {
    if (given) pinned += (pinned.empty() ? "" : ", ") + std::string(option);
  };
  name(request_.layers.has_value(), "--layers");
  name(request_.width.has_value(), "--d-model");
  name(request_.head_dim.has_value(), "--head-dim");
  name(request_.kv_heads.has_value(), "--kv-heads");
  name(request_.vocab.has_value(), "--vocab");
  name(request_.experts.has_value(), "--experts");
  return no(size + ": no shape of " + basis_.family->id + " comes within 2 % " +
            (pinned.empty() ? "and resembles published ones; try " + enough(params * 1.5) + ", or another --like"
                            : "with these choices; leave out or change " + pinned));
}

/// The size whose active parameters are the law's for the compute.
Design of_compute(Designer& designer, const DesignRequest& request, const ScalingLaw& law) {
  const double wanted = best_split(law, {*request.compute}).params;
  if (!designer.basis().sparse) {
    auto design = designer.of_params(wanted, true);
    if (!design) throw designer.refusal(wanted);
    design->training = best_split(law, {*request.compute});
    return std::move(*design);
  }
  double params = wanted;
  std::optional<Design> best;
  for (int i = 0; i < kMostTries; ++i) {
    auto design = designer.of_params(params, false);
    if (!design) {
      params *= 1.1;
      continue;
    }
    const double off = wanted / static_cast<double>(design->params.active.value);
    const double nearest = best ? std::abs(std::log(wanted / static_cast<double>(best->params.active.value))) : 1e300;
    if (std::abs(std::log(off)) < nearest) best = std::move(design);
    if (std::abs(off - 1) <= kActiveAim) break;
    params *= off;
  }
  if (!best || std::abs(static_cast<double>(best->params.active.value) / wanted - 1) > kDesignTolerance) {
    throw no(scaled_short(wanted) + " active parameters by the scaling law " + law.id +
             ": no shape of the family comes within 2 %; try more --compute, or other --experts");
  }
  auto design = designer.of_params(best->wanted, true);
  design->wanted_active = wanted;
  design->training = best_split(law, {*request.compute});
  return std::move(*design);
}

/// The largest that the device serves.
Design of_device(Designer& designer, const DesignRequest& request, const Catalog& catalog, Expander& expander) {
  FitRequest serving = request.serving;
  serving.device = request.fits;
  if (serving.device->memory.value == 0) {
    throw usage_error("--fits " + printable(serving.device->name) + ": how much memory does it have? Add memory=48GiB");
  }
  if (serving.formats.empty()) serving.formats = {weight_format("bf16", false, catalog)};
  if (serving.formats.size() > 1) throw usage_error("--dtype: one format");
  const auto fits = [&](const Design& design) { return fit(design.model, serving, catalog, expander).fits.front(); };
  double low = 0;
  double high = static_cast<double>(serving.device->memory.value) * 8;
  double size = high / 16;
  std::optional<Design> best;
  std::string why;
  for (int i = 0; i < kMostTries && (low == 0 || high / low > kFitStep); ++i) {
    auto design = designer.of_params(size, false);
    bool ok = false;
    if (design) {
      const auto total = static_cast<double>(design->params.total.value);
      try {
        Fit one = fits(*design);
        why = one.problem;
        ok = one.ok;
        // No larger one can fit than that whose weights fill the device.
        high = std::min(high, 1.05 * total * static_cast<double>(one.usable.value + 1) /
                                  static_cast<double>(one.weights.value + 1));
      } catch (const Error& error) {
        if (error.code() == ExitCode::usage) throw;
        why = error.what();  // too narrow for the number format
      }
      if (ok && (!best || design->params.total > best->params.total)) best = std::move(design);
    }
    (ok ? low : high) = ok ? size : std::min(size, high);
    size = low == 0 ? high / 2 : std::sqrt(low * std::max(low, high));
  }
  if (!best) {
    throw no(request.fits->name + ": no model of the family fits" + (why.empty() ? "" : " (" + why + ")") +
             "; try a smaller --dtype, --context or --batch");
  }
  auto design = designer.of_params(best->wanted, true);
  design->fit = fits(*design);
  return std::move(*design);
}

}  // namespace

Design design(const DesignRequest& request, const Catalog& catalog, Expander& expander) {
  check(request);
  Designer designer(request, catalog, expander);
  if (request.compute) return of_compute(designer, request, request.law ? *request.law : catalog.law(kDefaultLaw));
  if (request.fits) return of_device(designer, request, catalog, expander);
  const auto params = static_cast<double>(*request.params);
  auto result = designer.of_params(params, true);
  if (!result) throw designer.refusal(params);
  return std::move(*result);
}

}  // namespace paramcount
