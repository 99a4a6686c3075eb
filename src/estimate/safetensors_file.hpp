// The safetensors files that a quantiser would write for a model: number of tensors and header size.
#pragma once

#include <optional>

#include "paramcount/estimate/weights.hpp"

namespace paramcount {

/// Of formats whose writers store each matrix as several tensors under known names; nothing for others.
[[nodiscard]] std::optional<SafetensorsFile> safetensors_file(const Inventory& inventory, const WeightFormat& format);

}  // namespace paramcount
