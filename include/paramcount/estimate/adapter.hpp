// PEFT's adapter_config.json: what it trains on its base model, counted by the same matching as --lora.
// peft 0.18, src/peft/tuners/*/config.py.
#pragma once

#include <optional>
#include <vector>

#include "paramcount/base/value.hpp"
#include "paramcount/catalog/model.hpp"
#include "paramcount/count/expand.hpp"
#include "paramcount/count/inventory.hpp"
#include "paramcount/estimate/lora.hpp"

namespace paramcount {

/// Throws Error at a key that affects the count and is not understood.
[[nodiscard]] LoraConfig lora_config_of(const Value& config);

/// What an adapter with that config trains on the modules of its base model. Throws Error for adapter types whose
/// parameters only the weights tell, or as lora_config_of does.
[[nodiscard]] Lora count_by_config(const Value& config, const std::vector<ClassParameter>& base);

/// Whether the config alone says how many parameters its adapter has, whatever the base model; then how many.
[[nodiscard]] std::optional<Params> prompt_parameters(const Value& config);

/// Completes an adapter's inventory from its config and its base model (Model::base): what the config trains, and
/// without weights the adapter's tensors. Throws Error if there are no weights and it cannot be determined.
void complete_adapter(const Model& model, Inventory& inventory, Expander& expander);

}  // namespace paramcount
