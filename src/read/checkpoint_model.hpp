// A checkpoint as a model: its tensors, and the architecture named by the config.json next to it.
#pragma once

#include <string>

#include "paramcount/catalog/catalog.hpp"
#include "paramcount/catalog/model.hpp"

namespace paramcount {

/// Whether the path is, or holds, a checkpoint (also one that is refused), and not a config.json alone.
[[nodiscard]] bool is_checkpoint(const std::string& path);

/// The config that belongs to a checkpoint: the first of kConfigNames that its folder holds; empty when there is none.
[[nodiscard]] std::string config_beside(const std::string& path);

/// Reads the headers and, for safetensors, the config.json next to them. Without one, or when no family knows it, the
/// model has no family, and says why; nor has a GGUF, whose metadata are left to count.
[[nodiscard]] Model read_checkpoint_model(const std::string& path, const Catalog& catalog);

}  // namespace paramcount
