// The text of a config, from whatever it lies in: JSON, the YAML of NeMo and Megatron, an archive of NeMo.
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
