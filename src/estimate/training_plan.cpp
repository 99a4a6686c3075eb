#include "paramcount/estimate/training_plan.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "base/numbers.hpp"
#include "base/text.hpp"
#include "paramcount/base/error.hpp"

namespace paramcount {
namespace {

constexpr std::uint64_t kUsualSequence = 8192;
constexpr std::string_view kUsualDevice = "h100-sxm";
constexpr std::string_view kUsualPricing = "on-demand";

void choose_device(TrainingAnswer& training, const TrainingRun& run, const TrainingRequest& request,
                   const Catalog& catalog) {
  if (request.device) {
    training.device = {request.device, Origin::given};
  } else if (!run.device.empty()) {
    training.device = {catalog.device(run.device), Origin::published};
  } else {
    training.device = {catalog.device(kUsualDevice), Origin::assumed};
  }
  std::tie(training.peak, training.peak_dtype) = training_peak(*training.device.value);
}

void count_flops(TrainingAnswer& training, const Model& model, const Inventory& inventory, const ParamCounts& params,
                 const TrainingRequest& request) {
  training.convention = request.convention;
  training.recompute = request.recompute;
  TrainingWork work;
  const bool frozen = request.adapters.has_value();
  if (request.convention == FlopsConvention::six_nd) {
    TokenWork none;
    none.stack_share = inventory.flag("encoder_decoder") ? 0.5 : 1;
    work = training_work(request.convention, request.recompute, none, params.active, frozen);
  } else {
    training.sequence = training_sequence(model, inventory, request.sequence);
    work = training_work(request.convention, request.recompute, token_work(inventory, training.sequence.value),
                         params.active, frozen);
  }
  if (frozen) {
    const double adapters = training_flops_6nd(*request.adapters, 1).value;
    work.model += adapters;
    work.hardware += adapters;
  }
  training.flops = {work.model * training.tokens.value};
  training.hardware_flops = {work.hardware * training.tokens.value};
}

/// Time given: the efficiency follows, and has to be possible.
void from_time(TrainingAnswer& training, double device_hours) {
  training.mfu = {implied_mfu(training.flops, training.peak, device_hours), Origin::given};
  training.mfu_follows = true;
  const double used = implied_mfu(training.hardware_flops, training.peak, device_hours);
  if (used <= 1) return;
  const double usual_hours = hours(training.hardware_flops / FlopsPerSecond{training.peak.value * kUsualMfu});
  const double usual_days = usual_hours / training.devices.value / 24;
  const double days = device_hours / training.devices.value / 24;
  throw Error("impossible: " + significant(used * 100, 3) + " % of the peak of " + fixed(training.devices.value, 0) +
                  " × " + training.device.value->name + ". At 40 % it takes " + significant(usual_days, 3) +
                  " days, or " + fixed(std::ceil(usual_hours / 24 / days), 0) + " devices for " + significant(days, 3) +
                  " days",
              ExitCode::no);
}

void choose_time(TrainingAnswer& training, const TrainingRun& run, const TrainingRequest& request) {
  if (request.mfu && request.hfu) throw usage_error("--mfu and --hfu: one of them decides the time");
  if (request.days && request.device_hours)
    throw usage_error("--days and --device-hours: one of them decides the time");
  const bool efficiency_given = request.mfu || request.hfu;
  if (request.device_hours && efficiency_given) {
    throw usage_error("--device-hours: the efficiency follows from the hours; leave --mfu out");
  }
  // The published number of devices and their efficiency belong to the published device.
  const bool same_device = training.device.value->id == run.device || run.device.empty();
  std::optional<double> run_devices;
  if (run.devices && same_device) run_devices = static_cast<double>(*run.devices);
  if (request.days && efficiency_given && request.devices) {
    throw usage_error("--days, --devices and --mfu: any two of them decide the third");
  }
  std::optional<double> mfu = request.mfu;
  const double work_ratio = training.flops.value / training.hardware_flops.value;
  if (request.hfu) mfu = *request.hfu * work_ratio;
  training.mfu = choose(mfu, same_device ? run.mfu : std::nullopt, kUsualMfu);
  training.devices = choose(request.devices, run_devices, 1.0);
  const bool devices_follow = request.days && (efficiency_given || (!request.devices && !run_devices));
  if (devices_follow) {
    const double needed = hours(training.flops / FlopsPerSecond{training.peak.value * training.mfu.value});
    training.devices = {std::max(1.0, std::ceil(needed / (*request.days * 24) - 1e-9)), Origin::given};
  } else if (request.days) {
    from_time(training, training.devices.value * *request.days * 24);
  } else if (request.device_hours) {
    from_time(training, *request.device_hours);
  }
  training.hfu = training.mfu.value / work_ratio;
  if (training.hfu > 1) {
    throw Error("impossible: " + significant(training.mfu.value * 100, 3) + " % MFU with what is recomputed is " +
                    significant(training.hfu * 100, 3) + " % of the peak; at most --mfu " + shortest(work_ratio),
                ExitCode::no);
  }
}

void choose_price(TrainingAnswer& training, const TrainingRequest& request) {
  if (request.price) {
    training.price = DollarsPerHour{*request.price};
    training.low_price = training.high_price = *training.price;
    return;
  }
  const auto quotes = price_quotes(*training.device.value, request.pricing);
  if (quotes.empty()) return;
  training.quote = quotes[(quotes.size() - 1) / 2];
  training.quotes = quotes.size();
  training.price = training.quote->price;
  training.low_price = quotes.front()->price;
  training.high_price = quotes.back()->price;
}

}  // namespace

Input<std::uint64_t> training_sequence(const Model& model, const Inventory& inventory,
                                       const std::optional<std::uint64_t>& given) {
  const auto longest = inventory.count("max_positions");
  return choose(given, model.training.sequence, longest > 0 ? std::min(kUsualSequence, longest) : kUsualSequence);
}

std::pair<FlopsPerSecond, std::string> training_peak(const Device& device) {
  for (const std::string_view dtype : {"bf16", "fp16", "fp32"}) {
    if (const auto peak = device.peak_for(dtype)) return {*peak, std::string(dtype)};
  }
  if (device.written_out) {
    throw usage_error("--device: no peak speed of " + printable(device.name) +
                      " is given; add one, such as fp16=181TFLOP/s");
  }
  throw Error(printable(device.id) + ": the catalog has no peak speed of it");
}

std::vector<const PriceQuote*> price_quotes(const Device& device, const std::string& pricing) {
  std::vector<const PriceQuote*> quotes;
  const std::string_view wanted = pricing.empty() ? kUsualPricing : std::string_view(pricing);
  for (const auto& quote : device.prices) {
    if (wanted == "all" || quote.pricing == wanted) quotes.push_back(&quote);
  }
  if (quotes.empty() && !pricing.empty()) {
    std::string known;
    for (const auto& quote : device.prices) {
      if (known.find("'" + quote.pricing + "'") == std::string::npos) {
        known += (known.empty() ? "'" : ", '") + quote.pricing + "'";
      }
    }
    throw usage_error("--pricing " + printable(pricing) + ": no such quote of " + printable(device.name) +
                      (known.empty() ? "; there is none" : "; known: " + known + ", 'all'"));
  }
  if (quotes.empty()) {
    for (const auto& quote : device.prices) quotes.push_back(&quote);
  }
  std::sort(quotes.begin(), quotes.end(), [](const auto* a, const auto* b) { return a->price < b->price; });
  return quotes;
}

TrainingAnswer plan_training(const Model& model, const Inventory& inventory, const ParamCounts& params,
                             const TrainingRequest& request, const Catalog& catalog) {
  TrainingAnswer training;
  training.tokens =
      choose(request.tokens, model.training.tokens, kTokensPerParameter * static_cast<double>(params.total.value));
  choose_device(training, model.training, request, catalog);
  count_flops(training, model, inventory, params, request);
  choose_time(training, model.training, request);
  choose_price(training, request);
  const double price = training.price.value_or(DollarsPerHour{}).value;
  if (request.device_hours) {
    const Seconds time{*request.device_hours * 3600};
    training.cost = {time, {time.value / training.devices.value}, DollarsPerHour{price} * time};
  } else {
    training.cost = training_cost({training.flops, training.peak, training.devices.value, training.mfu.value, {price}});
  }
  return training;
}

}  // namespace paramcount
