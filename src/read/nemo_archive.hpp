// NeMo archives: a tar of a config, a tokenizer and weights, of which the first two are read.
#pragma once

#include <string>

#include "paramcount/base/value.hpp"

namespace paramcount {

/// The config in a .nemo or .qnemo, with its vocabulary if only the tokenizer next to it gives that. Throws Error,
/// unlocated.
[[nodiscard]] Value read_nemo_config(const std::string& path);

}  // namespace paramcount
