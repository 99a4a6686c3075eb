#include "estimate/training_setup.hpp"

#include "base/numbers.hpp"
#include "estimate/training_stages.hpp"
#include "paramcount/base/error.hpp"
#include "paramcount/estimate/defaults.hpp"

namespace paramcount {
namespace {

constexpr std::uint64_t kMostDevices = 1'000'000'000;  ///< as of --devices
constexpr std::uint64_t kMostGroups = 4096;            ///< data-parallel, that are tried

bool is_megatron(const TrainingSetup& setup) { return setup.framework->id == "megatron"; }

void refuse(const Inventory& inventory, const TrainingRequest& request, const TrainingSetup& setup) {
  // A search takes sp wherever it takes tp.
  if (request.layout.sequence_parallel && setup.layout.tensor == 1 && !request.search) {
    throw usage_error("--sp: splits norms and dropout across tp, which is 1; add --tp");
  }
  if (is_megatron(setup) && setup.layout.zero > 1) {
    throw usage_error(
        "--zero " + std::to_string(setup.layout.zero) +
        ": Megatron's distributed optimizer is ZeRO-1; use --framework torchtitan or deepspeed for higher stages");
  }
  if (setup.layout.shard_group() % setup.optimizer_instances != 0) {
    throw usage_error("--optimizer-instances " + grouped(setup.optimizer_instances) + ": does not divide dp × cp, " +
                      grouped(setup.layout.shard_group()));
  }
  refuse_stages(inventory, setup.stage_layers, setup.layout.pipeline, setup.layout.interleaved);
  const std::string why = not_trainable(inventory, setup.layout, setup.sequence);
  if (!why.empty()) throw usage_error(why);
}

/// The lowest ZeRO stage that fits, where neither the request nor a framework says one.
void choose_zero(const TrainedModels& models, const TrainingRequest& request, TrainingSetup& setup) {
  if (request.zero_stage || request.framework != nullptr) return;
  for (setup.layout.zero = 0; setup.layout.zero + 1 < kZeroStages; ++setup.layout.zero) {
    if (stages_peak(models, setup).ok) return;
  }
}

std::uint64_t data_groups(const TrainingRequest& request, const TrainingPlan& plan) {
  const auto parallel = request.layout.model_parallel();
  const auto devices = static_cast<std::uint64_t>(plan.devices.value);
  if (devices % parallel != 0) {
    throw usage_error("--devices " + grouped(devices) + ": not a multiple of tp × pp × cp, " + grouped(parallel));
  }
  return devices / parallel;
}

/// "states 16.4, activations 168, loss 12.0 GiB": what the peak is of, without what is less than a hundredth of it.
std::string parts_of_peak(const StageMemory& stage) {
  Bytes states = stage.static_bytes();
  Bytes activations = stage.activations;
  Bytes loss = stage.loss;
  if (stage.late && stage.host.value == 0) {
    // The larger of gradients and activations is there at the peak, not both.
    if (activations + loss < stage.gradients) {
      activations = loss = {};
    } else {
      states = {states.value - stage.gradients.value};
    }
  }
  std::string text;
  const auto add = [&](const char* name, Bytes bytes) {
    if (bytes.value * 100 < stage.peak.value) return;
    text += (text.empty() ? "" : ", ") + std::string(name) + " " +
            significant(static_cast<double>(bytes.value) / 0x1p30, 3);
  };
  add("states", {states.value - stage.host.value});
  add("activations", activations);
  add("loss", loss);
  add("other", stage.other);
  return text + " GiB";
}

}  // namespace

void refuse_stages(const Inventory& inventory, const std::vector<std::uint64_t>& stages, std::uint64_t pipeline,
                   std::uint64_t interleaved) {
  if (stages.empty()) return;
  std::uint64_t sum = 0;
  for (const auto layers : stages) sum += layers;
  if (stages.size() != pipeline || sum != inventory.layer_count) {
    throw usage_error("--stage-layers: expected " + several(pipeline, "stage") + " with " +
                      several(inventory.layer_count, "layer") + " together");
  }
  if (interleaved > 1) throw usage_error("--stage-layers: not with --vpp, which distributes layers evenly");
}

TrainingSetup setup_of(const TrainingCase& of, std::uint64_t data) {
  const auto& request = of.request;
  const auto& choice = request.layout;
  TrainingSetup setup;
  if (request.framework != nullptr) setup.framework = request.framework;
  auto& layout = setup.layout;
  layout.tensor = choice.tensor.value_or(1);
  layout.pipeline = choice.pipeline.value_or(1);
  layout.interleaved = choice.interleaved.value_or(1);
  layout.context = choice.context.value_or(1);
  layout.expert = choice.expert.value_or(1);
  // megatron/training/arguments.py: experts are split like the rest unless --expert-tensor-parallel-size says
  // otherwise.
  layout.expert_tensor = choice.expert_tensor.value_or(of.inventory.count("n_experts") > 0 ? layout.tensor : 1);
  layout.data = data;
  layout.sequence_parallel =
      layout.tensor > 1 && (choice.sequence_parallel || setup.framework->gathers_inputs);  // torchtitan: always
  layout.micro_batch = choice.micro_batch.value_or(1);
  layout.global_batch = choice.global_batch;
  layout.recompute = request.recompute;
  layout.zero = request.zero_stage.value_or(setup.framework->zero);
  setup.optimizer = of.optimizer;
  setup.loss = request.loss.value_or(LossKind{});
  setup.unfused = request.unfused;
  setup.dropout = request.dropout;
  setup.mtp = request.mtp;
  setup.stage_layers = request.stage_layers;
  setup.optimizer_instances = request.optimizer_instances;
  setup.workspace = request.workspace;
  setup.compiled = request.compiled;
  setup.offload = request.offload;
  if (of.adapters != nullptr) setup.adapters = *of.adapters;
  setup.sequence = of.sequence;
  setup.device = of.plan.device.value;
  setup.sharding = request.sharding;
  return setup;
}

TrainingRequest in_layout(TrainingRequest request, const TrainingSetup& setup) {
  const auto& from = setup.layout;
  auto& layout = request.layout;
  layout.tensor = from.tensor;
  layout.pipeline = from.pipeline;
  layout.interleaved = from.interleaved;
  layout.context = from.context;
  layout.expert = from.expert;
  layout.expert_tensor = from.expert_tensor;
  layout.data = from.data;
  layout.sequence_parallel = from.sequence_parallel;
  layout.micro_batch = from.micro_batch;
  layout.global_batch = from.global_batch;
  request.recompute = from.recompute;
  request.zero_stage = from.zero;
  return request;
}

Optimizer optimizer_of(const TrainingRequest& request, const Catalog& catalog) {
  if (request.optimizer) return *request.optimizer;
  if (request.framework == nullptr) return catalog.optimizer(kDefaultOptimizer);
  return catalog.optimizer(request.lora ? request.framework->adapter_optimizer : request.framework->optimizer);
}

void take_devices(TrainingRequest& request) {
  if (!request.layout.data) return;
  const auto parallel = request.layout.model_parallel();
  if (parallel > kMostDevices / *request.layout.data) {
    throw usage_error("--dp " + grouped(*request.layout.data) + ": with tp × pp × cp, " + grouped(parallel) +
                      ", that is more than " + grouped(kMostDevices) + " devices");
  }
  const auto devices = static_cast<double>(*request.layout.data * parallel);
  if (request.devices && *request.devices != devices) {
    throw usage_error("--dp " + grouped(*request.layout.data) + ": that is " + fixed(devices, 0) +
                      " devices with tp × pp × cp, but --devices is " + fixed(*request.devices, 0));
  }
  request.devices = devices;
}

double fewest_laid_out(const TrainingCase& of) {
  std::optional<TrainedModels> models;
  std::uint64_t last = 1;
  for (std::uint64_t data = 1; data <= kMostGroups; data *= 2) {
    TrainingSetup setup = setup_of(of, data);
    if (!not_trainable(of.inventory, setup.layout, of.sequence).empty()) continue;
    last = data;
    if (!models) models = trained_models(of.inventory, setup);
    choose_zero(*models, of.request, setup);
    if (stages_peak(*models, setup).ok) break;
  }
  return static_cast<double>(last * of.request.layout.model_parallel());
}

PeakMemory laid_out(const TrainingCase& of) {
  const auto& inventory = of.inventory;
  const auto& request = of.request;
  TrainingSetup setup = setup_of(of, data_groups(request, of.plan));
  refuse(inventory, request, setup);
  const TrainedModels models = trained_models(inventory, setup);
  if (const std::string why = unknown_activations(models.trained); !why.empty()) {
    throw Error("no peak memory: " + why);
  }
  if (request.mtp && models.trained.mtp.empty()) {
    throw usage_error("--mtp: the model has no multi-token-prediction modules");
  }
  choose_zero(models, request, setup);
  PeakMemory memory = training_peak(inventory, setup);
  if (!memory.ok) memory.instead = what_would_fit(models, inventory, setup);
  if (request.largest) find_largest(models, memory);
  return memory;
}

std::string why_over(const PeakMemory& peak) {
  const auto& setup = peak.setup;
  const auto& most = peak.most();
  // One line of at most 300 bytes, with what would fit.
  return "the peak is " + in_gib(most.peak.value) + " of " + in_gib(setup.device->memory.value) + " of each " +
         setup.device->name + ", " + layout_text(setup.layout) + ", ZeRO-" + std::to_string(setup.layout.zero) + ": " +
         parts_of_peak(most) + peak.instead;
}

TrainingMemory states_of_peak(const Inventory& inventory, const PeakMemory& peak, Params trained, bool stage_chosen) {
  const auto& setup = peak.setup;
  const auto& most = peak.most();
  TrainingMemory memory;
  memory.optimizer = setup.optimizer;
  memory.trained = trained;
  memory.stage = setup.layout.zero;
  memory.ranks = peak.ranks;
  memory.weights = most.weights;
  memory.gradients = most.gradients;
  memory.master = most.master;
  memory.states = most.states;
  memory.frozen = most.frozen;
  memory.stage_chosen = stage_chosen;
  const TrainedModels models = trained_models(inventory, setup);
  for (std::uint64_t stage = 0; stage < kZeroStages; ++stage) {
    TrainingSetup other = setup;
    other.layout.zero = stage;
    memory.by_stage[stage] = stages_peak(models, other).stages[peak.fullest].static_bytes();
  }
  if (!peak.ok) {
    memory.impossible = "impossible: " + why_over(peak);
  }
  return memory;
}

std::optional<PeakMemory> peak_of_states(const TrainingCase& of, const TrainingMemory& memory) {
  const auto& inventory = of.inventory;
  TrainingSetup setup = setup_of(of, static_cast<std::uint64_t>(of.plan.devices.value));
  setup.layout.zero = memory.stage;
  const TrainedModels models = trained_models(inventory, setup);
  if (!unknown_activations(models.trained).empty()) return std::nullopt;
  if (!not_trainable(inventory, setup.layout, of.sequence).empty()) return std::nullopt;
  if (!of.request.zero_stage) {
    // States alone may fit at a lower stage than the peak; where none does, theirs stays.
    auto& zero = setup.layout.zero;
    while (zero + 1 < kZeroStages && !stages_peak(models, setup).ok) ++zero;
    if (!stages_peak(models, setup).ok) zero = memory.stage;
  }
  PeakMemory peak = training_peak(inventory, setup);
  if (!peak.ok) peak.instead = what_would_fit(models, inventory, setup);
  return peak;
}

}  // namespace paramcount
