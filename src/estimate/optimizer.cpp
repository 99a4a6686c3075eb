#include "paramcount/catalog/optimizer.hpp"

#include <cmath>

namespace paramcount {

TrainingState training_state(Params trained, const Optimizer& optimizer, std::uint64_t stage, std::uint64_t ranks) {
  const auto share = [&](double bytes_each, std::uint64_t from_stage) {
    const double bytes = bytes_each * static_cast<double>(trained.value);
    const double divided = stage >= from_stage ? bytes / static_cast<double>(ranks) : bytes;
    if (!(divided < 0x1p63)) throw_overflow();
    return Bytes{static_cast<std::uint64_t>(std::ceil(divided))};
  };
  return {share(optimizer.weights, 3), share(optimizer.gradients, 2), share(optimizer.master, 1),
          share(optimizer.states, 1)};
}

}  // namespace paramcount
