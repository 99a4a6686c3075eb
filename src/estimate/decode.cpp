#include "paramcount/estimate/decode.hpp"

#include <algorithm>
#include <cmath>

#include "base/numbers.hpp"
#include "base/text.hpp"
#include "paramcount/base/checked.hpp"
#include "paramcount/base/error.hpp"
#include "paramcount/count/params.hpp"

namespace paramcount {
namespace {

bool is_read(const Tensor& tensor, const Tensor* tied) {
  if (!tensor.counts() || is_tower(tensor.role.kind) || tensor.role.kind == RoleKind::position) return false;
  return tensor.role.kind != RoleKind::embedding || &tensor == tied || tensor.role.suffix != RoleSuffix::none;
}

/// What of a tensor's bytes a step of so many sequences reads: of experts those that its tokens pick.
Bytes used(const Tensor& tensor, Bytes whole, std::uint64_t sequences) {
  if (sequences <= 1 || tensor.active_numerator == tensor.active_denominator) {
    return {checked_fraction(whole.value, tensor.active_numerator, tensor.active_denominator)};
  }
  const double one = static_cast<double>(tensor.active_numerator) / static_cast<double>(tensor.active_denominator);
  const double share = 1 - std::pow(1 - one, static_cast<double>(sequences));
  return {static_cast<std::uint64_t>(static_cast<double>(whole.value) * share)};
}

}  // namespace

Bytes decode_weight_bytes(const Inventory& inventory, const WeightFormat& format,
                          const std::optional<Sparsity>& sparsity, std::uint64_t sequences) {
  const Tensor* const tied = tied_head(inventory);
  Bytes sum{};
  for (const auto& tensor : inventory.tensors) {
    if (!is_read(tensor, tied)) continue;
    Inventory alone;
    alone.tensors = {tensor};
    const Bytes whole = sparsity
                            ? prune(alone, format, *sparsity).bytes
                            : Bytes{checked_mul(format.of(tensor.role).bytes_of(tensor.shape).value, tensor.copies)};
    sum += used(tensor, whole, sequences);
  }
  return sum;
}

namespace {

/// Each tensor that a step reads, with its bytes.
template <class Read>
void each_read(const GgufInventory& inventory, const GgufFile& file, const Read& read) {
  const bool has_head = std::any_of(inventory.tensors.begin(), inventory.tensors.end(), [](const Tensor& tensor) {
    return tensor.role.kind == RoleKind::head && tensor.role.is_matmul() && !tensor.mtp;
  });
  const Tensor* const tied = has_head ? nullptr : tied_table(inventory.tensors, inventory.vocab_size);
  for (const auto& tensor : file.tensors) {
    const Tensor& pattern = *tensor.pattern;
    if (is_read(pattern, tied)) read(tensor);
  }
}

void add(StepWeights& weights, const Tensor& tensor, Bytes bytes) {
  const auto size = static_cast<double>(bytes.value);
  if (tensor.active_numerator == tensor.active_denominator) {
    weights.always += size;
    return;
  }
  const double share = static_cast<double>(tensor.active_numerator) / static_cast<double>(tensor.active_denominator);
  for (auto& routed : weights.routed) {
    if (routed.share == share) {
      routed.bytes += size;
      return;
    }
  }
  weights.routed.push_back({size, share});
}

}  // namespace

Bytes decode_weight_bytes(const GgufInventory& inventory, const GgufFile& file, std::uint64_t sequences) {
  Bytes sum{};
  each_read(inventory, file, [&](const GgufTensor& tensor) { sum += used(*tensor.pattern, tensor.bytes, sequences); });
  return sum;
}

double StepWeights::bytes(double tokens) const {
  double sum = always;
  for (const auto& one : routed) sum += one.bytes * (1 - std::pow(1 - one.share, tokens));
  return sum;
}

void StepWeights::scale(double factor) {
  always *= factor;
  for (auto& one : routed) one.bytes *= factor;
}

StepWeights step_weights(const Inventory& inventory, const WeightFormat& format) {
  const Tensor* const tied = tied_head(inventory);
  StepWeights weights;
  for (const auto& tensor : inventory.tensors) {
    if (!is_read(tensor, tied)) continue;
    add(weights, tensor, {checked_mul(format.of(tensor.role).bytes_of(tensor.shape).value, tensor.copies)});
  }
  return weights;
}

std::pair<StepWeights, StepWeights> step_weights(const GgufInventory& inventory, const GgufFile& file,
                                                 const OffloadSplit& split, std::uint64_t layers) {
  std::pair<StepWeights, StepWeights> weights;
  each_read(inventory, file, [&](const GgufTensor& tensor) {
    const bool expert = tensor.pattern->role.kind == RoleKind::expert;
    add(split.on_host(tensor.block, expert, layers) ? weights.second : weights.first, *tensor.pattern, tensor.bytes);
  });
  return weights;
}

DecodeBound decode_bound(Bytes read_weights, Bytes held_weights, Bytes cache, Flops step, std::uint64_t sequences,
                         const SharedDevice& device, std::uint64_t devices,
                         const std::optional<DollarsPerHour>& price) {
  if (!(device->bandwidth > 0)) {
    if (!device->written_out) throw Error(device->name + ": its memory bandwidth is not known");
    throw usage_error("--device: no memory bandwidth of " + printable(device->name) +
                      " is given; add one, such as bandwidth=864GB/s");
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
  const auto least = device->memory.value == 0 ? 1 : (held.value + device->memory.value - 1) / device->memory.value;
  bound.devices = bound.devices_given ? devices : std::max<std::uint64_t>(1, least);
  if (bound.devices < least) {
    bound.impossible = "impossible: weights and cache take " + fixed(static_cast<double>(held.value) / 1e9, 2) +
                       " GB; at least " + std::to_string(least) + " × " + device->name + " hold them";
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
