// The answers of `paramcount scale`: the best use of a budget, what more of it buys, what a smaller model trained
// longer saves in inference; and where existing models stand. Predictions by published laws
// (paramcount/estimate/scaling.hpp).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "paramcount/base/units.hpp"
#include "paramcount/catalog/catalog.hpp"
#include "paramcount/catalog/model.hpp"
#include "paramcount/count/expand.hpp"
#include "paramcount/estimate/input.hpp"
#include "paramcount/estimate/scaling.hpp"

namespace paramcount {

/// Exactly one of compute, params, tokens and budget.
struct ScaleRequest {
  std::optional<double> compute;  ///< FLOPs
  std::optional<double> params;
  std::optional<double> tokens;
  std::optional<double> budget;  ///< dollars
  SharedDevice device;           ///< h100-sxm
  std::optional<double> mfu;     ///< 0.40
  std::optional<double> price;   ///< the median of the device's quotes
  ScalingLaw law;                ///< predicts the losses; of form `loss`
};

struct ScaleAnswer {
  /// One of several growing efforts, each split at its best.
  struct Step {
    Flops compute;
    Allocation split;
    double loss{0};
    double gained{0};  ///< reduction in loss from the step before
    bool extrapolated{false};
  };
  struct Best {
    ScalingLaw law;
    Allocation split;
    double loss{0};           ///< of the split, by the request's law
    std::vector<Step> steps;  ///< this law's splits of tenfold efforts around the budget, their losses by the request's
  };
  /// The effect of doubling one quantity on the loss.
  struct Doubling {
    std::string what;  ///< "parameters", "tokens", "both, at their best"
    Allocation split;
    double cost_factor{1};  ///< of the FLOPs
    double loss{0};
  };
  /// A smaller model that reaches the same loss with more tokens.
  struct Smaller {
    double size{1};  ///< of the best N
    Allocation split;
    double training_factor{1};
    double inference_factor{1};
    double even_at{0};  ///< break-even: tokens served beyond which it is cheaper overall
  };

  ScaleRequest request;
  Flops compute;  ///< the budget in FLOPs; of params or tokens, what the request's law makes of them
  SharedDevice device;
  FlopsPerSecond peak;
  double mfu{0};
  std::optional<DollarsPerHour> price;
  std::optional<double> device_hours, dollars;
  std::vector<Best> best;  ///< by each law
  Allocation split;        ///< the request's law's
  double loss{0};
  std::vector<Step> steps;  ///< tenfold efforts around the budget
  std::vector<Doubling> doublings;
  std::vector<Step> doubled_params;  ///< N doubled again and again with enough data: the law of diminishing returns
  Halving halvings;
  std::vector<Smaller> smaller;
};

/// Throws Error with exit code usage unless exactly one thing is asked for.
[[nodiscard]] ScaleAnswer scale(const ScaleRequest& request, const Catalog& catalog);

/// A model by the scaling laws.
struct ScaledModel {
  Model model;
  double params{0};  ///< active for a token: what six FLOPs are counted for
  double total{0};
  Input<double> tokens;  ///< as given, as published, or 20 × total
  struct Loss {
    ScalingLaw law;
    std::optional<double> loss;  ///< nothing where the law predicts none
    Allocation best;             ///< the best split of the same FLOPs
  };
  std::vector<Loss> losses;
};

[[nodiscard]] ScaledModel scale_model(Model model, const std::optional<double>& tokens, const Catalog& catalog,
                                      Expander& expander);

}  // namespace paramcount
