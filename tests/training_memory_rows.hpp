// A row of tests/truth/training_memory.jsonl as the program is asked: its model, its layout and its adapters.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "paramcount/catalog/catalog.hpp"
#include "paramcount/count/expand.hpp"
#include "paramcount/estimate/training_peak.hpp"

namespace paramcount {

/// A number of a row; `otherwise` where it has none.
[[nodiscard]] std::uint64_t number(const nlohmann::json& row, const char* key, std::uint64_t otherwise);
/// A text of a row; empty where it has none.
[[nodiscard]] std::string text(const nlohmann::json& row, const char* key);
/// What a row of Megatron's tests says in its flags.
[[nodiscard]] nlohmann::json flags_of(const nlohmann::json& row);

[[nodiscard]] Inventory inventory_of(const nlohmann::json& dims, Expander& expander, const Family& family);
[[nodiscard]] TrainingSetup setup_of(const nlohmann::json& row, const nlohmann::json& flags,
                                     const std::string& framework, const Catalog& catalog);
/// The adapters of a row, by the names of its targets.
[[nodiscard]] TrainedAdapters adapters_of(const nlohmann::json& row, const Inventory& inventory,
                                          const Catalog& catalog);
/// torchtune's README adds one technique after the other; 5 drops the gradients, 7 halves the optimizer.
void techniques(const std::string& id, TrainingSetup& setup);
/// What Megatron's own estimate says, in GiB: megatron/training/theoretical_memory_usage.py @d98e8a64, beside the
/// states.
[[nodiscard]] double theirs_of_megatron(const nlohmann::json& row, const TrainingSetup& setup, double states);

}  // namespace paramcount
