// The step between a family expanded with its GGUF rows and the GGUF inventory.
#pragma once

#include "paramcount/catalog/family.hpp"
#include "paramcount/count/gguf.hpp"

namespace paramcount {

/// `inventory` is of the family with `gguf.tensors` among its rows. Throws Error when a tensor has no GGUF name.
[[nodiscard]] GgufInventory to_gguf(const Inventory& inventory, const Family::Gguf& gguf);

}  // namespace paramcount
