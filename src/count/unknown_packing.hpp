// Integers in a packing that count/packing.cpp does not know: which weights they are by the family's word, or why they
// are refused. Without this a checkpoint of codes would count as its norms and its embedding.
#pragma once

#include "count/matching.hpp"
#include "count/packing.hpp"

namespace paramcount {

/// Gives groups of StoredPart::unknown the names of the weights they seem to be: "…q_proj.weight" for "…q_proj.Qidxs".
/// What the family, or everyone, knows for a buffer becomes StoredPart::integer; what stands beside such weights
/// StoredPart::rest.
void name_unknown(StoredWeights& stored, const Inventory& family, const Spellings& spellings);

/// Whether a tensor of several readings may have that shape; of one without readings nothing is known.
[[nodiscard]] bool may_be(const StoredWeights& stored, std::uint32_t tensor, const std::vector<std::uint64_t>& shape);

/// After matching: the family's shapes for the weights so named. Throws Error "<name>: packed format not understood
/// ..." when the family has no such weight, or one that cannot lie in so many bytes.
void shape_unknown(StoredWeights& stored, const Inventory& family, const Matching& matching);

/// Throws the same Error for the first group that would be a weight by its packing; buffers become integers. Those that
/// are undecided are left where a family decides.
void refuse_unknown(StoredWeights& stored, const Spellings& spellings, bool family_decides = false);

}  // namespace paramcount
