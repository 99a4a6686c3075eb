// Alternatives to a design, and what each changes.
#pragma once

#include <vector>

#include "estimate/design_search.hpp"
#include "paramcount/estimate/design.hpp"

namespace paramcount {

/// What a shape takes: its parameters, the KV cache of one sequence of `context` tokens in fp16, and the FLOPs to
/// generate a token behind it, attention over all of it included.
[[nodiscard]] DesignCost design_cost(const Inventory& inventory, const ParamCounts& params, std::uint64_t context,
                                     const Catalog& catalog);

/// The same budget twice as wide for its depth and twice as deep for its width; other heads, vocabularies and experts
/// with all else as it is. What the family cannot have is left out.
[[nodiscard]] std::vector<DesignChoice> design_choices(const Design& design, const ShapeTarget& target,
                                                       DesignSearch& search, const Catalog& catalog);

}  // namespace paramcount
