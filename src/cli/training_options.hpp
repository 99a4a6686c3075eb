// Shared by commands about training: options, and parsing amounts from the command line.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "cli/option_set.hpp"
#include "paramcount/catalog/catalog.hpp"
#include "paramcount/catalog/device_name.hpp"
#include "paramcount/estimate/training_request.hpp"

namespace paramcount {

/// What was typed, before it means anything.
struct TrainingOptions {
  std::string tokens, device, devices, mfu, price;
};

/// Adds --tokens, --device, --devices, --mfu and --price. `devices_default`: what --devices is where none is published.
void add_training_options(OptionSet& set, TrainingOptions& options, const std::string& devices_default,
                          const char* group, const char* price_group);
/// Throws Error with exit code usage "--tokens ...".
void read_training_options(const TrainingOptions& options, const Catalog& catalog, TrainingRequest& request);

/// What --device names, with the number of them that it or --devices says. Throws Error "--device ..." where the two
/// differ.
[[nodiscard]] NamedDevice read_device(const std::string& text, const std::string& devices_text,
                                      const std::optional<std::uint64_t>& devices, const Catalog& catalog);
/// "15T". Throws Error "--tokens ...".
[[nodiscard]] double read_tokens(const std::string& text);
/// "16384". Throws Error "--devices ...".
[[nodiscard]] double read_devices(const std::string& text);
/// A share: 0.41, or 41%. Throws Error naming the option.
[[nodiscard]] double read_share(const std::string& text, const std::string& option);
/// "$1M", "250k". Throws Error naming the option.
[[nodiscard]] double read_dollars(const std::string& text, const std::string& option);

/// A grid of the catalog, or grams of CO2e per kWh. Throws Error "--grid ...".
[[nodiscard]] Grid read_grid(const std::string& text, const Catalog& catalog);

}  // namespace paramcount
