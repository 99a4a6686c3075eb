// A path as a model with everything that belongs to it: the modules of modules.json (sentence-transformers), the
// components of model_index.json (diffusers), draft heads in subfolders; and the weights that are not counted. Sources:
// sentence_transformers/base/model.py and base/modules/router.py, diffusers/pipelines/pipeline_utils.py.
#pragma once

#include <string>
#include <vector>

#include "paramcount/catalog/catalog.hpp"
#include "paramcount/catalog/model.hpp"

namespace paramcount {

/// A config.json, a checkpoint, or a folder. Throws Error when what it is named for cannot be read; a part that cannot
/// is kept with its problem.
[[nodiscard]] Model read_model(const std::string& path, const Catalog& catalog);

/// Whether the folder has an index of its parts.
[[nodiscard]] bool has_parts(const std::string& folder);

/// Folders of the parts that the index lists, from that folder: "2_Dense". Throws Error when it cannot be read.
[[nodiscard]] std::vector<std::string> listed_parts(const std::string& folder);

}  // namespace paramcount
