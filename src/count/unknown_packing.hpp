// Integers in a packing that count/packing.cpp does not know: their weights by the family's shapes, or why they are
// refused. Otherwise such a checkpoint would count only its norms and embedding.
#pragma once

#include "count/matching.hpp"
#include "count/packing.hpp"

namespace paramcount {

/// Gives groups of StoredPart::unknown the names of the weights they seem to be: "…q_proj.weight" for "…q_proj.Qidxs".
/// Known buffers become StoredPart::integer; companions of such weights
/// StoredPart::rest.
void name_unknown(StoredWeights& stored, const Inventory& family, const Spellings& spellings);

/// Of parts of one weight that are stored filled up to whole blocks, the shape that all of them may have without, by
/// their readings: equal parts of a matrix or a vector, along one side of it or the other, turned or not. Empty where
/// none is, or where they would differ in their number of weights.
[[nodiscard]] std::vector<std::uint64_t> padded_part(const StoredWeights& stored,
                                                     const std::vector<std::uint32_t>& tensors,
                                                     const std::vector<std::uint64_t>& whole, std::size_t parts);

/// After matching: the family's shapes for the weights so named. Throws Error "<name>: packed format not understood
/// ..." when the family has no such weight, or one that cannot lie in so many bytes.
void shape_unknown(StoredWeights& stored, const Inventory& family, const Matching& matching);

/// Throws the same Error for the first group that would be a weight by its packing; buffers become integers. Those that
/// are undecided are left where a family decides.
void refuse_unknown(StoredWeights& stored, const Spellings& spellings, bool family_decides = false);

}  // namespace paramcount
