#include "paramcount/estimate/training_plan.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "base/numbers.hpp"
#include "base/text.hpp"
#include "paramcount/base/error.hpp"
#include "paramcount/estimate/defaults.hpp"
#include "paramcount/estimate/energy.hpp"
#include "paramcount/estimate/price.hpp"

namespace paramcount {
namespace {

void choose_device(TrainingPlan& plan, const PublishedTraining& run, const TrainingRequest& request,
                   const Catalog& catalog) {
  if (request.device) {
    plan.device = {request.device, Origin::given};
  } else if (!run.device.empty()) {
    plan.device = {catalog.device(run.device), Origin::published};
  } else {
    plan.device = {catalog.device(kDefaultDevice), Origin::assumed};
  }
  std::tie(plan.peak, plan.peak_dtype) = training_peak(*plan.device.value);
}

void count_flops(TrainingPlan& plan, const Model& model, const Inventory& inventory, const ParamCounts& params,
                 const TrainingRequest& request, const std::optional<Params>& adapters) {
  plan.convention = request.convention;
  plan.recompute = request.recompute;
  TrainingWork work;
  const bool frozen = adapters.has_value();
  if (request.convention == FlopsConvention::six_nd) {
    TokenWork none;
    none.stack_share = inventory.flag("encoder_decoder") ? 0.5 : 1;
    work = training_work(request.convention, request.recompute, none, params.active, frozen);
  } else {
    plan.sequence = training_sequence(model, inventory, request.sequence);
    work = training_work(request.convention, request.recompute, token_work(inventory, plan.sequence.value),
                         params.active, frozen);
  }
  if (frozen) {
    const double trained = training_flops_6nd(*adapters, 1).value;
    work.model += trained;
    work.hardware += trained;
  }
  plan.flops = {work.model * plan.tokens.value};
  plan.hardware_flops = {work.hardware * plan.tokens.value};
}

/// Time given: the efficiency follows, and has to be possible.
void from_time(TrainingPlan& plan, double device_hours) {
  plan.mfu = {implied_mfu(plan.flops, plan.peak, device_hours), Origin::given};
  plan.mfu_follows = true;
  const double used = implied_mfu(plan.hardware_flops, plan.peak, device_hours);
  if (used <= 1) return;
  const double usual_hours = hours(plan.hardware_flops / FlopsPerSecond{plan.peak.value * kDefaultMfu});
  const double usual_days = usual_hours / plan.devices.value / 24;
  const double days = device_hours / plan.devices.value / 24;
  plan.impossible = "impossible: " + significant(used * 100, 3) + " % of the peak of " + fixed(plan.devices.value, 0) +
                    " × " + plan.device.value->name + ". At 40 % it takes " + significant(usual_days, 3) +
                    " days, or " + fixed(std::ceil(usual_hours / 24 / days), 0) + " devices for " +
                    significant(days, 3) + " days";
}

void choose_time(TrainingPlan& plan, const PublishedTraining& run, const TrainingRequest& request) {
  if (request.mfu && request.hfu) throw usage_error("--mfu, --hfu: each sets the time; give one");
  if (request.days && request.device_hours) throw usage_error("--days, --device-hours: each sets the time; give one");
  if (request.throughput && (request.mfu || request.hfu || request.days || request.device_hours)) {
    throw usage_error("--throughput: it determines the efficiency; leave out --mfu, --hfu, --days and --device-hours");
  }
  const bool efficiency_given = request.mfu || request.hfu;
  if (request.device_hours && efficiency_given) {
    throw usage_error("--device-hours: they determine the efficiency; leave out --mfu");
  }
  // The published number of devices and their efficiency belong to the published device.
  const bool same_device = plan.device.value->id == run.device || run.device.empty();
  const auto run_devices = same_device ? run.figures.devices : std::nullopt;
  if (request.days && efficiency_given && request.devices) {
    throw usage_error("--days, --devices, --mfu: any two determine the third; give two");
  }
  std::optional<double> mfu = request.mfu;
  const double work_ratio = plan.flops.value / plan.hardware_flops.value;
  if (request.hfu) mfu = *request.hfu * work_ratio;
  plan.mfu = choose(mfu, same_device ? run.figures.mfu : std::nullopt, kDefaultMfu);
  plan.devices = choose(request.devices, run_devices, 1.0);
  const bool devices_follow = request.days && (efficiency_given || (!request.devices && !run_devices));
  if (devices_follow) {
    const double needed = hours(plan.flops / FlopsPerSecond{plan.peak.value * plan.mfu.value});
    plan.devices = {std::max(1.0, std::ceil(needed / (*request.days * 24) - 1e-9)), Origin::given};
  } else if (request.days) {
    from_time(plan, plan.devices.value * *request.days * 24);
  } else if (request.device_hours) {
    from_time(plan, *request.device_hours);
  }
  plan.throughput = request.throughput.value_or(0);
  if (request.throughput) from_time(plan, plan.tokens.value / *request.throughput / 3600);
  plan.hfu = plan.mfu.value / work_ratio;
  if (plan.hfu > 1 && plan.impossible.empty()) {
    plan.impossible = "impossible: " + significant(plan.mfu.value * 100, 3) + " % MFU including recomputation is " +
                      significant(plan.hfu * 100, 3) + " % of the peak; at most --mfu " + shortest(work_ratio);
  }
}

void choose_price(TrainingPlan& plan, const TrainingRequest& request) {
  if (request.price) {
    plan.price = DollarsPerHour{*request.price};
    plan.low_price = plan.high_price = *plan.price;
    return;
  }
  const auto quotes = price_quotes(*plan.device.value, request.pricing);
  if (quotes.empty()) return;
  plan.quote = median_quote(quotes);
  plan.quotes = quotes.size();
  plan.price = plan.quote->price;
  plan.low_price = quotes.front()->price;
  plan.high_price = quotes.back()->price;
}

}  // namespace

Input<std::uint64_t> training_sequence(const Model& model, const Inventory& inventory,
                                       const std::optional<std::uint64_t>& given) {
  const auto longest = inventory.count("max_positions");
  return choose(given, model.training.sequence, longest > 0 ? std::min(kDefaultContext, longest) : kDefaultContext);
}

namespace {

constexpr std::array<std::string_view, 3> kTrainingFormats{"bf16", "fp16", "fp32"};

}  // namespace

bool has_training_peak(const Device& device) {
  return std::any_of(kTrainingFormats.begin(), kTrainingFormats.end(),
                     [&](std::string_view dtype) { return device.peak_for(dtype).has_value(); });
}

std::pair<FlopsPerSecond, std::string> training_peak(const Device& device) {
  for (const auto dtype : kTrainingFormats) {
    if (const auto peak = device.peak_for(dtype)) return {*peak, std::string(dtype)};
  }
  if (device.written_out) {
    throw usage_error("--device: no peak speed of " + printable(device.name) +
                      " is given; add one, such as fp16=181TFLOP/s");
  }
  throw Error(printable(device.id) + ": the catalog has no peak speed for it");
}

TrainingPlan plan_training(const Model& model, const Inventory& inventory, const ParamCounts& params,
                           const TrainingRequest& request, const Catalog& catalog,
                           const std::optional<Params>& adapters) {
  TrainingPlan plan;
  const auto& published = model.training;
  plan.tokens =
      choose(request.tokens, published.tokens, kDefaultTokensPerParameter * static_cast<double>(params.total.value));
  choose_device(plan, published, request, catalog);
  count_flops(plan, model, inventory, params, request, adapters);
  choose_time(plan, published, request);
  choose_price(plan, request);
  plan.device_time =
      request.device_hours ? Seconds{*request.device_hours * 3600} : device_time(plan.flops, plan.peak, plan.mfu.value);
  plan.wall_time = {plan.device_time.value / plan.devices.value};
  if (plan.price) plan.cost = *plan.price * plan.device_time;
  return plan;
}

void plan_energy(TrainingPlan& plan, const TrainingRequest& request, const PublishedTraining& published,
                 const Catalog& catalog, double device_hours) {
  const Device& device = *plan.device.value;
  const bool as_published = !published.device.empty() && device.id == published.device;
  const std::optional<double> none;
  plan.watts = choose(request.watts, as_published ? published.watts : none, device.power.value);
  plan.pue = choose(request.pue, as_published ? published.pue : none, kDefaultPue);
  plan.host_overhead = request.host_overhead;
  if (as_published && published.kg_per_kwh && !request.grid) {
    plan.g_per_kwh = {*published.kg_per_kwh * 1000, Origin::published};
    plan.grid = "as published";
    plan.grid_source = published.source;
  } else {
    const Grid grid = request.grid ? *request.grid : catalog.grid(kDefaultGrid);
    plan.g_per_kwh = {grid.g_per_kwh, request.grid ? Origin::given : Origin::assumed};
    plan.grid = grid.name;
    plan.grid_source = grid.source;
  }
  if (!(plan.watts.value > 0)) return;
  plan.energy = energy(device_hours, {plan.watts.value}, plan.host_overhead, plan.pue.value);
  plan.carbon = carbon(*plan.energy, plan.g_per_kwh.value);
}

}  // namespace paramcount
