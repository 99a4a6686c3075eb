#include "paramcount/estimate/decode.hpp"

#include <algorithm>

#include "base/numbers.hpp"
#include "base/text.hpp"
#include "paramcount/base/error.hpp"

namespace paramcount {

DecodeBound decode_bound(Bytes read_weights, Bytes held_weights, Bytes cache, Flops step, std::uint64_t sequences,
                         const SharedDevice& device, std::uint64_t devices,
                         const std::optional<DollarsPerHour>& price) {
  if (!(device->bandwidth > 0)) {
    if (!device->written_out) throw Error(device->name + ": its memory bandwidth is not known");
    throw usage_error("--device: no memory bandwidth of " + printable(device->name) +
                      " is given; add it, such as bandwidth=864GB/s");
  }
  if (device->memory.value == 0 && devices == 0) {
    throw usage_error("--device: no memory of " + printable(device->name) +
                      " is given; add it, such as memory=48GiB, or --devices");
  }
  DecodeBound bound;
  bound.weights = read_weights;
  bound.cache = cache;
  bound.device = device;
  bound.sequences = sequences;
  bound.devices_given = devices > 0;
  const Bytes held = held_weights + cache;
  const auto least = device->memory.value == 0 ? 1 : ceil_div(held.value, device->memory.value);
  bound.devices = bound.devices_given ? devices : std::max<std::uint64_t>(1, least);
  if (bound.devices < least) {
    bound.impossible = "impossible: weights and cache take " + fixed(static_cast<double>(held.value) / 1e9, 2) +
                       " GB; at least " + std::to_string(least) + " × " + device->name + " are needed";
  }
  const double speed = device->bandwidth * static_cast<double>(bound.devices);
  bound.step = {static_cast<double>((read_weights + cache).value) / speed};
  FlopsPerSecond peak{};
  for (const auto& [format, value] : device->peak) peak = std::max(peak, value);
  if (peak.value > 0) {
    const Seconds computing{step.value / (peak.value * static_cast<double>(bound.devices))};
    bound.step = std::max(bound.step, computing);
  }
  bound.tokens_per_second = static_cast<double>(sequences) / bound.step.value;
  bound.price = price;
  if (price) {
    const Seconds device_time{1000 / bound.tokens_per_second * static_cast<double>(bound.devices)};
    bound.per_thousand = *price * device_time;
  }
  return bound;
}

}  // namespace paramcount
