// Weights packed in a format of data/packed.json: their shapes from those of their partners, and from the bits in the
// config where these are ambiguous.
#pragma once

#include <vector>

#include "count/packing.hpp"
#include "count/partners.hpp"
#include "paramcount/catalog/packed_format.hpp"

namespace paramcount {

/// Gives packed groups their weights' names and shapes and marks their companion tensors. `taken` says of each group
/// whether it is settled. Where the tensors contradict each other, the config or every format of those names, the group
/// is StoredPart::unknown and `why` says so; where several readings are left, they are kept in `readings`.
void unpack_known(StoredWeights& stored, Partners& partners, const std::vector<PackedFormat>& formats,
                  std::vector<bool>& taken);

}  // namespace paramcount
