// Searches the layouts of a number of devices: all that divide are timed, and the fastest that fit are kept.
#include <algorithm>
#include <array>
#include <set>
#include <tuple>

#include "estimate/training_clock.hpp"
#include "estimate/training_stages.hpp"

namespace paramcount {
namespace {

constexpr std::size_t kBest = 5;
constexpr std::size_t kMostTries = 4000;  ///< layouts whose memory is worked out
constexpr std::uint64_t kMostStages = 64;
constexpr std::uint64_t kLeastTokens = 4096;  ///< of a sequence on one device, where cp divides it

class Search {
 public:
  Search(const Inventory& inventory, const TrainingSetup& setup, const TrainingLayoutChoice& given,
         bool recompute_given, bool zero_given, std::uint64_t devices, const StepWork& work)
      : inventory_(inventory),
        base_(setup),
        given_(given),
        recompute_given_(recompute_given),
        zero_given_(zero_given),
        devices_(devices),
        models_(trained_models(inventory, setup)),
        clock_(models_.trained, setup, work) {
    if (!base_.layout.global_batch) usual_ = usual_global_batch(setup, devices);
  }

  std::vector<TrainingLayoutPlan> best() {
    enumerate();
    std::sort(tried_.begin(), tried_.end());
    std::vector<TrainingLayoutPlan> plans;
    std::vector<TrainingLayoutPlan> close;  // fit if the estimate is right, not if it is as low as it may be
    std::set<std::array<std::uint64_t, 4>> known;
    const auto most = std::min<std::size_t>(kMostTries, kMostTries * 128 / (1 + models_.trained.layers.size()) + 1);
    std::size_t tries = 0;
    for (const auto& one : tried_) {
      if (plans.size() == kBest || tries == most) break;
      const auto& l = one.layout;
      const std::array<std::uint64_t, 4> kind{l.tensor, l.pipeline, l.context, l.expert};
      if (known.contains(kind)) continue;
      ++tries;
      TrainingSetup setup = with(l);
      const PeakMemory memory = stages_peak(models_, setup);
      if (!memory.ok) continue;
      const bool surely = base_.device == nullptr || base_.device->memory.value == 0 ||
                          std::max(memory.most().high, memory.reserved) <= base_.device->memory;
      const StepTime step = clock_.time(setup);
      if (surely) known.insert(kind);
      if (surely || close.size() < kBest)
        (surely ? plans : close).push_back({std::move(setup), step, memory.most().peak});
    }
    return plans.empty() ? close : plans;
  }

 private:
  struct Try {
    TrainingLayout layout;
    double seconds{0};  ///< for each sequence

    /// The fastest first; of equals the simplest.
    bool operator<(const Try& other) const {
      const auto key = [](const Try& one) {
        const auto& l = one.layout;
        return std::tuple(one.seconds, l.pipeline * l.interleaved, l.tensor, l.context, l.expert, l.zero,
                          l.micro_batch);
      };
      return key(*this) < key(other);
    }
  };

  [[nodiscard]] TrainingSetup with(const TrainingLayout& layout) const {
    TrainingSetup setup = base_;
    setup.layout = layout;
    return setup;
  }

  /// The sizes to try: the one given, or those of 1, 2, 4 ... up to `most`.
  static std::vector<std::uint64_t> sizes(const std::optional<std::uint64_t>& given, std::uint64_t most) {
    if (given) return {*given};
    std::vector<std::uint64_t> list;
    for (std::uint64_t size = 1; size <= most; size *= 2) list.push_back(size);
    return list;
  }

  void enumerate() {
    const auto node = base_.device != nullptr && base_.device->node > 0 ? base_.device->node : 8;
    const auto experts = inventory_.count("n_experts");
    for (const auto tp : sizes(given_.tensor, std::min<std::uint64_t>(8, node))) {
      for (const auto cp : sizes(given_.context, std::max<std::uint64_t>(1, base_.sequence / kLeastTokens))) {
        for (std::uint64_t pp = 1; pp <= std::min(kMostStages, std::max<std::uint64_t>(1, inventory_.layer_count));
             ++pp) {
          if (given_.pipeline && pp != *given_.pipeline) continue;
          if (!base_.stage_layers.empty() && pp != base_.stage_layers.size()) continue;
          if (devices_ % (tp * cp * pp) != 0) continue;
          const auto dp = devices_ / (tp * cp * pp);
          if (given_.data && dp != *given_.data) continue;
          if (cp * dp % base_.optimizer_instances != 0) continue;
          for (const auto ep : sizes(given_.expert, experts > 0 ? std::min(experts, tp * cp * dp) : 1)) {
            consider(tp, pp, cp, ep, dp);
          }
        }
      }
    }
  }

