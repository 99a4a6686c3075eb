// What the module of an adapter's tensor is called.
#pragma once

#include <string>
#include <string_view>

namespace paramcount {

/// The kind of a module: what follows the last number of its name, and of PEFT's names only the last word.
/// "blk.7.attn_q.weight" -> "attn_q"; "base_model.model.model.layers.7.mlp.up_proj" -> "up_proj".
[[nodiscard]] std::string module_kind(std::string_view module);

}  // namespace paramcount
