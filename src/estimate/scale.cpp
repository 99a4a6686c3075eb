#include "paramcount/estimate/scale.hpp"

#include <array>
#include <cmath>

#include "paramcount/base/error.hpp"
#include "paramcount/estimate/defaults.hpp"
#include "paramcount/estimate/price.hpp"
#include "paramcount/estimate/training_plan.hpp"

namespace paramcount {
namespace {

constexpr std::array<double, 5> kEfforts{0.1, 1, 10, 100, 1000};
constexpr std::array<double, 4> kSizes{0.75, 0.5, 0.33, 0.25};
constexpr int kDoublings = 8;

double loss_at(const ScalingLaw& law, const Allocation& split) { return *predicted_loss(law, split); }

/// The budget in FLOPs.
Flops compute_of(const ScaleRequest& request, ScaleAnswer& answer) {
  const auto [peak, dtype] = training_peak(*answer.device);
  const double flops_per_hour = peak.value * answer.mfu * 3600;
  if (request.compute) return {*request.compute};
  if (request.params) return best_split_for_params(request.law, *request.params).compute();
  if (request.tokens) return best_split_for_tokens(request.law, *request.tokens).compute();
  if (!answer.price) {
    throw usage_error("--budget: no dated quote for " + answer.device->name + " is known; set it with --price");
  }
  return {*request.budget / answer.price->value * flops_per_hour};
}

/// Splits by `law`, with the losses that the request's law predicts.
std::vector<ScaleAnswer::Step> tenfold(const ScaleAnswer& answer, const ScalingLaw& law) {
  std::vector<ScaleAnswer::Step> steps;
  for (const double effort : kEfforts) {
    ScaleAnswer::Step step;
    step.compute = {answer.compute.value * effort};
    step.split = best_split(law, step.compute);
    step.loss = loss_at(answer.request.law, step.split);
    step.extrapolated = step.compute.value > answer.request.law.fitted_to;
    if (!steps.empty()) step.gained = steps.back().loss - step.loss;
    steps.push_back(step);
  }
  return steps;
}

std::vector<ScaleAnswer::Doubling> doubled(const ScaleAnswer& answer) {
  const auto& law = answer.request.law;
  const auto& now = answer.split;
  const Allocation both = best_split(law, {2 * answer.compute.value});
  std::vector<ScaleAnswer::Doubling> rows{{"parameters", {2 * now.params, now.tokens}, 2, 0},
                                          {"tokens", {now.params, 2 * now.tokens}, 2, 0},
                                          {"budget, best split", both, 2, 0}};
  for (auto& row : rows) row.loss = loss_at(law, row.split);
  return rows;
}

/// From the best N on, with as many tokens as it could ever use.
std::vector<ScaleAnswer::Step> diminishing(const ScaleAnswer& answer) {
  std::vector<ScaleAnswer::Step> steps;
  const auto& law = answer.request.law;
  for (int i = 0; i < kDoublings; ++i) {
    ScaleAnswer::Step step;
    step.split.params = answer.split.params * std::exp2(i);
    step.loss = *loss_of_params(law, step.split.params);
    if (!steps.empty()) step.gained = steps.back().loss - step.loss;
    steps.push_back(step);
  }
  return steps;
}

std::vector<ScaleAnswer::Smaller> smaller(const ScaleAnswer& answer) {
  std::vector<ScaleAnswer::Smaller> rows;
  for (const double size : kSizes) {
    const double params = answer.split.params * size;
    const auto tokens = tokens_for_loss(answer.request.law, params, answer.loss);
    if (!tokens) break;
    ScaleAnswer::Smaller row;
    row.size = size;
    row.split = {params, *tokens};
    row.training_factor = row.split.compute().value / answer.compute.value;
    row.inference_factor = size;
    // 2 FLOPs a parameter and token served: saved 2·(N - N'), paid 6·(N'·D' - N·D).
    row.even_at = (row.split.compute().value - answer.compute.value) / (2 * (answer.split.params - params));
    rows.push_back(row);
  }
  return rows;
}

}  // namespace

ScaleAnswer scale(const ScaleRequest& request, const Catalog& catalog) {
  const int asked = int{request.compute.has_value()} + int{request.params.has_value()} +
                    int{request.tokens.has_value()} + int{request.budget.has_value()};
  if (asked != 1) {
    throw usage_error("scale: give one of --compute, --params, --tokens and --budget, or models");
  }
  if (request.law.form != ScalingLaw::Form::loss) {
    throw usage_error("--law " + request.law.id +
                      ": a law of the form E + A/N^a + B/D^b is needed; list laws shows which");
  }
  ScaleAnswer answer;
  answer.request = request;
  answer.device = request.device ? request.device : catalog.device(kDefaultDevice);
  answer.mfu = request.mfu.value_or(kDefaultMfu);
  answer.price = device_price(*answer.device, request.price);
  answer.compute = compute_of(request, answer);
  const auto [peak, dtype] = training_peak(*answer.device);
  answer.peak = peak;
  answer.device_hours = hours(device_time(answer.compute, peak, answer.mfu));
  if (answer.price) answer.dollars = answer.price->value * *answer.device_hours;
  for (auto& law : catalog.all<ScalingLaw>()) {
    ScaleAnswer::Best best;
    best.split = request.params   ? best_split_for_params(law, *request.params)
                 : request.tokens ? best_split_for_tokens(law, *request.tokens)
                                  : best_split(law, answer.compute);
    best.loss = loss_at(request.law, best.split);
    best.steps = tenfold(answer, law);
    best.law = std::move(law);
    answer.best.push_back(std::move(best));
  }
  answer.split = best_split(request.law, answer.compute);
  answer.loss = loss_at(request.law, answer.split);
  answer.steps = tenfold(answer, request.law);
  answer.doublings = doubled(answer);
  answer.doubled_params = diminishing(answer);
  answer.halvings = halving(request.law);
  answer.smaller = smaller(answer);
  return answer;
}

ScaledModel scale_model(Model model, const std::optional<double>& tokens, const Catalog& catalog, Expander& expander) {
  ScaledModel result;
  const Inventory inventory = expander.expand(model);
  const ParamCounts params = count_params(inventory);
  result.params = static_cast<double>(params.active.value);
  result.total = static_cast<double>(params.total.value);
  result.tokens = choose(tokens, model.training.tokens, kDefaultTokensPerParameter * result.total);
  for (auto& law : catalog.all<ScalingLaw>()) {
    ScaledModel::Loss row;
    // Kaplan's N leaves the embeddings out.
    const double n =
        law.form == ScalingLaw::Form::kaplan ? static_cast<double>(params.non_embedding.value) : result.params;
    row.loss = predicted_loss(law, {n, result.tokens.value});
    row.best = best_split(law, {6 * result.params * result.tokens.value});
    row.law = std::move(law);
    result.losses.push_back(std::move(row));
  }
  result.model = std::move(model);
  return result;
}

}  // namespace paramcount
