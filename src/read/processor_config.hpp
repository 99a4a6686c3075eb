// What lies beside a config.json and says how images and sound are prepared.
#pragma once

#include "paramcount/base/value.hpp"
#include "paramcount/catalog/model.hpp"

namespace paramcount {

/// The preprocessor_config.json beside the model's config, or the image_processor of its processor_config.json; null
/// where there is none, as of the catalog's models. Throws Error when it cannot be read.
[[nodiscard]] Value read_processor_config(const Model& model);

}  // namespace paramcount
