// Compares an architecture with a checkpoint, tensor by tensor: found, missing, unexpected or misshapen.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "paramcount/base/units.hpp"

namespace paramcount {

struct Verification {
  /// Tensors of one kind and shape; several share a name with their numbers as ranges: "layers.{0–31}.norm.bias".
  struct Item {
    std::string name;
    std::uint64_t copies{1};
    std::vector<std::uint64_t> shape;  ///< of a misshapen one the shape expected
    std::vector<std::uint64_t> found;  ///< of a misshapen one the shape found
    std::string remark;                ///< what it is or may be; can be empty
  };
  /// A renaming that made names agree.
  struct Spelling {
    std::string from, to;  ///< as the file spells it, as the family does
    std::uint64_t tensors{0};
  };

  std::string family;                 ///< id of the family the files were checked against
  std::uint64_t expected_tensors{0};  ///< parameters only: no buffers, no multi-token prediction
  std::uint64_t agreeing_tensors{0};  ///< of these, found in the shape expected
  std::vector<Item> missing, unexpected, misshapen;
  std::vector<Item> known;  ///< stored but not parameters, or optional parameters
  std::vector<Spelling> spellings;
  Params expected;
  Params found;  ///< all parameters of the file, including unexpected ones

  [[nodiscard]] bool reconciles() const { return missing.empty() && unexpected.empty() && misshapen.empty(); }
};

}  // namespace paramcount
