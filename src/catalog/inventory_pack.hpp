// An Inventory as bytes: what the models of the built-in catalog expand to, made when the program is built.
#pragma once

#include <string>
#include <string_view>

#include "paramcount/count/inventory.hpp"

namespace paramcount {

/// Precondition: not of a checkpoint.
[[nodiscard]] std::string pack_inventory(const Inventory& inventory);

/// Throws Error when the bytes are not what pack_inventory() makes.
[[nodiscard]] Inventory unpack_inventory(std::string_view bytes);

}  // namespace paramcount
