// An optimizer: a row of data/optimizers.json.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace paramcount {

class Value;

/// Bytes per trained parameter.
struct Optimizer {
  static constexpr std::string_view kTable = "optimizers";
  [[nodiscard]] static Optimizer read(const Value& row);

  std::string id;
  std::string name;
  std::vector<std::string> aliases;
  double weights{0};  ///< as used in multiplications
  double gradients{0};
  double master{0};  ///< a copy of the weights in full precision
  double states{0};  ///< moments, velocities
  std::string source;

  [[nodiscard]] double bytes_per_parameter() const { return weights + gradients + master + states; }
};

}  // namespace paramcount
