// What a command's MODEL names: a path, a model of the catalog, or standard input.
#pragma once

#include <string>

#include "paramcount/catalog/catalog.hpp"
#include "paramcount/catalog/model.hpp"

namespace paramcount {

/// A catalog name, a checkpoint, a config.json, a folder with one of these, a model elsewhere (remote/remote_name.hpp),
/// or "-" for standard input.
[[nodiscard]] Model find_model(const std::string& name, const Catalog& catalog);
/// The same of a catalog name alone: nothing is looked for on disk.
[[nodiscard]] Model find_catalog_model(const std::string& name, const Catalog& catalog);
/// As find_model(), for questions about the architecture. Throws Error where its makers keep that to themselves.
[[nodiscard]] Model find_disclosed_model(const std::string& name, const Catalog& catalog);
/// The same for questions that only a whole model answers: files that serve one, such as an adapter, are refused.
[[nodiscard]] Model find_whole_model(const std::string& name, const Catalog& catalog);
void require_whole_model(const Model& model);

/// What errors call the model: its id, or the path it was read from.
[[nodiscard]] std::string shown_name(const Model& model);

}  // namespace paramcount
