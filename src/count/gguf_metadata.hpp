// The metadata of a GGUF: single values, and the dimensions that all architectures name the same way.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "paramcount/base/value.hpp"
#include "paramcount/count/gguf.hpp"
#include "paramcount/read/checkpoint.hpp"

namespace paramcount {

/// By its key without the architecture; nullptr: there is none.
[[nodiscard]] const Value* find_metadata(const Checkpoint& checkpoint, std::string_view arch, std::string_view key);
/// The one value of a list of equal ones, or of a list that is zero elsewhere; else nothing.
[[nodiscard]] std::optional<Value> only_value(const Value::List& list);
/// A number, by its key without the architecture; a value for each layer counts if all are the same. 0: there is none.
[[nodiscard]] std::uint64_t metadata_count(const Checkpoint& checkpoint, std::string_view arch, std::string_view key);
/// Items of a list, by its whole key, also of one too long to be kept; 0: there is none.
[[nodiscard]] std::uint64_t metadata_length(const Checkpoint& checkpoint, std::string_view key);

/// The blocks of multi-token prediction, which follow the layers: <arch>.nextn_predict_layers of <arch>.block_count.
struct MtpBlocks {
  std::uint64_t first{UINT64_MAX};
  std::uint64_t count{0};
  bool stored{false};  ///< the file holds their tensors; else they are in a separate file
};
[[nodiscard]] MtpBlocks mtp_blocks(const Checkpoint& checkpoint);
/// The number of the block that the tensor belongs to; nothing outside the blocks.
[[nodiscard]] std::optional<std::uint64_t> block_of(std::string_view name);

/// Of an architecture that no family describes: its dimensions into `inventory`, whose caches stay unknown.
GgufInventory read_metadata(const Checkpoint& checkpoint, const std::string& arch, Inventory& inventory);

}  // namespace paramcount
