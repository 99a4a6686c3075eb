// Meta's original checkpoints: consolidated.00.pth and so on, one per tensor-parallel rank, and params.json. Matrices
// are split along an axis that depends on the kind of layer; everything else is replicated. Source: transformers,
// models/llama/convert_llama_weights_to_hf.py (write_model).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "paramcount/read/checkpoint.hpp"

namespace paramcount {

/// "consolidated.00.pth".
[[nodiscard]] bool is_meta_shard(std::string_view name);

/// Paths of the parts in a folder, or next to the first of them, in order; none where the path is neither. Throws Error
/// where one is missing, or a later one is named.
[[nodiscard]] std::vector<std::string> meta_shards_of(const std::string& path);

/// Joins them. A matrix divided along the axis of its kind has to have its other size, and the sizes that params.json
/// says; what contradicts that, or is of no known kind, is refused by name.
[[nodiscard]] Checkpoint read_meta_shards(const std::string& path, const std::vector<std::string>& shards);

}  // namespace paramcount