  void consider(std::uint64_t tp, std::uint64_t pp, std::uint64_t cp, std::uint64_t ep, std::uint64_t dp) {
    const bool megatron = base_.framework->id == "megatron";
    TrainingLayout layout = base_.layout;
    layout.tensor = tp;
    layout.pipeline = pp;
    layout.context = cp;
    layout.expert = ep;
    layout.expert_tensor = given_.expert_tensor.value_or(1);
    layout.data = dp;
    layout.sequence_parallel = tp > 1;
    layout.interleaved = 1;
    layout.micro_batch = 1;
    if (usual_ > 0) layout.global_batch = whole_batches(layout);
    if (!fits_batch(layout) || !not_trainable(inventory_, layout, base_.sequence).empty()) return;
    const bool dealt = pp > 1 && base_.stage_layers.empty();
    for (const auto vpp : sizes(given_.interleaved, dealt ? 8 : 1)) {
      layout.interleaved = vpp;
      if (vpp > 1 && (!dealt || pp * vpp > inventory_.layer_count)) continue;
      for (const auto micro : sizes(given_.micro_batch, 8)) {
        layout.micro_batch = micro;
        if (usual_ > 0) layout.global_batch = whole_batches(layout);
        if (!fits_batch(layout)) continue;
        if (vpp > 1 && *layout.global_batch / (micro * dp) % pp != 0) continue;
        for (const Recompute recompute : {Recompute::none, Recompute::selective, Recompute::full}) {
          if (recompute_given_ && recompute != base_.layout.recompute) continue;
          const bool selects = base_.unfused || base_.framework->selective_ops;
          if (!recompute_given_ && recompute == Recompute::selective && !selects) continue;
          layout.recompute = recompute;
          for (const std::uint64_t zero : {1U, 3U}) {
            if (zero_given_ ? zero != std::max<std::uint64_t>(1, base_.layout.zero) : zero == 3 && megatron) continue;
            if (!zero_given_ && base_.framework->id == "torchtitan" && zero == 1) continue;
            if (!zero_given_ && zero == 3 && layout.shard_group() == 1) continue;
            layout.zero = zero_given_ ? base_.layout.zero : zero;
            const StepTime step = clock_.time(with_time(layout));
            tried_.push_back({layout, step.seconds() / static_cast<double>(step.global_batch)});
          }
        }
      }
    }
  }

  /// The usual global batch, rounded up to what the layout takes.
  [[nodiscard]] std::uint64_t whole_batches(const TrainingLayout& layout) const {
    const auto each = layout.micro_batch * layout.data;
    return (usual_ + each - 1) / each * each;
  }

  [[nodiscard]] bool fits_batch(const TrainingLayout& layout) const {
    return *layout.global_batch % (layout.micro_batch * layout.data) == 0;
  }

  const TrainingSetup& with_time(const TrainingLayout& layout) {
    timed_.layout = layout;
    return timed_;
  }

  const Inventory& inventory_;
  TrainingSetup base_;
  const TrainingLayoutChoice& given_;
  bool recompute_given_, zero_given_;
  std::uint64_t devices_;
  std::uint64_t usual_{0};  ///< sequences of a step; 0: given
  TrainedModels models_;
  TrainingClock clock_;
  TrainingSetup timed_{base_};
  std::vector<Try> tried_;
};

}  // namespace

std::vector<TrainingLayoutPlan> plan_layouts(const Inventory& inventory, const TrainingSetup& setup,
                                             const TrainingLayoutChoice& given, bool recompute_given, bool zero_given,
                                             std::uint64_t devices, const StepWork& work) {
  return Search(inventory, setup, given, recompute_given, zero_given, devices, work).best();
}

}  // namespace paramcount
