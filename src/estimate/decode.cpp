#include "paramcount/estimate/decode.hpp"

#include <algorithm>
#include <cmath>

#include "base/numbers.hpp"
#include "paramcount/base/checked.hpp"
#include "paramcount/base/error.hpp"
#include "paramcount/count/params.hpp"

namespace paramcount {
namespace {

bool is_read(const Tensor& tensor, const Tensor* tied) {
  if (!tensor.counts() || is_tower(tensor.role.kind) || tensor.role.kind == RoleKind::position) return false;
  return tensor.role.kind != RoleKind::embedding || &tensor == tied || tensor.role.suffix != RoleSuffix::none;
}

}  // namespace

Bytes decode_weight_bytes(const Inventory& inventory, const WeightFormat& format,
                          const std::optional<Sparsity>& sparsity, std::uint64_t sequences) {
  if (format.file_type) {
    throw usage_error(format.id +
                      ": what a token reads of a llama.cpp file is not known by role; name a number format");
  }
  const Tensor* const tied = tied_head(inventory);
  Bytes sum{};
  for (const auto& tensor : inventory.tensors) {
    if (!is_read(tensor, tied)) continue;
    Inventory alone;
    alone.tensors = {tensor};
    const Bytes whole = sparsity
                            ? prune(alone, format, *sparsity).bytes
                            : Bytes{checked_mul(format.of(tensor.role).bytes_of(tensor.shape).value, tensor.copies)};
    if (sequences <= 1 || tensor.active_numerator == tensor.active_denominator) {
      sum += Bytes{checked_fraction(whole.value, tensor.active_numerator, tensor.active_denominator)};
      continue;
    }
    const double one = static_cast<double>(tensor.active_numerator) / static_cast<double>(tensor.active_denominator);
    const double used = 1 - std::pow(1 - one, static_cast<double>(sequences));
    sum += Bytes{static_cast<std::uint64_t>(static_cast<double>(whole.value) * used)};
  }
  return sum;
}

DecodeBound decode_bound(Bytes read_weights, Bytes held_weights, Bytes cache, std::uint64_t sequences,
                         const SharedDevice& device, std::uint64_t devices,
                         const std::optional<DollarsPerHour>& price) {
  if (!(device->bandwidth > 0)) throw Error(device->name + ": its memory bandwidth is not known");
  DecodeBound bound;
  bound.weights = read_weights;
  bound.cache = cache;
  bound.device = device;
  bound.sequences = sequences;
  bound.devices_given = devices > 0;
  const Bytes held = held_weights + cache;
  const auto least = device->memory.value == 0 ? 1 : (held.value + device->memory.value - 1) / device->memory.value;
  bound.devices = bound.devices_given ? devices : std::max<std::uint64_t>(1, least);
  if (bound.devices < least) {
    throw Error("impossible: weights and cache take " + fixed(static_cast<double>(held.value) / 1e9, 2) +
                    " GB; at least " + std::to_string(least) + " × " + device->name + " hold them",
                ExitCode::no);
  }
  const double speed = device->bandwidth * static_cast<double>(bound.devices);
  bound.step = {static_cast<double>((read_weights + cache).value) / speed};
  bound.tokens_per_second = static_cast<double>(sequences) / bound.step.value;
  bound.price = price;
  if (price) {
    const Seconds device_time{1000 / bound.tokens_per_second * static_cast<double>(bound.devices)};
    bound.per_thousand = *price * device_time;
  }
  return bound;
}

}  // namespace paramcount
