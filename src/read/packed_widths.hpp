// How many bits, in groups of what size, the configs beside a checkpoint say that its packed weights have.
#pragma once

#include <string>
#include <vector>

#include "paramcount/base/value.hpp"
#include "paramcount/catalog/packed_format.hpp"

namespace paramcount {

/// Every pair of bits and group size in a quantiser's settings, for all weights or for some; those of activations,
/// caches and scales left out.
[[nodiscard]] std::vector<PackedWidth> packed_widths(const Value& settings);

/// Those of the config.json beside a checkpoint, else of the quantisers' own files there. Files that cannot be read say
/// nothing.
[[nodiscard]] std::vector<PackedWidth> read_packed_widths(const std::string& checkpoint);

}  // namespace paramcount
