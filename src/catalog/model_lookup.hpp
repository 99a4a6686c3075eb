// Finds models by name, in folders and in the built-in catalog.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "catalog/catalog_folder.hpp"
#include "paramcount/catalog/catalog.hpp"

namespace paramcount {

/// The later wins, and all win over the built-in catalog.
using CatalogFolders = std::vector<std::unique_ptr<CatalogFolder>>;

/// By id or alias, whatever the letter case; without its published training. Throws Error when its file is wrong.
[[nodiscard]] std::optional<Model> find_model_file(const CatalogFolders& folders, std::string_view name);

/// Catalog::each_model().
void each_model_file(const CatalogFolders& folders, const std::function<void(const ModelListing&)>& visit);

}  // namespace paramcount
