// Intermediate form between a family expanded with its GGUF rows and the GGUF inventory.
#pragma once

#include "paramcount/catalog/family.hpp"
#include "paramcount/count/gguf.hpp"

namespace paramcount {

/// `inventory` is of the family with `gguf.tensors` among its rows. Throws Error when a tensor has no GGUF name.
[[nodiscard]] GgufInventory to_gguf(const Inventory& inventory, const Family::Gguf& gguf);

/// Whether the config says that the checkpoint is fp16: the converter keeps that, and takes bf16 for all else.
[[nodiscard]] bool is_half(const Value& config);

}  // namespace paramcount
