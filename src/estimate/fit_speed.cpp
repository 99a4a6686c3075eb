#include "estimate/fit_speed.hpp"

#include <algorithm>
#include <utility>

#include "base/numbers.hpp"
#include "base/text.hpp"
#include "paramcount/base/error.hpp"
#include "paramcount/estimate/defaults.hpp"
#include "paramcount/estimate/price.hpp"

namespace paramcount {
namespace {

constexpr double kHoursOfYear = 8766;
/// Bytes per second of a host's memory of which nothing is known: two channels of DDR5-5600 (JEDEC JESD79-5).
constexpr double kUsualHostBandwidth = 89.6e9;

/// The range of a speed, which no device passes `most` of.
SpeedRange below(SpeedRange range, double likely, double most) {
  range.high = std::max(1.0, std::min(range.high, most / likely));
  return range;
}

Estimate faster(double likely, const SpeedRange& range) { return {likely * range.low, likely, likely * range.high}; }
/// What goes down as speed goes up.
Estimate slower(double likely, const SpeedRange& range) { return {likely / range.high, likely, likely / range.low}; }

Estimate times(const Estimate& one, double factor) {
  return {one.low * factor, one.likely * factor, one.high * factor};
}

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
    set(quote->price.value, quote->pricing + ", median of quotes: " + quote->provider + ", " + quote->as_of);
  }
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
    fit.speed_unknown = device.written_out ? "which memory bandwidth? bandwidth=864GB/s says so"
                                           : device.name + ": its memory bandwidth is not known";
    return;
  }
  if (inventory.flag("encoder_decoder") || inventory.state.empty()) {
    fit.speed_unknown = "only models that generate from what they have read themselves are told";
    return;
  }
  Serving serving = fitting.serving(fit, format, cache);
  ServingSpeed speed;
  if (serving.host.any()) {
    serving.host.bandwidth = request.speed.host_bandwidth.value_or(kUsualHostBandwidth);
    speed.host_bandwidth = serving.host.bandwidth;
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
  const SpeedRange range = below(offloaded         ? constants->offload
                                 : speed.batch > 1 ? constants->batched
                                                   : constants->decode,
                                 1 / step, 1 / model.least_step(speed.batch, depth));
  speed.range = range;
  speed.tokens_per_second = faster(1 / step, range);
  if (wanted == SpeedDepth::generation) {
    fit.speed = std::move(speed);
    return;
  }
  SpeedRange prompt_range = constants->prompt;
  if (const auto prompt = model.prompt(speed.prompt)) {
    const double seconds = prompt->together();
    prompt_range = below(prompt_range, 1 / seconds, 1 / model.least_prompt(speed.prompt));
    speed.prefill = faster(static_cast<double>(speed.prompt) / seconds, prompt_range);
    speed.first_token = slower(seconds + step, prompt_range);
  }
  const auto one = model.request(speed.batch, speed.prompt, speed.generate);
  if (one) {
    const auto generated = static_cast<double>(speed.generate);
    speed.total = faster(generated / (one->prompt + one->generate), range);
    add_price(speed, fit, request);
    if (speed.price) {
      constexpr double kMillion = 1e6;
      const double per_second = speed.price->value / 3600;
      speed.usd_output = slower(per_second * one->generate / generated * kMillion, range);
      speed.usd_input = slower(per_second * one->prompt / static_cast<double>(speed.prompt) * kMillion, prompt_range);
    }
    if (device.power.value > 0) {
      const double watts = device.power.value * static_cast<double>(fit.layout.devices());
      const double seconds = 1 / speed.total->likely;
      // Speed and power are each between their bounds; low and high of both together would be too wide by half.
      speed.joules =
          Estimate{watts * constants->power * constants->watts.low * seconds, watts * constants->power * seconds,
                   watts * constants->power * constants->watts.high * seconds};
      speed.joules->low = std::min(speed.joules->low, watts * constants->power / speed.total->high);
      speed.joules->high = std::max(speed.joules->high, watts * constants->power / speed.total->low);
      speed.grid = request.speed.grid ? *request.speed.grid : catalog.grid(kDefaultGrid);
      constexpr double kJoulesOfWattHour = 3600;
      speed.watt_hours = times(*speed.joules, 1000 / kJoulesOfWattHour);
      speed.co2e_grams = times(*speed.watt_hours, speed.grid.g_per_kwh / 1000);
    }
  }
  fit.speed = std::move(speed);
}

}  // namespace paramcount
