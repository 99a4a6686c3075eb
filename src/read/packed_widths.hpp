// What the configs next to a checkpoint say about packed weights: a quantiser's settings, and their bits and group
// sizes.
#pragma once

#include <string>
#include <vector>

#include "paramcount/base/value.hpp"
#include "paramcount/catalog/packed_format.hpp"

namespace paramcount {

/// Every pair of bits and group size in a quantiser's settings, for all weights or for some; those of activations,
/// caches and scales left out.
[[nodiscard]] std::vector<PackedWidth> packed_widths(const Value& settings);

/// A quantiser's settings: in the config.json next to a checkpoint, else in the quantisers' own files there; null where
/// there are none. Files that cannot be read say nothing.
[[nodiscard]] Value read_packed_settings(const std::string& checkpoint);

}  // namespace paramcount
