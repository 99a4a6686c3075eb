// What would make a training run fit, and the longest sequence and largest micro-batch of one that fits.
#include <algorithm>
#include <optional>

#include "base/numbers.hpp"
#include "estimate/training_stages.hpp"

namespace paramcount {
namespace {

constexpr std::uint64_t kMostDevices = 65'536;
constexpr std::uint64_t kLongest = std::uint64_t{1} << 30U;

class Remedies {
 public:
  Remedies(const TrainedModels& models, const Inventory& inventory, const TrainingSetup& setup)
      : models_(models), inventory_(inventory), setup_(setup), experts_(inventory.count("n_experts") > 0) {}

  std::string text() {
    const std::uint64_t zero = setup_.framework->id == "megatron" ? 1 : 3;
    TrainingSetup lighter = setup_;
    const auto recompute = [](TrainingSetup& setup) { setup.layout.recompute = Recompute::full; };
    const auto shard = [&](TrainingSetup& setup) { setup.layout.zero = std::max(zero, setup.layout.zero); };
    const auto smaller = [](TrainingSetup& setup) { setup.layout.micro_batch = 1; };
    if (setup_.unfused) try_one("--attention flash", [](TrainingSetup& setup) { setup.unfused = false; });
    if (setup_.layout.zero < zero) try_one("--zero " + std::to_string(zero), shard);
    if (setup_.layout.micro_batch > 1) try_one("--micro-batch 1", smaller);
    if (setup_.layout.recompute != Recompute::full) try_one("--recompute full", recompute);
    shard(lighter);
    recompute(lighter);
    smaller(lighter);
    std::string said = "--recompute full";
    if (lighter.layout.zero > 0) said += " --zero " + std::to_string(lighter.layout.zero);
    if (found_.empty()) try_setup(lighter, said);
    for (std::uint64_t tp = setup_.layout.tensor * 2; tp <= kNode && found_.empty(); tp *= 2) {
      TrainingSetup split = lighter;
      const auto before = setup_.layout.tensor * setup_.layout.data;
      if (before % tp != 0) break;
      split.layout.tensor = tp;
      split.layout.data = before / tp;
      split.layout.sequence_parallel = true;
      if (experts_ && setup_.layout.expert_tensor == setup_.layout.tensor) split.layout.expert_tensor = tp;
      try_setup(split, said + " --tp " + std::to_string(tp) + " --sp");
    }
    bool by_offload = false;  // it fits with the host's help alone
    for (const auto& [offload, name] :
         {std::pair{TrainingOffload::optimizer, "optimizer"}, std::pair{TrainingOffload::parameters, "parameters"}}) {
      if (!found_.empty() || setup_.offload >= offload || setup_.layout.pipeline > 1) continue;
      TrainingSetup host = lighter;
      host.offload = offload;
      try_setup(host, said + " --offload " + name);
      by_offload = !found_.empty();
    }
    if (found_.empty() || by_offload) more_devices(lighter, by_offload ? "without --offload" : "with " + said);
    if (found_.empty()) more_context(lighter, said);
    return found_;
  }

 private:
  static constexpr std::uint64_t kNode = 8;

  template <class Change>
  void try_one(const std::string& option, const Change& change) {
    TrainingSetup setup = setup_;
    change(setup);
    try_setup(setup, option);
  }

  void try_setup(const TrainingSetup& setup, const std::string& options) {
    const auto most = fits(setup);
    if (!most) return;
    found_ += (found_.empty() ? ". " : ", or ") + options + " takes " + in_gib(most->peak.value);
    if (most->host.value > 0) found_ += " (host: " + in_gib(most->host.value) + " each)";
  }

  std::optional<StageMemory> fits(const TrainingSetup& setup) const {
    if (!not_trainable(inventory_, setup.layout, setup.sequence).empty()) return std::nullopt;
    PeakMemory memory = stages_peak(models_, setup);
    if (!memory.ok) return std::nullopt;
    return memory.most();
  }

  void more_devices(TrainingSetup setup, const std::string& options) {
    setup.layout.global_batch.reset();
    while (setup.layout.devices() <= kMostDevices / 2) {
      setup.layout.data *= 2;
      if (!fits(setup)) continue;
      found_ += (found_.empty() ? ". At" : ", or at") + std::string(" least --devices ") +
                std::to_string(setup.layout.devices()) + " " + options;
      return;
    }
    if (setup.layout.tensor >= kNode) return;
    setup = setup_;
    setup.layout.global_batch.reset();
    setup.layout.micro_batch = 1;
    setup.layout.recompute = Recompute::full;
    setup.layout.tensor = kNode;
    setup.layout.expert_tensor = setup_.layout.expert_tensor > 1 ? kNode : setup_.layout.expert_tensor;
    setup.layout.data = 1;
    setup.layout.sequence_parallel = true;
    while (setup.layout.devices() <= kMostDevices / 2) {
      if (fits(setup)) {
        found_ += (found_.empty() ? ". At" : ", or at") + std::string(" least --devices ") +
                  std::to_string(setup.layout.devices()) + " " + options + " --tp 8 --sp";
        return;
      }
      setup.layout.data *= 2;
    }
  }

  /// A sequence that no device holds, however many there are.
  void more_context(TrainingSetup setup, const std::string& options) {
    setup.layout.global_batch.reset();
    setup.layout.data = 1;
    while (setup.layout.devices() <= kMostDevices / 2) {
      setup.layout.context *= 2;
      if (!fits(setup)) continue;
      found_ = ". At least --devices " + std::to_string(setup.layout.devices()) + " with " + options + " --cp " +
               std::to_string(setup.layout.context);
      return;
    }
  }

  const TrainedModels& models_;
  const Inventory& inventory_;
  const TrainingSetup& setup_;
  bool experts_;
  std::string found_;
};

/// The largest multiple of `step` up to kLongest that fits; 0: none does. Precondition: what fits does so below too.
template <class Fits>
std::uint64_t largest(std::uint64_t step, const Fits& fits) {
  if (!fits(step)) return 0;
  std::uint64_t low = 1;
  std::uint64_t high = 2;
  while (high * step <= kLongest && fits(high * step)) {
    low = high;
    high *= 2;
  }
  while (high - low > 1) {
    const auto middle = low + (high - low) / 2;
    (fits(middle * step) ? low : high) = middle;
  }
  return low * step;
}

}  // namespace

std::string what_would_fit(const TrainedModels& models, const Inventory& inventory, const TrainingSetup& setup) {
  return Remedies(models, inventory, setup).text();
}

void find_largest(const TrainedModels& models, PeakMemory& memory) {
  const auto& device = memory.setup.device;
  if (device == nullptr || device->memory.value == 0) return;
  const auto& layout = memory.setup.layout;
  const auto step = layout.context * (layout.context > 1 ? 2 : 1) * (layout.sequence_parallel ? layout.tensor : 1);
  memory.max_sequence = largest(step, [&](std::uint64_t sequence) {
    TrainingSetup setup = memory.setup;
    setup.sequence = sequence;
    return stages_peak(models, setup).ok;
  });
  memory.max_micro_batch = largest(1, [&](std::uint64_t sequences) {
    TrainingSetup setup = memory.setup;
    setup.layout.micro_batch = sequences;
    setup.layout.global_batch.reset();
    return stages_peak(models, setup).ok;
  });
}

}  // namespace paramcount
