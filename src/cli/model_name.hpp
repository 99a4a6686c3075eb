// Resolves a command's MODEL argument: a path, a catalog model, a cached or remote model, or standard input.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "paramcount/catalog/catalog.hpp"
#include "paramcount/catalog/model.hpp"
#include "paramcount/estimate/weights.hpp"

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

/// The model of "ollama:name[:tag]" that Ollama keeps on this machine; nothing where it keeps none, and of other names.
[[nodiscard]] std::optional<Model> find_ollama_model(const std::string& name, const Catalog& catalog);

/// The path of a checkpoint: what is at it, or the path of a model that another program stores on this machine. Any
/// other name as it is.
[[nodiscard]] std::string checkpoint_path(const std::string& name);

/// The formats that the models' names say (Model::named_dtype), each once; nothing where no name says one. Beside such
/// names bf16 stands for a name that says none. For where --dtype is not given.
[[nodiscard]] std::vector<WeightFormat> formats_in_names(std::span<const Model> models, bool imatrix,
                                                         const Catalog& catalog);

/// What errors call the model: its id, or the path it was read from.
[[nodiscard]] std::string shown_name(const Model& model);

}  // namespace paramcount
