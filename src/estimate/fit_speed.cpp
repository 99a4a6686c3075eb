#include "estimate/fit_speed.hpp"

#include <algorithm>
#include <utility>

#include "base/numbers.hpp"
#include "base/text.hpp"
#include "paramcount/estimate/defaults.hpp"
#include "paramcount/estimate/price.hpp"

namespace paramcount {
namespace {

constexpr double kHoursOfYear = 8766;
/// Bytes per second of a host's memory of which nothing is known: two channels of DDR5-5600 (JEDEC JESD79-5).
constexpr double kUsualHostBandwidth = 89.6e9;

/// What an hour of all devices costs, by the options; nothing: there is no quote of that kind.
void add_price(ServingSpeed& speed, const Fit& fit, const FitRequest& request) {
  const Device& device = *fit.device;
  const auto devices = static_cast<double>(fit.layout.devices());
  const auto set = [&](double each, std::string source) {
    speed.price = DollarsPerHour{each * devices};
    speed.price_source = std::move(source);
  };
  if (request.price) return set(request.price->value, "--price");
  if (request.speed.buy) {
    if (!device.purchase) return;
    const auto& bought = *device.purchase;
    const double kwh = request.speed.usd_per_kwh.value_or(kDefaultDollarsPerKwh);
    return set(bought.usd / (request.speed.years * kHoursOfYear) + device.power.value / 1000 * kwh,
               "$" + grouped(static_cast<std::uint64_t>(bought.usd)) + ", " + bought.what + ", " + bought.as_of +
                   ", over " + shortest(request.speed.years) + " years, and $" + shortest(kwh) + " per kWh");
  }
  if (const auto quote = quote_of_kind(device, request.speed.pricing)) {
    set(quote->price.value, joined({quote->pricing, ", median of quotes: ", quote->provider, ", ", quote->as_of}));
  }
}

/// Joules, watt-hours and carbon; nothing where the device's watts are not known. Speed and power are each between
/// their bounds: low and high of both together would be too wide by half.
void add_energy(ServingSpeed& speed, const Fit& fit, const FitRequest& request, const Catalog& catalog) {
  if (!(fit.device->power.value > 0)) return;
  const auto& constants = speed.constants;
  const double watts = fit.device->power.value * static_cast<double>(fit.layout.devices()) * constants.power;
  const auto joules = [&](double power, double tokens_per_second) { return watts * power / tokens_per_second; };
  const Estimate& total = *speed.total;
  speed.joules =
      Estimate{std::min(joules(constants.watts.low, total.likely), joules(1, total.high)), joules(1, total.likely),
               std::max(joules(constants.watts.high, total.likely), joules(1, total.low))};
  speed.grid = request.speed.grid ? *request.speed.grid : catalog.grid(kDefaultGrid);
  constexpr double kJoulesOfWattHour = 3600;
  speed.watt_hours = *speed.joules * (1000 / kJoulesOfWattHour);
  speed.co2e_grams = *speed.watt_hours * (speed.grid.g_per_kwh / 1000);
}

/// Seconds of the towers for the images and the sound of one prompt, on one device, at the share of its 16-bit peak
/// that prompts reach; 0 where that is not known.
double tower_seconds(const FitRequest& request, const Device& device, const SpeedConstants& constants) {
  if (!request.media) return 0;
  auto peak = device.peak_for("bf16");
  if (!peak) peak = device.peak_for("fp16");
  double flops = 0;
  for (const auto& use : request.media->uses) flops += use.tower ? use.towers().value : 0;
  return peak ? flops / (peak->value * constants.prompt_compute) : 0;
}

}  // namespace

std::uint64_t SpeedRequest::tokens() const {
  return checked_add(prompt.value_or(kUsualPrompt), generate.value_or(kUsualGenerate));
}

void add_speed(Fit& fit, const Fitting& fitting, const WeightFormat& format, const CacheRequest& cache,
               const FitRequest& request, const Inventory& inventory, const Catalog& catalog, SpeedDepth wanted) {
  const Device& device = *fit.device;
  const auto& program = fit.runtime.profile->serving.speed;
  const auto constants = speed_constants(program, device, catalog);
  if (!constants) {
    fit.speed_unknown = "no speeds of " + std::string(fit.runtime.profile->name) + " have been measured";
    return;
  }
  if (!(device.bandwidth > 0)) {
    fit.speed_unknown = device.written_out ? "its memory bandwidth is not given; add bandwidth=864GB/s"
                                           : device.name + ": its memory bandwidth is not known";
    return;
  }
  if (inventory.flag("encoder_decoder") || inventory.state.empty()) {
    fit.speed_unknown = "speeds are estimated for decoder-only models";
    return;
  }
  Serving serving = fitting.serving(fit, format, cache);
  ServingSpeed speed;
  if (serving.host.any()) {
    speed.host_bandwidth = choose(request.speed.host_bandwidth, std::optional<double>{}, kUsualHostBandwidth);
    serving.host.bandwidth = speed.host_bandwidth->value;
  }
  const bool offloaded = serving.host.any();
  const auto peak = multiplying_peak(device, format, fit.runtime.profile->reads_gguf);
  const SpeedModel model(serving.work, device, fit.layout, *constants, peak, serving.cache_share, serving.host);
  speed.constants = *constants;
  speed.prompt = request.speed.prompt.value_or(kUsualPrompt);
  speed.generate = request.speed.generate.value_or(kUsualGenerate);
  if (speed.prompt + speed.generate > cache.context) {  // only where neither was asked for
    speed.generate = std::max<std::uint64_t>(1, std::min(speed.generate, cache.context / 2));
    speed.prompt = std::max<std::uint64_t>(1, cache.context - speed.generate);
  }
  const auto depth = speed.prompt + speed.generate / 2;
  speed.batch = cache.sequences;
  if (request.speed.most_sequences || request.speed.least) {
    const auto groups = checked_mul(fit.layout.data, fit.layout.pipeline);
    const auto most = std::max<std::uint64_t>(1, std::min(fit.max_batch, checked_mul(constants->sequences, groups)));
    speed.batch = most;
    if (request.speed.least) {
      const auto fast = [&](std::uint64_t batch) {
        return 1 / model.step(batch, depth).together() >= *request.speed.least;
      };
      speed.enough = fast(1);
      std::uint64_t low = 1;
      std::uint64_t high = most + 1;
      while (low + 1 < high) {
        const auto middle = low + (high - low) / 2;
        (fast(middle) ? low : high) = middle;
      }
      speed.batch = low;
    }
  }
  speed.step = model.step(speed.batch, depth);
  speed.limit = speed.step.limit();
  const double step = speed.step.together();
  const SpeedRange range = at_most(offloaded         ? constants->offload
                                   : speed.batch > 1 ? constants->batched
                                                     : constants->decode,
                                   1 / step, 1 / model.least_step(speed.batch, depth));
  speed.range = range;
  speed.tokens_per_second = speed_estimate(1 / step, range);
  if (wanted == SpeedDepth::generation) {
    fit.speed = std::move(speed);
    return;
  }
  SpeedRange prompt_range = constants->prompt;
  if (const auto prompt = model.prompt(speed.prompt)) {
    const double seconds = prompt->together();
    prompt_range = at_most(prompt_range, 1 / seconds, 1 / model.least_prompt(speed.prompt));
    speed.prefill = speed_estimate(static_cast<double>(speed.prompt) / seconds, prompt_range);
    speed.first_token = cost_estimate(seconds + step + tower_seconds(request, device, *constants), prompt_range);
  }
  add_price(speed, fit, request);
  constexpr double kMillion = 1e6;
  const double per_second = speed.price ? speed.price->value / 3600 : 0;
  if (speed.price) {
    speed.usd_output = cost_estimate(per_second * step / static_cast<double>(speed.batch) * kMillion, range);
  }
  if (const auto one = model.request(speed.batch, speed.prompt, speed.generate)) {
    speed.total = speed_estimate(static_cast<double>(speed.generate) / (one->prompt + one->generate), range);
    if (speed.price) {
      speed.usd_input =
          cost_estimate(per_second * one->prompt / static_cast<double>(speed.prompt) * kMillion, prompt_range);
    }
    add_energy(speed, fit, request, catalog);
  }
  fit.speed = std::move(speed);
}

}  // namespace paramcount
