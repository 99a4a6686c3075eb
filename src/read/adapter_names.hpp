// Parses names of adapter tensors: which part belongs to the adapter, and what is stored without being trained.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "paramcount/read/checkpoint.hpp"

namespace paramcount {

enum class AdapterSide : std::uint8_t { down, up, beside };

/// How names of low-rank matrices end: `down` is multiplied first. The rank is the last dimension of `up`, whatever the
/// module: of an embedding `down` is stored the other way round. `beside` stand magnitudes and biases.
struct AdapterEnding {
  std::string_view text;
  AdapterSide side;
};
/// nullptr: the name has none.
[[nodiscard]] const AdapterEnding* adapter_ending(std::string_view name);

/// Where in a name the adapter's own part begins, after the module's; npos: it has none.
[[nodiscard]] std::size_t adapter_part(std::string_view name);

/// Stored and not trained: a copy of the weight below the factors, or random projections that all layers share.
[[nodiscard]] bool is_frozen(std::string_view name);

/// The kind of a module: what follows the last number of its name, and of PEFT's names only the last word.
/// "blk.7.attn_q.weight" -> "attn_q"; "base_model.model.model.layers.7.mlp.up_proj" -> "up_proj".
[[nodiscard]] std::string module_kind(std::string_view module);

/// Whether most tensors have the names of PEFT's adapters or of low-rank matrices.
[[nodiscard]] bool names_adapter(const Checkpoint& checkpoint);

}  // namespace paramcount
