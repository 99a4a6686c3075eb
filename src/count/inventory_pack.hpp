// Serialises an Inventory: the expanded models of the built-in catalog, written at build time.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "paramcount/catalog/model.hpp"
#include "paramcount/count/inventory.hpp"

namespace paramcount {

/// The inventory that the model expands to, under a key made of everything that decides it except the family's file:
/// the family's name, the config and the dims. Precondition: not of a checkpoint.
[[nodiscard]] std::string pack_inventory(const Model& model, const Inventory& inventory);

/// Nothing when the model differs from the one that was packed in what its key is made of. Throws Error when the bytes
/// are not what pack_inventory() makes.
[[nodiscard]] std::optional<Inventory> unpack_inventory(const Model& model, std::string_view bytes);

}  // namespace paramcount
