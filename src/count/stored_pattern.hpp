// Names of a GGUF checkpoint's tensors with the numbers taken out, so that the layers of a model fall together.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "paramcount/read/checkpoint.hpp"

namespace paramcount {

/// Tensors of one name but for the numbers in it.
struct StoredPattern {
  struct Entry {
    std::vector<std::uint64_t> numbers;  ///< in the order they stand in the name
    const StoredTensor* tensor;
  };
  std::string name;  ///< "blk.#.attn_q.weight"
  std::vector<Entry> entries;
};

/// The name with each number between dots replaced by '#'; the numbers are appended.
[[nodiscard]] std::string pattern_of(std::string_view name, std::vector<std::uint64_t>& numbers);
/// The same of a family's target: "blk.{layer}.attn_q.weight".
[[nodiscard]] std::string pattern_of_target(std::string_view target);

/// In the order of their first tensor.
[[nodiscard]] std::vector<StoredPattern> patterns_of(const Checkpoint& checkpoint);

/// The checkpoint with the experts of a layer stacked, as files made since April 2024 have them:
/// "blk.0.ffn_up.7.weight" and its neighbours become "blk.0.ffn_up_exps.weight". Nothing when there are no such
/// tensors.
[[nodiscard]] std::optional<Checkpoint> with_stacked_experts(const Checkpoint& checkpoint);

}  // namespace paramcount
