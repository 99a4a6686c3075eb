// What the files of a checkpoint hold, summed up: number formats, what quantisers keep beside the weights, and how far
// the architecture explains it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "paramcount/base/units.hpp"
#include "paramcount/read/checkpoint.hpp"

namespace paramcount {

struct StoredSummary {
  struct Share {
    std::string name;  ///< of weights the number format: "bf16", "int4 (gptq)"; beside them what they are: "scales"
    std::uint64_t tensors{0};
    std::uint64_t elements{0};  ///< of packed weights the weights, not the words
    Bytes bytes;
  };

  CheckpointFormat format{};
  std::uint64_t files{0}, tensors{0};
  std::uint64_t header_bytes{0}, file_bytes{0};
  std::vector<Share> weights;  ///< most bytes first
  std::vector<Share> beside;   ///< scales, zero points, buffers, tied copies: no parameters
  Bytes bytes;                 ///< of the weights and what is needed to read them
  double bits_per_weight{0};
  std::uint64_t scales{0};      ///< elements
  bool explained{false};        ///< a family is known; the next two are by it
  std::uint64_t missing{0};     ///< tensors the family has and the files lack
  std::uint64_t unexpected{0};  ///< tensors the files have and the family lacks, or in another shape
  std::uint64_t unnamed{0};     ///< parameters whose role is not known
  bool other_model{false};      ///< a family was named, but the tensors are not its own: it is not used
};

}  // namespace paramcount
