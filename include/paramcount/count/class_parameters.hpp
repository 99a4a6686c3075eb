// The parameters of a model as the transformers 5 class stores them. The catalog lists tensors as checkpoints have
// them, but PEFT adapts the modules and parameters of the class: there the experts of most mixtures are one 3-D
// parameter, which is not a module, and a router's weight does not belong to an nn.Linear.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "paramcount/count/inventory.hpp"

namespace paramcount {

/// The kinds of module that PEFT can adapt; a `parameter` has none of its own.
enum class Holder : std::uint8_t { linear, embedding, convolution, parameter };

struct ClassParameter {
  Tensor tensor;  ///< its name, indices and shape are the class's; several tensors of the inventory where it fuses them
  Holder holder{Holder::parameter};
  bool transposed{false};  ///< a Conv1D's: [inputs, outputs]
  bool tied{false};        ///< a head that shares the input table: a module, but no tensor of the inventory

  /// The path of the module that holds it alone, "model.layers.{layer}.mlp.up_proj"; of a bare parameter its own path.
  [[nodiscard]] TensorName path() const;
};

/// How the families of a model differ from its class: paramcount/catalog/family.hpp, parts' included.
struct ClassFacts {
  struct Fusion {
    std::string whole;
    std::vector<std::string> parts;  ///< ends of names, folded
  };
  std::vector<Fusion> fused;
  std::vector<std::string> parameters;
  std::vector<std::string> transposed;
  std::vector<std::pair<std::string, std::string>> rename;
};

/// Those of the tensors that count. `head`: of a model with a tied head what the head would be, else empty.
[[nodiscard]] std::vector<ClassParameter> class_parameters(const Inventory& inventory, const ClassFacts& facts,
                                                           const std::vector<Tensor>& head);

}  // namespace paramcount
