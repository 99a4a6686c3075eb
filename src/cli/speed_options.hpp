// Options of `fit` about speed, price and energy.
#pragma once

#include <string>

#include "cli/option_set.hpp"
#include "paramcount/catalog/catalog.hpp"
#include "paramcount/estimate/speed.hpp"

namespace paramcount {

/// What was typed, before it means anything.
struct SpeedOptions {
  std::string prompt, generate, least, ram_bandwidth, pricing, years, usd_per_kwh, grid;
  bool buy = false;
};

void add_speed_options(OptionSet& set, SpeedOptions& options);
/// Throws Error with exit code usage, naming the option. --batch max is set by the command.
[[nodiscard]] SpeedRequest read_speed_options(const SpeedOptions& options, const Catalog& catalog);

}  // namespace paramcount
