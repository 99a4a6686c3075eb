// Evaluates scaling laws: the best split of a budget, and the loss at a split. Nothing is fitted here.
#pragma once

#include <optional>

#include "paramcount/base/units.hpp"
#include "paramcount/catalog/scaling_law.hpp"

namespace paramcount {

/// A split of a budget.
struct Allocation {
  double params{0};
  double tokens{0};

  [[nodiscard]] Flops compute() const { return {6.0 * params * tokens}; }
};

/// The law's best split. Of `loss` the minimum along 6·N·D = C in closed form (arXiv:2203.15556, equation 4):
/// N = G·(C/6)^(beta/(alpha+beta)), G = (alpha·A / (beta·B))^(1/(alpha+beta)).
[[nodiscard]] Allocation best_split(const ScalingLaw& law, Flops compute);
/// The best split whose N, or whose D, is that.
[[nodiscard]] Allocation best_split_for_params(const ScalingLaw& law, double params);
[[nodiscard]] Allocation best_split_for_tokens(const ScalingLaw& law, double tokens);

/// Nothing for laws that only give a split.
[[nodiscard]] std::optional<double> predicted_loss(const ScalingLaw& law, const Allocation& at);
/// With the other of the two unlimited.
[[nodiscard]] std::optional<double> loss_of_params(const ScalingLaw& law, double params);
[[nodiscard]] std::optional<double> loss_of_tokens(const ScalingLaw& law, double tokens);

/// Tokens at which a model of that size reaches the loss; nothing when it never does. Of `loss` only.
[[nodiscard]] std::optional<double> tokens_for_loss(const ScalingLaw& law, double params, double loss);

/// The factors by which N (D unlimited), and C (best split), have to grow to halve the reducible loss L - E. Of `loss`
/// only: 2^(1/alpha) and 2^((alpha+beta)/(alpha·beta)).
struct Halving {
  double params{0};
  double tokens{0};
  double compute{0};
};
[[nodiscard]] Halving halving(const ScalingLaw& law);

}  // namespace paramcount
