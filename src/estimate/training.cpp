#include "paramcount/estimate/training.hpp"

#include <algorithm>

#include "estimate/training_setup.hpp"
#include "paramcount/base/error.hpp"
#include "paramcount/estimate/defaults.hpp"

namespace paramcount {
namespace {

constexpr double kHoursPerDay = 24;

/// Whether two accounts can be of one training: they do not differ in its tokens or its speed.
bool same_training(const PublishedTraining& a, const PublishedTraining& b) {
  const auto agree = [](const std::optional<double>& x, const std::optional<double>& y) {
    return !x || !y || *x == *y;
  };
  return agree(a.tokens, b.tokens) && agree(a.tflops_per_device, b.tflops_per_device);
}

/// The makers' account of the model's training. What it leaves out is taken from the first other account of it.
PublishedTraining published_training(const Model& model, const Catalog& catalog) {
  PublishedTraining published = model.training;
  if (model.id.empty() || model.origin != "catalog") return published;
  const auto runs = catalog.all<PublishedTraining>();
  const auto other = std::find_if(runs.begin(), runs.end(), [&](const PublishedTraining& run) {
    return run.model == model.id && run.id != model.training.id && same_training(run, published);
  });
  if (other == runs.end()) return published;
  if (published.id.empty()) {
    published.id = other->id;
    published.source = other->source;
  }
  bool filled = false;
  const auto fill = [&](std::optional<double>& gap, const std::optional<double>& value) {
    if (gap || !value) return;
    gap = value;
    filled = true;
  };
  for (const auto& figure : kTrainingFigures) fill(published.figures.*figure.value, other->figures.*figure.value);
  fill(published.watts, other->watts);
  fill(published.pue, other->pue);
  fill(published.kg_per_kwh, other->kg_per_kwh);
  if (filled && published.id != other->id) {
    published.id += ", " + other->id;
    published.source += "; " + other->source;
  }
  return published;
}

Bytes frozen_bytes(const Inventory& inventory, const TrainingRequest& request, const Catalog& catalog) {
  if (!request.lora) return {};
  if (!request.frozen) return weigh(inventory, weight_format(std::string(kDefaultFrozenDtype), false, catalog)).bytes;
  if (request.frozen->file_type) {
    throw usage_error("--dtype " + request.frozen->id + ": adapters are not trained on a llama.cpp file; use nf4");
  }
  return weigh(inventory, *request.frozen).bytes;
}

/// What follows from the published hours on the published devices, with our prices and our electricity.
TrainingFigures figures_from_hours(const TrainingAnswer& answer, const TrainingRequest& request,
                                   const Catalog& catalog) {
  const auto& published = answer.published.figures;
  TrainingFigures figures;
  figures.device_hours = published.device_hours;
  if (!figures.device_hours && published.days && published.devices) {
    figures.device_hours = *published.days * kHoursPerDay * *published.devices;
  }
  if (!figures.device_hours) return {};
  TrainingRequest as_published;
  as_published.convention = request.convention;
  as_published.sequence = request.sequence;
  TrainingPlan run = plan_training(answer.model, answer.inventory, answer.params, as_published, catalog);
  if (run.device.origin != Origin::published) return {};
  figures.devices = published.devices;
  if (figures.devices) figures.days = *figures.device_hours / *figures.devices / kHoursPerDay;
  if (run.tokens.origin == Origin::published) figures.mfu = implied_mfu(run.flops, run.peak, *figures.device_hours);
  const bool same = run.device.value->id == answer.plan.device.value->id;
  const auto price = same ? answer.plan.price : run.price;
  if (price) figures.cost_usd = price->value * *figures.device_hours;
  plan_energy(run, same ? request : TrainingRequest{}, answer.published, catalog, *figures.device_hours);
  if (run.energy) figures.energy_kwh = run.energy->value;
  if (run.carbon) figures.co2e_t = run.carbon->value;
  return figures;
}

std::optional<double> share_of_pretraining(const TrainingAnswer& answer) {
  const auto& plan = answer.plan;
  if (plan.tokens.origin != Origin::given) return std::nullopt;
  if (const auto& flops = answer.published.figures.flops) return plan.flops.value / *flops;
  if (const auto& tokens = answer.model.training.tokens) {
    return plan.flops.value / (plan.flops.value / plan.tokens.value * *tokens);
  }
  return std::nullopt;
}

void count_by_convention(TrainingAnswer& answer, Recompute recompute) {
  const double adapters = answer.lora ? training_flops_6nd(answer.lora->trained, 1).value : 0;
  for (std::size_t i = 0; i < kConventions.size(); ++i) {
    const auto convention = kConventions[i].convention;
    if (convention == FlopsConvention::megatron && !answer.work.plain) continue;
    answer.flops_per_token[i] =
        training_work(convention, recompute, answer.work, answer.params.active, answer.lora.has_value()).model +
        adapters;
  }
}

void compare(TrainingAnswer& answer, const Catalog& catalog) {
  const auto& plan = answer.plan;
  for (auto& equivalent : catalog.all<Equivalent>()) {
    std::optional<double> amount;
    if (equivalent.of == "count") amount = static_cast<double>(answer.params.total.value);
    if (equivalent.of == "kwh" && plan.energy) amount = plan.energy->value;
    if (equivalent.of == "co2e_t" && plan.carbon) amount = plan.carbon->value;
    if (!amount) continue;
    const double ratio = *amount / equivalent.each;
    answer.comparables.emplace_back(std::move(equivalent), ratio);
  }
}

/// What a step computes, in the plan's convention.
StepWork step_work(const TrainingAnswer& answer, const TrainingRequest& request, std::uint64_t sequence) {
  const TokenWork token = token_work(answer.inventory, sequence);
  const auto share = [&](Recompute recompute) {
    const TrainingWork work =
        training_work(request.convention, recompute, token, answer.params.active, answer.lora.has_value());
    return work.hardware / work.model - 1;
  };
  const auto& plan = answer.plan;
  return {plan.flops.value / plan.tokens.value,
          share(Recompute::full),
          share(Recompute::selective),
          share(Recompute::ops),
          plan.peak,
          plan.mfu.value};
}

/// FLOPs with what is recomputed by those of the model.
double recomputed(const TrainingAnswer& answer, const TrainingRequest& request, std::uint64_t sequence) {
  const StepWork work = step_work(answer, request, sequence);
  switch (request.recompute) {
    case Recompute::none:
      break;
    case Recompute::selective:
      return 1 + work.selective_share;
    case Recompute::full:
      return 1 + work.full_share;
    case Recompute::ops:
      return 1 + work.ops_share;
  }
  return 1;
}

}  // namespace

TrainingAnswer train(Model model, const TrainingRequest& wanted, const Catalog& catalog, Expander& expander) {
  TrainingRequest request = wanted;
  request.sharding = &catalog.sharding();
  TrainingAnswer answer;
  answer.inventory = expander.expand(model);
  answer.params = count_params(answer.inventory);
  if (answer.params.total.value == 0) throw Error("there is nothing to train");
  answer.model = std::move(model);
  answer.published = published_training(answer.model, catalog);
  std::optional<Params> adapters;
  if (request.lora) {
    answer.lora =
        count_lora(answer.inventory, expander.class_parameters(answer.model, answer.inventory), *request.lora);
    adapters = answer.lora->trained;
  }
  const Params trained = adapters.value_or(answer.params.total);
  const Optimizer optimizer = optimizer_of(request, catalog);
  const Bytes frozen = frozen_bytes(answer.inventory, request, catalog);
  std::optional<TrainedAdapters> beside;
  if (answer.lora) {
    beside = trained_adapters(
        *answer.lora, answer.inventory,
        request.frozen ? *request.frozen : weight_format(std::string(kDefaultFrozenDtype), false, catalog),
        request.lora->dora);
  }
  const TrainedAdapters* const at = beside ? &*beside : nullptr;
  const auto sequence = training_sequence(answer.model, answer.inventory, request.sequence);
  answer.laid_out = request.lays_out();
  TrainingRequest on_enough = request;
  take_devices(on_enough);
  auto& plan = answer.plan;
  plan = plan_training(answer.model, answer.inventory, answer.params, on_enough, catalog, adapters);
  const TrainingCase as_asked{answer.inventory, request, plan, optimizer, at, sequence.value};
  const SharedDevice device = plan.device.value;
  if (plan.devices.origin == Origin::assumed && device->memory.value > 0) {
    // Nobody said how many: as many as hold it.
    on_enough.devices = answer.laid_out
                            ? fewest_laid_out(as_asked)
                            : static_cast<double>(fewest_devices(trained, optimizer, frozen, device->memory));
    plan = plan_training(answer.model, answer.inventory, answer.params, on_enough, catalog, adapters);
    plan.devices.origin = Origin::assumed;
  }
  TrainingRequest asked = request;
  if (request.search) {
    refuse_stages(answer.inventory, request.stage_layers, request.layout.pipeline.value_or(request.stage_layers.size()),
                  request.layout.interleaved.value_or(1));
    const auto devices = static_cast<std::uint64_t>(plan.devices.value);
    answer.layouts = plan_layouts(answer.inventory, setup_of(as_asked, 1), request.layout, request.recompute_given,
                                  request.zero_stage.has_value(), devices, step_work(answer, request, sequence.value));
    if (!answer.layouts.empty()) {
      asked = in_layout(request, answer.layouts.front().setup);
      plan.recompute = asked.recompute;
      plan.hfu = plan.mfu.value * recomputed(answer, asked, sequence.value);
      plan.hardware_flops = {plan.flops.value * recomputed(answer, asked, sequence.value)};
    }
  }
  if (answer.laid_out) {
    answer.peak = laid_out({answer.inventory, asked, plan, optimizer, at, sequence.value});
    answer.memory =
        states_of_peak(answer.inventory, *answer.peak, trained, !request.zero_stage && request.framework == nullptr);
    answer.step = step_time(answer.inventory, answer.peak->setup, step_work(answer, request, sequence.value));
  } else {
    const auto states = [&](const std::optional<std::uint64_t>& stage) {
      return plan_memory(trained, optimizer, frozen, static_cast<std::uint64_t>(plan.devices.value), stage, *device);
    };
    answer.memory = states(request.zero_stage);
    answer.peak = peak_of_states(as_asked, answer.memory);
    if (answer.peak && answer.peak->setup.layout.zero != answer.memory.stage) {
      answer.memory = states(answer.peak->setup.layout.zero);
      answer.memory.stage_chosen = true;
    }
  }
  answer.judged = answer.laid_out || (answer.peak && request.device != nullptr && request.devices);
  if (answer.judged && !answer.laid_out && answer.impossible().empty() && !answer.peak->ok) {
    answer.over = "does not fit in data parallelism alone: " + why_over(*answer.peak);
  }
  plan_energy(plan, request, answer.published, catalog, hours(plan.device_time));
  if (answer.published.figures.has_results()) answer.from_hours = figures_from_hours(answer, request, catalog);
  answer.of_pretraining = share_of_pretraining(answer);
  plan.sequence = sequence;
  answer.work = token_work(answer.inventory, plan.sequence.value);
  count_by_convention(answer, request.recompute);
  compare(answer, catalog);
  return answer;
}

}  // namespace paramcount
