#include "paramcount/estimate/training_step.hpp"

#include <algorithm>
#include <cmath>

#include "estimate/training_clock.hpp"

namespace paramcount {
namespace {

constexpr double kNetwork = 50e9;         ///< bytes a second of one device to other machines: 400 Gb/s
constexpr double kUsualAdapted = 128;     ///< sequences
constexpr double kUsualTokens = 4194304;  ///< of a step: Touvron et al. 2023, arXiv:2307.09288, section 2.2

}  // namespace

std::uint64_t usual_global_batch(const TrainingSetup& setup, std::uint64_t devices) {
  const double usual = setup.adapters ? kUsualAdapted : kUsualTokens / static_cast<double>(setup.sequence);
  const double wanted = std::max(usual, static_cast<double>(devices) / 8);
  std::uint64_t batch = 1;
  while (static_cast<double>(batch) < wanted && batch < (std::uint64_t{1} << 40U)) batch *= 2;
  return batch;
}

TrainingClock::TrainingClock(const TrainedModel& model, const TrainingSetup& setup, const StepWork& work)
    : work_(work),
      width_(static_cast<double>(model.width)),
      layers_(static_cast<double>(std::max<std::size_t>(1, model.layers.size()))) {
  for (const auto kind : model.layers) {
    const auto& layer = model.kinds[kind];
    params_ += static_cast<double>(layer.params.split + layer.params.repeated);
    experts_ += static_cast<double>(layer.params.expert);
    keys_values_ += static_cast<double>(layer.keys + layer.values);
    if (layer.experts > 0) {
      expert_layers_ += 1;
      per_token_ = static_cast<double>(layer.per_token);
    }
  }
  params_ += static_cast<double>(model.table + model.head + model.first.total() + model.last.total());
  if (setup.adapters) trained_ = static_cast<double>((setup.adapters->in_layers + setup.adapters->outside).value);
  const auto& device = setup.device;
  if (device != nullptr) bandwidth_ = device->bandwidth;
  node_ = device != nullptr && device->node > 0 ? device->node : 8;
  link_ = device != nullptr && device->link_gb_s > 0 ? device->link_gb_s * 1e9 : kNetwork;
}

double TrainingClock::rate(std::uint64_t span) const { return span <= node_ ? link_ : std::min(link_, kNetwork); }

StepTime TrainingClock::time(const TrainingSetup& setup) const {
  const auto& layout = setup.layout;
  const auto tp = static_cast<double>(layout.tensor);
  const auto pp = static_cast<double>(layout.pipeline);
  const auto vpp = static_cast<double>(layout.interleaved);
  const auto ep = static_cast<double>(layout.expert);
  StepTime step;
  step.global_batch = layout.global_batch.value_or(usual_global_batch(setup, layout.devices()));
  const double groups = static_cast<double>(layout.micro_batch * layout.data);
  const double batches = std::max(1.0, std::ceil(static_cast<double>(step.global_batch) / groups));
  step.global_batch = static_cast<std::uint64_t>(batches * groups);
  const double tokens = static_cast<double>(step.global_batch) * static_cast<double>(setup.sequence);
  const double t = static_cast<double>(setup.sequence * layout.micro_batch) / static_cast<double>(layout.context);

  const bool full = layout.recompute == Recompute::full;
  const bool ops = layout.recompute == Recompute::ops ||
                   (layout.recompute == Recompute::selective && setup.framework->selective_ops);
  const double again = full                                       ? work_.full_share
                       : ops                                      ? work_.ops_share
                       : layout.recompute == Recompute::selective ? work_.selective_share
                                                                  : 0;
  const double model_flops = tokens * work_.flops_per_token;
  const double all_peak = static_cast<double>(layout.devices()) * work_.peak.value;
  step.compute = model_flops * (1 + again) / (all_peak * work_.mfu);
  // The largest stage is waited for, and the pipeline has to fill and to drain.
  const double chunks = pp * vpp;
  const double largest = std::ceil(layers_ / chunks) * chunks / layers_;
  step.bubble = step.compute * (largest * (1 + (pp - 1) / (vpp * batches)) - 1);

  // A layer's activations are summed over tp twice forward and twice backward, each sum moving all of them twice but
  // for the device's own part; what is recomputed moves them again.
  const double passes = full ? 3 : 2;
  const double layers = std::ceil(layers_ / pp) * batches;
  if (tp > 1) {
    step.tensor = layers * passes * 2 * 2 * (tp - 1) / tp * 2 * t * width_ / rate(layout.tensor);
  }
  if (layout.context > 1) {
    // Ring attention: forward all others' keys and values pass by, backward these and their gradients.
    const auto cp = static_cast<double>(layout.context);
    step.context = batches * keys_values_ / pp / tp * 3 * 2 * t * (cp - 1) / rate(layout.tensor * layout.context);
  }
  if (ep > 1) {
    const double shards = layout.sequence_parallel ? tp : 1;
    step.expert = layers * expert_layers_ / layers_ * passes * 2 * per_token_ * 2 * t / shards * width_ * (ep - 1) /
                  ep / rate(layout.expert * layout.expert_tensor);
  }
  step.data = data_seconds(setup, step.compute, batches);
  step.optimizer = optimizer_seconds(setup);
  step.mfu = model_flops / (all_peak * step.seconds());
  return step;
}

double TrainingClock::optimizer_seconds(const TrainingSetup& setup) const {
  if (!(bandwidth_ > 0) || setup.offload != TrainingOffload::none) return 0;
  const auto& layout = setup.layout;
  const bool spread = layout.zero >= 1;
  const double pp = static_cast<double>(layout.pipeline);
  double held = trained_;
  if (trained_ == 0) {
    held =
        params_ / static_cast<double>(layout.tensor) / pp / (spread ? static_cast<double>(layout.shard_group()) : 1) +
        experts_ / static_cast<double>(layout.expert * layout.expert_tensor) / pp /
            (spread ? static_cast<double>(layout.expert_group()) : 1);
  }
  const auto& each = setup.optimizer;
  return held * (each.gradients + 2 * each.master + 2 * each.states + each.weights) / bandwidth_;
}

double TrainingClock::data_seconds(const TrainingSetup& setup, double compute, double batches) const {
  const auto& layout = setup.layout;
  const auto group = static_cast<double>(layout.shard_group());
  const auto pp = static_cast<double>(layout.pipeline);
  if (group <= 1) return 0;
  const auto expert_group = static_cast<double>(layout.expert_group());
  const double dense = params_ / static_cast<double>(layout.tensor) / pp;
  const double expert = experts_ / static_cast<double>(layout.expert * layout.expert_tensor) / pp;
  // Bytes: gradients are scattered, weights gathered; ZeRO-3 does so in every micro-batch, twice for weights.
  const double gradient = std::max(2.0, setup.optimizer.gradients);
  const bool every = layout.zero >= 3 && layout.pipeline == 1;
  const double shared = (group - 1) / group;
  const double whole = dense * shared + expert * (expert_group - 1) / expert_group;
  const double trained = trained_ > 0 ? trained_ * shared : whole;
  const double moved = every ? batches * (gradient * trained + 4 * whole) : (gradient + 2) * trained;
  const double seconds = moved / rate(layout.tensor * layout.shard_group());
  return std::max(0.0, seconds - (every ? compute : compute / batches));
}

StepTime step_time(const Inventory& inventory, const TrainingSetup& setup, const StepWork& work) {
  return TrainingClock(trained_model(inventory, &Tensor::elements, setup.axes()), setup, work).time(setup);
}

}  // namespace paramcount
