// An optimizer: a row of data/optimizers.json.
#pragma once

#include <string>
#include <vector>

namespace paramcount {

/// Bytes per trained parameter.
struct Optimizer {
  std::string id;
  std::string name;
  std::vector<std::string> aliases;
  double weights{0};  ///< as multiplied with
  double gradients{0};
  double master{0};  ///< a copy of the weights in full precision
  double states{0};  ///< moments, velocities
  std::string source;

  [[nodiscard]] double bytes_per_parameter() const { return weights + gradients + master + states; }
};

}  // namespace paramcount
