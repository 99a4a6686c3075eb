// Extracts a config's text from JSON, from NeMo's and Megatron's YAML, or from a NeMo archive.
#pragma once

#include <string>
#include <string_view>

#include "paramcount/base/value.hpp"

namespace paramcount {

/// By the file's name. Throws Error "<path>: ..." or unlocated.
[[nodiscard]] Value read_config_file(const std::string& path);

[[nodiscard]] bool is_yaml(std::string_view path);

/// The config of a folder that has no config.json: of NeMo or Megatron Bridge. Empty: there is none.
[[nodiscard]] std::string foreign_config_in(const std::string& folder);

}  // namespace paramcount
