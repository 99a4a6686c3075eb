// Models by the names that people use: "Llama 3.1 8B", "qwen2_5-7b", "llama3:latest", "unsloth/Qwen3-8B-GGUF:Q4_K_M",
// "llama".
#pragma once

#include <optional>
#include <string_view>

#include "paramcount/base/error.hpp"
#include "paramcount/catalog/model.hpp"

namespace paramcount {

class Catalog;

/// The model that a name stands for where it is neither an id nor an alias, tried in this order:
/// - an id or alias except for letter case, spaces, '_', '-' and '.', or without its organisation, where that is one
/// model;
/// - a name of Ollama's library;
/// - one of these with endings that say how the weights are stored, or of an organisation that publishes others'
/// models;
/// - a family's word: the newest model of it.
/// Words such as -Instruct and -2507 belong to a name: none is cut off. `named` of the model says how the name was
/// understood, `named_dtype` which format it names. Nothing when the name stands for no model. Throws Error where it
/// stands for several, and where it names a format that is not known.
[[nodiscard]] std::optional<Model> find_named_model(std::string_view text, const Catalog& catalog);

/// "qwen4: no such model. Did you mean ...?"
[[nodiscard]] Error no_such_model(std::string_view text, const Catalog& catalog);

}  // namespace paramcount
