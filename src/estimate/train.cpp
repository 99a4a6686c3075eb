#include "paramcount/estimate/train.hpp"

#include <algorithm>
#include <cmath>

#include "base/numbers.hpp"
#include "base/text.hpp"
#include "paramcount/base/error.hpp"

namespace paramcount {
namespace {

constexpr double kUsualPue = 1.1;  ///< of large operators (Google, 2021; Llama papers)
constexpr std::string_view kUsualGrid = "usa";
constexpr std::string_view kUsualOptimizer = "adamw";
constexpr std::string_view kUsualFrozen = "bf16";
constexpr double kHoursPerDay = 24;
constexpr std::uint64_t kNode = 8;  ///< devices of one host

std::optional<double> first_of(const std::optional<double>& a, const std::optional<double>& b) { return a ? a : b; }

/// The catalog's record of the model's training; of several the first.
std::optional<PublishedRun> record_of(const Model& model, const Catalog& catalog) {
  if (model.id.empty() || model.origin != "catalog") return std::nullopt;
  for (auto& run : catalog.runs()) {
    if (run.model == model.id) return std::move(run);
  }
  return std::nullopt;
}

RunFigures published_figures(const Model& model, const std::optional<PublishedRun>& record) {
  const PublishedRun run = record.value_or(PublishedRun{});
  const auto& said = model.published;
  RunFigures figures;
  figures.flops = first_of(said.flops, run.flops);
  figures.device_hours = first_of(said.device_hours, run.device_hours);
  figures.devices = run.devices;
  if (model.training.devices) figures.devices = static_cast<double>(*model.training.devices);
  figures.days = first_of(said.days, run.days);
  figures.mfu = first_of(said.mfu, run.mfu);
  figures.mfu_low = said.mfu_low;
  figures.mfu_high = said.mfu_high;
  if (figures.mfu_low && figures.mfu_high) figures.mfu.reset();
  figures.hfu = run.hfu;
  figures.cost_usd = first_of(said.cost_usd, run.cost_usd);
  figures.energy_kwh = said.energy_kwh;
  if (!figures.energy_kwh && run.energy_mwh) figures.energy_kwh = *run.energy_mwh * 1000;
  figures.co2e_t = first_of(said.co2e_t, run.co2e_t);
  return figures;
}

EnergyInputs energy_inputs(const TrainRequest& request, const Device& device, const std::optional<PublishedRun>& run,
                           const Catalog& catalog) {
  EnergyInputs inputs;
  const std::optional<double> none;
  inputs.watts = choose(request.watts, run ? run->watts : none, device.power.value);
  inputs.pue = choose(request.pue, run ? run->pue : none, kUsualPue);
  inputs.host_overhead = request.host_overhead;
  if (request.grid) {
    inputs.g_per_kwh = {request.grid->g_per_kwh, Origin::given};
    inputs.grid = request.grid->name;
    inputs.grid_source = request.grid->source;
  } else if (run && run->kg_per_kwh) {
    inputs.g_per_kwh = {*run->kg_per_kwh * 1000, Origin::published};
    inputs.grid = "as published";
    inputs.grid_source = run->source;
  } else {
    const Grid grid = catalog.grid(kUsualGrid);
    inputs.g_per_kwh = {grid.g_per_kwh, Origin::assumed};
    inputs.grid = grid.name;
    inputs.grid_source = grid.source;
  }
  return inputs;
}

/// Energy and carbon of the hours, where the device's power is known.
void add_energy(RunFigures& figures, const EnergyInputs& inputs) {
  if (!figures.device_hours || !(inputs.watts.value > 0)) return;
  const KilowattHours kwh =
      energy(*figures.device_hours, {{inputs.watts.value}, inputs.host_overhead, inputs.pue.value});
  figures.energy_kwh = kwh.value;
  figures.co2e_t = carbon(kwh, inputs.g_per_kwh.value).value;
}

Bytes frozen_bytes(const Inventory& inventory, const TrainRequest& request, const Catalog& catalog) {
  if (!request.lora) return {};
  if (request.frozen) {
    if (request.frozen->file_type) {
      throw usage_error("--dtype " + request.frozen->id +
                        ": adapters are not trained on a llama.cpp file; nf4 is usual");
    }
    return weigh(inventory, *request.frozen).bytes;
  }
  WeightFormat format;
  format.id = kUsualFrozen;
  format.dtype = catalog.dtype(kUsualFrozen);
  return weigh(inventory, format).bytes;
}

Bytes share_of(Bytes bytes, std::uint64_t ranks) { return {bytes.value / ranks + (bytes.value % ranks != 0 ? 1 : 0)}; }

Bytes held(const TrainingMemory& memory, Bytes frozen, std::uint64_t stage, std::uint64_t ranks) {
  return training_state(memory.trained, memory.optimizer, stage, ranks).total() +
         (stage == 3 ? share_of(frozen, ranks) : frozen);
}

/// The fewest devices that hold all under ZeRO-3: 1, 2, 4, or whole hosts of 8.
std::uint64_t fewest_devices(const TrainingMemory& memory, Bytes frozen, Bytes room) {
  for (const std::uint64_t few : {1U, 2U, 4U}) {
    if (held(memory, frozen, 3, few) <= room) return few;
  }
  const std::uint64_t whole = held(memory, frozen, 0, 1).value;
  std::uint64_t devices = whole / room.value + 1;
  devices += (kNode - devices % kNode) % kNode;
  while (held(memory, frozen, 3, devices) > room) devices += kNode;
  return devices;
}

void choose_stage(TrainingMemory& memory, const TrainRequest& request, Bytes frozen, const Device& device) {
  for (std::uint64_t stage = 0; stage < kZeroStages; ++stage) {
    memory.by_stage[stage] = held(memory, frozen, stage, memory.ranks);
  }
  memory.stage_chosen = !request.zero_stage;
  memory.stage = request.zero_stage.value_or(kZeroStages - 1);
  if (memory.stage_chosen) {
    for (std::uint64_t stage = 0; stage < kZeroStages; ++stage) {
      if (memory.by_stage[stage] <= device.memory || device.memory.value == 0) {
        memory.stage = stage;
        break;
      }
    }
  }
  memory.state = training_state(memory.trained, memory.optimizer, memory.stage, memory.ranks);
  memory.frozen = memory.stage == 3 ? share_of(frozen, memory.ranks) : frozen;
}

[[noreturn]] void does_not_fit(const TrainingMemory& memory, Bytes frozen, const Device& device) {
  const auto gib = [](Bytes bytes) { return significant(static_cast<double>(bytes.value) / 0x1p30, 3) + " GiB"; };
  const auto needed = fewest_devices(memory, frozen, device.memory);
  std::string text = "impossible: weights, gradients and optimizer states take " + gib(memory.total()) + " of each " +
                     device.name + " (" + gib(device.memory) + ") under ZeRO-" + std::to_string(memory.stage);
  if (memory.stage < 3 && memory.by_stage[3] <= device.memory) {
    text += ". --zero 3 takes " + gib(memory.by_stage[3]);
  } else {
    text += ". At least --devices " + std::to_string(needed) + " under ZeRO-3, or --lora, or a lighter --optimizer";
  }
  throw Error(text, ExitCode::no);
}

std::vector<ConventionFlops> by_convention(const TrainAnswer& answer, const TrainRequest& request) {
  std::vector<ConventionFlops> rows;
  const double adapters = answer.lora ? training_flops_6nd(answer.lora->trained, 1).value : 0;
  for (const auto& info : kConventions) {
    ConventionFlops row{info.convention, std::nullopt, std::nullopt};
    if (info.convention != FlopsConvention::megatron || answer.work.plain) {
      row.per_token = training_work(info.convention, request.plan.recompute, answer.work, answer.params.active,
                                    answer.lora.has_value())
                          .model +
                      adapters;
      row.total = *row.per_token * answer.plan.tokens.value;
    }
    rows.push_back(row);
  }
  return rows;
}

/// What follows from the published hours on the published devices, with our prices and our electricity.
void figures_from_hours(TrainAnswer& answer, const TrainRequest& request, const Catalog& catalog) {
  auto& figures = answer.from_hours;
  figures.device_hours = answer.published.device_hours;
  if (!figures.device_hours && answer.published.days && answer.published.devices) {
    figures.device_hours = *answer.published.days * kHoursPerDay * *answer.published.devices;
  }
  if (!figures.device_hours) return;
  TrainingRequest as_published;
  as_published.convention = request.plan.convention;
  as_published.sequence = request.plan.sequence;
  const TrainingAnswer run = plan_training(answer.model, answer.inventory, answer.params, as_published, catalog);
  const bool device_known = run.device.origin == Origin::published;
  if (!device_known) {
    figures = {};
    return;
  }
  figures.devices = answer.published.devices;
  if (figures.devices) figures.days = *figures.device_hours / *figures.devices / kHoursPerDay;
  if (run.tokens.origin == Origin::published) figures.mfu = implied_mfu(run.flops, run.peak, *figures.device_hours);
  const bool same = run.device.value->id == answer.plan.device.value->id;
  const auto price = same ? answer.plan.price : run.price;
  if (price) figures.cost_usd = price->value * *figures.device_hours;
  if (same) {
    add_energy(figures, answer.energy);
  } else {
    add_energy(figures, energy_inputs({}, *run.device.value, answer.run, catalog));
  }
}

void compare(TrainAnswer& answer, const Catalog& catalog) {
  for (auto& equivalent : catalog.equivalents()) {
    std::optional<double> amount;
    if (equivalent.of == "count") amount = static_cast<double>(answer.params.total.value);
    if (equivalent.of == "kwh") amount = answer.planned.energy_kwh;
    if (equivalent.of == "co2e_t") amount = answer.planned.co2e_t;
    if (!amount) continue;
    const double ratio = *amount / equivalent.each;
    answer.comparables.push_back({std::move(equivalent), ratio});
  }
}

}  // namespace

TrainAnswer train(Model model, const TrainRequest& request, const Catalog& catalog, Expander& expander) {
  TrainAnswer answer;
  answer.inventory = expander.expand(model);
  answer.params = count_params(answer.inventory);
  if (answer.params.total.value == 0) throw Error("there is nothing to train");
  answer.model = std::move(model);
  answer.run = record_of(answer.model, catalog);
  TrainingRequest plan = request.plan;
  auto& memory = answer.memory;
  memory.optimizer = request.optimizer ? *request.optimizer : catalog.optimizer(kUsualOptimizer);
  memory.trained = answer.params.total;
  if (request.lora) {
    answer.lora = count_lora(answer.inventory, *request.lora);
    memory.trained = answer.lora->trained;
    plan.adapters = answer.lora->trained;
  }
  const Bytes frozen = frozen_bytes(answer.inventory, request, catalog);
  answer.plan = plan_training(answer.model, answer.inventory, answer.params, plan, catalog);
  const Device& device = *answer.plan.device.value;
  if (answer.plan.devices.origin == Origin::assumed && device.memory.value > 0) {
    // Nobody said how many: as many as hold it.
    plan.devices = static_cast<double>(fewest_devices(memory, frozen, device.memory));
    answer.plan = plan_training(answer.model, answer.inventory, answer.params, plan, catalog);
    answer.plan.devices.origin = Origin::assumed;
  }
  memory.ranks = static_cast<std::uint64_t>(answer.plan.devices.value);
  choose_stage(memory, request, frozen, *answer.plan.device.value);
  const Device& chosen = *answer.plan.device.value;
  if (chosen.memory.value > 0 && memory.total() > chosen.memory) does_not_fit(memory, frozen, chosen);

  const bool same_device = chosen.id == answer.model.training.device;
  answer.energy = energy_inputs(request, chosen, same_device ? answer.run : std::nullopt, catalog);
  answer.planned.flops = answer.plan.flops.value;
  answer.planned.device_hours = hours(answer.plan.cost.device_time);
  answer.planned.devices = answer.plan.devices.value;
  answer.planned.days = hours(answer.plan.cost.wall_time) / kHoursPerDay;
  answer.planned.mfu = answer.plan.mfu.value;
  if (answer.plan.recompute != Recompute::none) answer.planned.hfu = answer.plan.hfu;
  if (answer.plan.price) answer.planned.cost_usd = answer.plan.cost.cost.value;
  add_energy(answer.planned, answer.energy);

  answer.published = published_figures(answer.model, answer.run);
  const auto& p = answer.published;
  answer.has_published = p.flops || p.device_hours || p.days || p.cost_usd || p.energy_kwh || p.co2e_t || p.mfu;
  if (answer.has_published) figures_from_hours(answer, request, catalog);
  if (answer.plan.tokens.origin == Origin::given) {
    std::optional<double> pretraining = p.flops;
    if (!pretraining && answer.model.training.tokens) {
      pretraining = answer.plan.flops.value / answer.plan.tokens.value * *answer.model.training.tokens;
    }
    if (pretraining) answer.of_pretraining = answer.plan.flops.value / *pretraining;
  }
  answer.sequence = training_sequence(answer.model, answer.inventory, request.plan.sequence);
  answer.work = token_work(answer.inventory, answer.sequence.value);
  answer.conventions = by_convention(answer, request);
  compare(answer, catalog);
  return answer;
}

}  // namespace paramcount
