#include "cli/speed_options.hpp"

#include <set>

#include "base/numbers.hpp"
#include "base/text.hpp"
#include "cli/training_options.hpp"
#include "paramcount/base/error.hpp"
#include "paramcount/estimate/defaults.hpp"

namespace paramcount {
namespace {

constexpr std::uint64_t kMostTokens = 1'000'000'000'000;

double above_zero(const std::string& text, const char* option, double most) {
  const double number = parse_number(text, option, false, most);
  if (!(number > 0)) throw usage_error(std::string(option) + " " + printable(text) + ": expected more than 0");
  return number;
}

/// Throws Error where no device has a quote of that kind.
void require_pricing(const std::string& kind, const Catalog& catalog) {
  std::set<std::string> known;
  catalog.each_name(Device::kTable, [&](std::string_view id, bool is_id) {
    if (!is_id) return;
    for (const auto& quote : catalog.device(id)->prices) known.insert(quote.pricing.text());
  });
  if (known.contains(kind)) return;
  std::string text;
  for (const auto& one : known) text += (text.empty() ? "'" : ", '") + one + "'";
  throw usage_error("--pricing " + printable(kind) + ": no device has such quotes; known: " + text);
}

/// "89.6GB/s", or a number of these.
double read_bandwidth(const std::string& text) {
  std::string number = text;
  if (const auto unit = lower(text).find("gb/s"); unit != std::string::npos && unit + 4 == text.size()) {
    number = trim(text.substr(0, unit));
  }
  constexpr double kMost = 1e6;
  return above_zero(number, "--ram-bandwidth", kMost) * 1e9;
}

}  // namespace

void add_speed_options(OptionSet& set, SpeedOptions& o) {
  set.option("--prompt", o.prompt, "N", "prompt tokens per request; default " + grouped(kUsualPrompt), "Speed");
  set.option("--generate", o.generate, "N", "generated tokens per request; default " + grouped(kUsualGenerate),
             "Speed");
  set.option("--min-tokens-per-second", o.least, "X",
             "find the largest batch that still gives each sequence this many tokens per second", "Speed");
  set.option("--ram-bandwidth", o.ram_bandwidth, "B",
             "bandwidth of host memory, for what is offloaded to it; default 89.6 GB/s, two channels of DDR5-5600",
             "Speed");
  set.option(
      "--pricing", o.pricing, "KIND",
      "kind of price quotes, such as \"on-demand, hyperscaler\"; default on-demand, with no fallback to another kind",
      "Cost");
  set.flag("--buy", o.buy, "cost of buying and powering the device instead of renting it", "Cost");
  set.option("--years", o.years, "X", "with --buy: years of continuous use; default 3", "Cost");
  set.option("--kwh-price", o.usd_per_kwh, "X",
             "with --buy: dollars per kWh; default " + shortest(kDefaultDollarsPerKwh) + ", US industry", "Cost");
  set.option("--grid", o.grid, "NAME|X",
             "carbon intensity of the electricity: a name from 'list grids', or grams of CO2e per kWh; default " +
                 std::string(kDefaultGrid),
             "Cost");
}

SpeedRequest read_speed_options(const SpeedOptions& o, const Catalog& catalog) {
  SpeedRequest request;
  if (!o.prompt.empty()) request.prompt = parse_count(o.prompt, "--prompt", true, kMostTokens);
  if (!o.generate.empty()) request.generate = parse_count(o.generate, "--generate", true, kMostTokens);
  constexpr double kMostSpeed = 1e9;
  if (!o.least.empty()) request.least = above_zero(o.least, "--min-tokens-per-second", kMostSpeed);
  if (!o.ram_bandwidth.empty()) request.host_bandwidth = read_bandwidth(o.ram_bandwidth);
  request.pricing = o.pricing;
  if (!o.pricing.empty()) require_pricing(o.pricing, catalog);
  request.buy = o.buy;
  if (!o.buy && !o.years.empty()) throw usage_error("--years: only applies with --buy");
  if (!o.buy && !o.usd_per_kwh.empty()) throw usage_error("--kwh-price: only applies with --buy");
  if (o.buy && !o.pricing.empty()) throw usage_error("--pricing, --buy: rent or buy; give one");
  constexpr double kMostYears = 100;
  if (!o.years.empty()) request.years = above_zero(o.years, "--years", kMostYears);
  constexpr double kMostPrice = 1000;
  if (!o.usd_per_kwh.empty()) request.usd_per_kwh = above_zero(o.usd_per_kwh, "--kwh-price", kMostPrice);
  if (!o.grid.empty()) request.grid = read_grid(o.grid, catalog);
  return request;
}

}  // namespace paramcount
