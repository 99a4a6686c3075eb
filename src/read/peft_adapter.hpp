// PEFT adapters on disk: a folder with an adapter_config.json and adapter_model.safetensors, or either file alone.
#pragma once

#include <memory>
#include <string>

#include "paramcount/catalog/catalog.hpp"
#include "paramcount/catalog/model.hpp"

namespace paramcount {

/// Whether the path is an adapter's config, or a folder that holds an adapter and no model.
[[nodiscard]] bool is_peft_adapter(const std::string& path);

/// Reads the config, and of a folder the headers of the weights where there are any. Throws Error at a config that is
/// no adapter's.
[[nodiscard]] Model read_peft_adapter_model(const std::string& path);

/// The adapter_config.json next to weights; empty if there is none.
[[nodiscard]] std::string adapter_config_beside(const std::string& path);
/// Throws Error naming the file if it is not an adapter's config.
[[nodiscard]] Value read_adapter_config(const std::string& file);

/// The model that the adapter's config names: of the catalog, or a folder on disk next to the adapter or where the name
/// says; nullptr: neither.
[[nodiscard]] std::shared_ptr<const Model> find_base_model(const Model& adapter, const Catalog& catalog);

}  // namespace paramcount
