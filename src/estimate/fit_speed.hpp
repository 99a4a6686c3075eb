// Speed and cost of what fits.
#pragma once

#include "estimate/fitting.hpp"

namespace paramcount {

/// How much of it someone reads: of a list of models no more than tokens per second.
enum class SpeedDepth : std::uint8_t { generation, whole };

/// Fills speed, or speed_unknown, of a fit that is ok. `cache`: the request of the fit.
void add_speed(Fit& fit, const Fitting& fitting, const WeightFormat& format, const CacheRequest& cache,
               const FitRequest& request, const Inventory& inventory, const Catalog& catalog,
               SpeedDepth wanted = SpeedDepth::whole);

}  // namespace paramcount
