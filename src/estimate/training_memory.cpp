#include "paramcount/estimate/training_memory.hpp"

#include <cmath>

#include "base/numbers.hpp"
#include "paramcount/base/checked.hpp"

namespace paramcount {
namespace {

constexpr std::uint64_t kHost = 8;  ///< devices of one

/// Why a device cannot hold its share, and what could.
std::string does_not_fit(const TrainingMemory& memory, Bytes frozen, const Device& device) {
  std::string text = "impossible: weights, gradients and optimizer states take " + in_gib(memory.total().value) +
                     " of each " + device.name + " (" + in_gib(device.memory.value) + ") under ZeRO-" +
                     std::to_string(memory.stage);
  if (memory.stage < 3 && memory.by_stage[3] <= device.memory) {
    text += ". --zero 3 takes " + in_gib(memory.by_stage[3].value);
  } else {
    text += ". At least --devices " +
            std::to_string(fewest_devices(memory.trained, memory.optimizer, frozen, device.memory)) +
            " under ZeRO-3, or --lora, or a lighter --optimizer";
  }
  return text;
}

}  // namespace

TrainingMemory training_memory(Params trained, const Optimizer& optimizer, std::uint64_t stage, std::uint64_t ranks,
                               Bytes frozen) {
  const auto share = [&](double bytes_each, std::uint64_t from_stage) {
    const double bytes = bytes_each * static_cast<double>(trained.value);
    const double divided = stage >= from_stage ? bytes / static_cast<double>(ranks) : bytes;
    if (!(divided < 0x1p63)) throw_overflow();
    return Bytes{static_cast<std::uint64_t>(std::ceil(divided))};
  };
  TrainingMemory memory;
  memory.optimizer = optimizer;
  memory.trained = trained;
  memory.stage = stage;
  memory.ranks = ranks;
  memory.weights = share(optimizer.weights, 3);
  memory.gradients = share(optimizer.gradients, 2);
  memory.master = share(optimizer.master, 1);
  memory.states = share(optimizer.states, 1);
  memory.frozen = stage < 3 ? frozen : Bytes{ceil_div(frozen.value, ranks)};
  return memory;
}

std::uint64_t fewest_devices(Params trained, const Optimizer& optimizer, Bytes frozen, Bytes room) {
  const auto fits = [&](std::uint64_t devices) {
    return training_memory(trained, optimizer, 3, devices, frozen).total() <= room;
  };
  for (const std::uint64_t few : {1U, 2U, 4U}) {
    if (fits(few)) return few;
  }
  const std::uint64_t whole = training_memory(trained, optimizer, 0, 1, frozen).total().value;
  std::uint64_t devices = whole / room.value + 1;
  devices += (kHost - devices % kHost) % kHost;
  while (!fits(devices)) devices += kHost;
  return devices;
}

TrainingMemory plan_memory(Params trained, const Optimizer& optimizer, Bytes frozen, std::uint64_t ranks,
                           const std::optional<std::uint64_t>& stage, const Device& device) {
  const bool limited = device.memory.value > 0;
  std::array<Bytes, kZeroStages> by_stage{};
  std::uint64_t lowest = kZeroStages - 1;
  for (std::uint64_t i = kZeroStages; i-- > 0;) {
    by_stage[i] = training_memory(trained, optimizer, i, ranks, frozen).total();
    if (!limited || by_stage[i] <= device.memory) lowest = i;
  }
  TrainingMemory memory = training_memory(trained, optimizer, stage.value_or(lowest), ranks, frozen);
  memory.stage_chosen = !stage;
  memory.by_stage = by_stage;
  if (limited && memory.total() > device.memory) memory.impossible = does_not_fit(memory, frozen, device);
  return memory;
}

}  // namespace paramcount
