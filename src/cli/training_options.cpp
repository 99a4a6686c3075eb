#include "cli/training_options.hpp"

#include "base/numbers.hpp"
#include "base/text.hpp"
#include "paramcount/base/error.hpp"
#include "paramcount/estimate/defaults.hpp"

namespace paramcount {
namespace {

constexpr double kMostTokens = 1e18;
constexpr std::uint64_t kMostDevices = 1'000'000'000;
constexpr double kMostDollars = 1e15;

}  // namespace

void add_training_options(OptionSet& set, TrainingOptions& o, const std::string& devices_default, const char* group,
                          const char* price_group) {
  const std::string or_published = "; default as published, or ";
  set.option("--tokens", o.tokens, "N",
             "training tokens (15T, 300B)" + or_published + fixed(kDefaultTokensPerParameter, 0) + " per parameter",
             group);
  set.option("--device", o.device, "NAME",
             "accelerator (rtx-4090, 2x4090, m4-max:64GB), here, or memory=48GiB,bandwidth=864GB/s,..." + or_published +
                 std::string(kDefaultDevice),
             group);
  set.option("--devices", o.devices, "N", "number of accelerators" + or_published + devices_default, group);
  set.option("--mfu", o.mfu, "X", "model FLOPs utilisation, 0.41 or 41%" + or_published + fixed(kDefaultMfu, 2), group);
  set.option("--price", o.price, "X", "dollars per device-hour; default the median of dated quotes", price_group);
}

void read_training_options(const TrainingOptions& o, const Catalog& catalog, TrainingRequest& request) {
  if (!o.tokens.empty()) request.tokens = read_tokens(o.tokens);
  if (!o.devices.empty()) request.devices = read_devices(o.devices);
  if (!o.device.empty()) {
    std::optional<std::uint64_t> devices;
    if (request.devices) devices = static_cast<std::uint64_t>(*request.devices);
    NamedDevice named = read_device(o.device, o.devices, devices, catalog);
    request.device = std::move(named.device);
    if (named.count) request.devices = static_cast<double>(*named.count);
  }
  if (!o.mfu.empty()) request.mfu = read_share(o.mfu, "--mfu");
  if (!o.price.empty()) request.price = read_dollars(o.price, "--price");
}

NamedDevice read_device(const std::string& text, const std::string& devices_text,
                        const std::optional<std::uint64_t>& devices, const Catalog& catalog) {
  NamedDevice named = find_device(text, catalog);
  if (named.count && devices && *named.count != *devices) {
    throw usage_error("--device " + printable(text) + ": that is " + std::to_string(*named.count) +
                      ", and --devices says " + printable(devices_text));
  }
  if (!named.count) named.count = devices;
  return named;
}

double read_tokens(const std::string& text) {
  const double tokens = parse_number(text, "--tokens", false, kMostTokens);
  if (tokens < 1) throw usage_error("--tokens " + printable(text) + ": at least 1");
  return tokens;
}

double read_devices(const std::string& text) {
  return static_cast<double>(parse_count(text, "--devices", false, kMostDevices));
}

double read_share(const std::string& text, const std::string& option) {
  if (text.ends_with('%')) return parse_number(trim(text.substr(0, text.size() - 1)), option, false, 100) / 100;
  return parse_number(text, option, false, 1);
}

double read_dollars(const std::string& text, const std::string& option) {
  std::string_view digits = trim(text);
  if (digits.starts_with('$')) digits.remove_prefix(1);
  return parse_number(digits, option, false, kMostDollars);
}

Grid read_grid(const std::string& text, const Catalog& catalog) {
  const char first = text.front();
  if ((first < '0' || first > '9') && first != '.') return catalog.grid(text);
  Grid grid;
  grid.id = "given";
  grid.name = "as given";
  grid.source = "--grid";
  grid.g_per_kwh = parse_number(text, "--grid", false, 1e5);
  return grid;
}

}  // namespace paramcount
