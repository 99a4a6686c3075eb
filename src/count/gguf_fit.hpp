// What a family's dimensions have to be for a GGUF file: read from its metadata, and from which tensors it has and what
// shapes they have. Whether the family then accounts for the file is another question (count/stored_model.cpp).
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "paramcount/checkpoint.hpp"
#include "paramcount/family.hpp"
#include "paramcount/value.hpp"

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

/// A number of the metadata, by its key without the architecture; a value for each layer counts if all are the same.
/// 0: there is none.
[[nodiscard]] std::uint64_t metadata_count(const Checkpoint& checkpoint, std::string_view arch, std::string_view key);

/// `family` has its `gguf` section, its rows among its tensors.
[[nodiscard]] std::vector<std::pair<std::string, Value>> fit_dims(const Family& family, const Checkpoint& checkpoint,
                                                                  const std::vector<StoredPattern>& patterns);

}  // namespace paramcount
