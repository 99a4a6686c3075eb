// A published scaling law, a row of data/laws.json: loss as a function of parameters N and tokens D, or the best split
// of C = 6·N·D FLOPs between them. Losses are nats per token of the law's own corpus and tokeniser: comparable only
// within one law.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace paramcount {

class Value;

struct ScalingLaw {
  static constexpr std::string_view kTable = "laws";
  [[nodiscard]] static ScalingLaw read(const Value& row);

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
  double fitted_to{0};  ///< FLOPs of the largest run it was fitted to: beyond, it is extrapolated
  std::string source;

  [[nodiscard]] bool predicts_loss() const { return form == Form::loss || form == Form::kaplan; }
};

}  // namespace paramcount
