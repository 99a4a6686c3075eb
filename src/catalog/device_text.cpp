// Devices written out on the command line.
#include <array>
#include <charconv>

#include "base/spelling.hpp"
#include "base/text.hpp"
#include "paramcount/base/error.hpp"
#include "paramcount/catalog/device.hpp"

namespace paramcount {
namespace {

struct Unit {
  std::string_view name;  ///< lower case
  double factor;
};

constexpr std::array<Unit, 8> kBytes{
    {{"gib", 0x1p30}, {"mib", 0x1p20}, {"tib", 0x1p40}, {"gb", 1e9}, {"mb", 1e6}, {"tb", 1e12}, {"kb", 1e3}, {"b", 1}}};
constexpr std::array<Unit, 4> kBandwidths{{{"gb/s", 1e9}, {"tb/s", 1e12}, {"mb/s", 1e6}, {"b/s", 1}}};
constexpr std::array<Unit, 12> kSpeeds{{{"tflop/s", 1e12},
                                        {"pflop/s", 1e15},
                                        {"gflop/s", 1e9},
                                        {"tflops", 1e12},
                                        {"pflops", 1e15},
                                        {"gflops", 1e9},
                                        {"top/s", 1e12},
                                        {"tops", 1e12},
                                        {"t", 1e12},
                                        {"p", 1e15},
                                        {"flop/s", 1},
                                        {"flops", 1}}};
constexpr std::array<Unit, 3> kWatts{{{"w", 1}, {"kw", 1e3}, {"", 1}}};
constexpr std::array<Unit, 2> kPrices{{{"/h", 1}, {"", 1}}};
constexpr std::array<std::string_view, 8> kPeakFormats{"fp64", "fp32", "tf32", "fp16", "bf16", "fp8", "int8", "fp4"};

template <std::size_t N>
double quantity(std::string_view text, std::string_view key, const std::array<Unit, N>& units) {
  const auto fail = [&](const std::string& what) {
    return usage_error("--device " + std::string(key) + "=" + printable(text) + ": " + what);
  };
  std::string_view digits = text;
  if (digits.starts_with('$')) digits.remove_prefix(1);
  double value{};
  const auto result = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  const std::string unit =
      lower(trim({result.ptr, static_cast<std::size_t>(digits.data() + digits.size() - result.ptr)}));
  if (result.ec != std::errc{} || !(value > 0) || !(value < 1e24)) throw fail("expected an amount above 0");
  std::string known;
  for (const auto& one : units) {
    if (one.name == unit) return value * one.factor;
    known += (known.empty() ? "" : ", ") + std::string(one.name);
  }
  throw fail(unit.empty() ? "which unit? " + known
                          : "'" + printable(unit) + "' is not one of its units; known: " + known);
}

}  // namespace

Device parse_device(std::string_view text) {
  Device device;
  device.id = device.name = "custom";
  device.source = "as given";
  device.written_out = true;
  for (const auto part : split(text, ',')) {
    const auto at = part.find('=');
    const std::string key = lower(trim(part.substr(0, at)));
    const std::string_view value = at == std::string_view::npos ? std::string_view{} : trim(part.substr(at + 1));
    if (key == "name") {
      device.name = printable(value);
    } else if (key == "memory") {
      device.memory = {static_cast<std::uint64_t>(quantity(value, key, kBytes))};
    } else if (key == "bandwidth") {
      device.bandwidth = quantity(value, key, kBandwidths);
    } else if (key == "watts") {
      device.power = {quantity(value, key, kWatts)};
    } else if (key == "price") {
      device.prices.push_back({{quantity(value, key, kPrices)}, "on-demand", "as given", "", "as given"});
    } else {
      Suggestions suggestions(key);
      bool known = false;
      for (const auto format : kPeakFormats) {
        known = known || format == key;
        suggestions.consider(format);
      }
      for (const std::string_view name : {"name", "memory", "bandwidth", "watts", "price"}) suggestions.consider(name);
      if (!known) {
        throw usage_error("--device " + printable(part) +
                          ": expected memory=, bandwidth=, watts=, price=, name= or a " +
                          "peak such as fp16=181TFLOP/s." + suggestions.hint());
      }
      device.peak.emplace_back(key, FlopsPerSecond{quantity(value, key, kSpeeds)});
    }
  }
  return device;
}

}  // namespace paramcount
