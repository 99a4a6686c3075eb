#include "paramcount/estimate/scaling.hpp"

#include <cmath>

namespace paramcount {
namespace {

/// The exponent with which the best N grows with C.
double growth(const ScalingLaw& law) {
  switch (law.form) {
    case ScalingLaw::Form::loss:
      return law.beta / (law.alpha + law.beta);
    case ScalingLaw::Form::ratio:
      return 0.5;
    case ScalingLaw::Form::power:
    case ScalingLaw::Form::kaplan:
      break;
  }
  return law.exponent;
}

double best_params(const ScalingLaw& law, double compute) {
  switch (law.form) {
    case ScalingLaw::Form::loss: {
      const double g =
          std::pow(law.alpha * law.a_coefficient / (law.beta * law.b_coefficient), 1.0 / (law.alpha + law.beta));
      return g * std::pow(compute / 6.0, growth(law));
    }
    case ScalingLaw::Form::ratio:
      return std::sqrt(compute / (6.0 * law.ratio));
    case ScalingLaw::Form::power:
    case ScalingLaw::Form::kaplan:
      break;
  }
  return law.n_at * std::pow(compute / law.c_at, law.exponent);
}

}  // namespace

Allocation best_split(const ScalingLaw& law, Flops compute) {
  const double params = best_params(law, compute.value);
  return {params, compute.value / (6.0 * params)};
}

// N and D are powers of C in every law, so one known point gives all others.
Allocation best_split_for_params(const ScalingLaw& law, double params) {
  const double unit = best_params(law, 1.0);
  return best_split(law, {std::pow(params / unit, 1.0 / growth(law))});
}

Allocation best_split_for_tokens(const ScalingLaw& law, double tokens) {
  const double unit = 1.0 / (6.0 * best_params(law, 1.0));
  return best_split(law, {std::pow(tokens / unit, 1.0 / (1.0 - growth(law)))});
}

std::optional<double> predicted_loss(const ScalingLaw& law, const Allocation& at) {
  if (law.form == ScalingLaw::Form::loss) {
    return law.irreducible + law.a_coefficient / std::pow(at.params, law.alpha) +
           law.b_coefficient / std::pow(at.tokens, law.beta);
  }
  if (law.form == ScalingLaw::Form::kaplan) {
    return std::pow(
        std::pow(law.joint_n_c / at.params, law.joint_alpha_n / law.joint_alpha_d) + law.joint_d_c / at.tokens,
        law.joint_alpha_d);
  }
  return std::nullopt;
}

std::optional<double> loss_of_params(const ScalingLaw& law, double params) {
  if (law.form == ScalingLaw::Form::loss) return law.irreducible + law.a_coefficient / std::pow(params, law.alpha);
  if (law.form == ScalingLaw::Form::kaplan) return std::pow(law.n_c / params, law.alpha_n);
  return std::nullopt;
}

std::optional<double> loss_of_tokens(const ScalingLaw& law, double tokens) {
  if (law.form == ScalingLaw::Form::loss) return law.irreducible + law.b_coefficient / std::pow(tokens, law.beta);
  if (law.form == ScalingLaw::Form::kaplan) return std::pow(law.d_c / tokens, law.alpha_d);
  return std::nullopt;
}

std::optional<double> tokens_for_loss(const ScalingLaw& law, double params, double loss) {
  const auto floor = loss_of_params(law, params);
  if (law.form != ScalingLaw::Form::loss || !floor || !(loss > *floor)) return std::nullopt;
  return std::pow(law.b_coefficient / (loss - *floor), 1.0 / law.beta);
}

Halving halving(const ScalingLaw& law) {
  if (law.form != ScalingLaw::Form::loss) return {};
  return {std::exp2(1.0 / law.alpha), std::exp2(1.0 / law.beta),
          std::exp2((law.alpha + law.beta) / (law.alpha * law.beta))};
}

}  // namespace paramcount
