// Finds the family that a config names: by model_type, unless a row of data/config_kinds.json matches, such as for a
// draft model with the model_type of its layer, or another tool's config without one.
#pragma once

#include <string>

#include "paramcount/base/value.hpp"
#include "paramcount/catalog/catalog.hpp"

namespace paramcount {

/// The family of the row of data/config_kinds.json that fits; nullptr where none names one. Changes the config and
/// throws as the next.
[[nodiscard]] const Family* family_of_kind(Value& config, const Catalog& catalog);

/// The id of the family. Members of the object that holds the dimensions are moved up to its level, where the config
/// has them not itself. Throws Error when no family is named, or none that is known; `config` is an object.
[[nodiscard]] const Family& family_of_config(Value& config, const Catalog& catalog);

/// Whether a row of data/config_kinds.json, whatever it says, fits the file; false if it is not a JSON object.
[[nodiscard]] bool is_known_kind(const std::string& path, const Catalog& catalog);

/// Throws Error "<path>: ..." when a file, by its name or first bytes, or a folder, by what it holds, is one that a
/// known tool writes and that is not read: what it is, and what to give instead.
void refuse_foreign(const std::string& path, const Catalog& catalog);

}  // namespace paramcount
