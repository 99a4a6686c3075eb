// A Hugging Face config.json as a model: the family that its model_type names, and the raw keys. The family interprets
// the keys.
#pragma once

#include <string>

#include "paramcount/base/value.hpp"
#include "paramcount/catalog/catalog.hpp"
#include "paramcount/catalog/model.hpp"

namespace paramcount {

/// Reads a config.json, a folder that holds one, or standard input for "-". Throws Error "<path>: ...".
[[nodiscard]] Model read_hf_config(const std::string& path, const Catalog& catalog);

/// The same from an object already parsed; `name` is what output calls the model.
[[nodiscard]] Model model_of_config(Value config, const std::string& name, const Catalog& catalog);

}  // namespace paramcount
