// Scaling laws: how loss falls with parameters N and tokens D, and how a budget of C = 6·N·D FLOPs is best split
// between them. Published fits (data/laws.json), evaluated; nothing is fitted here. Losses are nats per token of the
// fit's own corpus and tokeniser: comparable within one law only.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "paramcount/base/units.hpp"

namespace paramcount {

struct ScalingLaw {
  enum class Form : std::uint8_t {
    loss,    ///< L = E + A / N^alpha + B / D^beta
    power,   ///< N = n_at · (C / c_at)^a
    ratio,   ///< D = ratio · N
    kaplan,  ///< L = ((joint_n_c / N)^(joint_alpha_n / joint_alpha_d) + joint_d_c / D)^joint_alpha_d, and `power`
  };
  std::string id;
  std::string name;
  std::vector<std::string> aliases;
  Form form{};
  double irreducible{0}, a_coefficient{0}, b_coefficient{0}, alpha{0}, beta{0};  ///< E, A, B of `loss`
  double exponent{0}, n_at{0}, c_at{0};                                          ///< of `power`
  double ratio{0};
  /// Of `kaplan`: of N alone with enough data, of D alone with a model large enough, and of both.
  double alpha_n{0}, n_c{0}, alpha_d{0}, d_c{0};
  double joint_alpha_n{0}, joint_n_c{0}, joint_alpha_d{0}, joint_d_c{0};
  double fitted_to{0};  ///< FLOPs of the largest run behind it: beyond, it is extrapolated
  std::string source;

  [[nodiscard]] bool predicts_loss() const { return form == Form::loss || form == Form::kaplan; }
};

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

/// Nothing for laws that only split.
[[nodiscard]] std::optional<double> predicted_loss(const ScalingLaw& law, const Allocation& at);
/// With the other of the two unlimited.
[[nodiscard]] std::optional<double> loss_of_params(const ScalingLaw& law, double params);
[[nodiscard]] std::optional<double> loss_of_tokens(const ScalingLaw& law, double tokens);

/// Tokens at which a model of that size reaches the loss; nothing when it never does. Of `loss` only.
[[nodiscard]] std::optional<double> tokens_for_loss(const ScalingLaw& law, double params, double loss);

/// By how much N (D unlimited), and by how much C (split at its best), has to grow to halve the reducible loss L - E.
/// Of `loss` only: 2^(1/alpha) and 2^((alpha+beta)/(alpha·beta)).
struct Halving {
  double params{0};
  double tokens{0};
  double compute{0};
};
[[nodiscard]] Halving halving(const ScalingLaw& law);

}  // namespace paramcount
