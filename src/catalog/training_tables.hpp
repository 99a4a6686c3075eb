// Rows of data/optimizers.json, grids.json, laws.json, equivalents.json and runs.json.
#pragma once

#include "paramcount/base/value.hpp"
#include "paramcount/catalog/equivalent.hpp"
#include "paramcount/catalog/grid.hpp"
#include "paramcount/catalog/optimizer.hpp"
#include "paramcount/catalog/published_training.hpp"
#include "paramcount/catalog/scaling_law.hpp"

namespace paramcount {

/// All throw Error with a JSON pointer when a field is missing, of the wrong kind, or unknown.
[[nodiscard]] Optimizer read_optimizer(const Value& row);
[[nodiscard]] Grid read_grid(const Value& row);
[[nodiscard]] ScalingLaw read_law(const Value& row);
[[nodiscard]] Equivalent read_equivalent(const Value& row);
[[nodiscard]] PublishedTraining read_run(const Value& row);

}  // namespace paramcount
