// The processor settings next to a config.json, for images and sound.
#pragma once

#include "paramcount/base/value.hpp"
#include "paramcount/catalog/media_rule.hpp"
#include "paramcount/catalog/model.hpp"

namespace paramcount {

/// The processor's settings for images or for sound, as the library reads them: the part of processor_config.json that
/// is for them, else preprocessor_config.json; what processor_config.json says beside its parts comes on top. Null
/// where neither is there, as of the catalog's models. Throws Error when one cannot be read.
[[nodiscard]] Value read_processor_config(const Model& model, MediaKind kind);

/// Reads both files into the model while its folder is there. Throws as the above does.
void keep_processor_config(Model& model);

}  // namespace paramcount
