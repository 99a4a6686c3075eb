// Where the dimensions of a model come from, for --explain.
#pragma once

#include "paramcount/catalog/family.hpp"
#include "paramcount/catalog/model.hpp"
#include "paramcount/report/report.hpp"

namespace paramcount {

/// Says at each dimension of an answer's tree which config key or catalog entry gave it, or how it follows from others.
void add_dim_sources(Row& tree, const Model& model, const Family& family);

}  // namespace paramcount
