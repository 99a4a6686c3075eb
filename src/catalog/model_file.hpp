// data/models/*.json: one published model. data/README.md documents the file.
#pragma once

#include <functional>
#include <optional>
#include <string_view>

#include "paramcount/base/value.hpp"
#include "paramcount/catalog/model.hpp"

namespace paramcount {

/// The file of the model of that name, itself resolved; nothing when there is none.
using ModelFiles = std::function<std::optional<Value>(std::string_view name)>;

/// A file that says `same_as`: with the family, config, dimensions and modality of the model it names, where it does
/// not say otherwise itself; facts are not taken over. Any other file as it is. Throws Error with a JSON pointer.
[[nodiscard]] Value resolve_model(const Value& file, const ModelFiles& files);

/// Of a resolved file. Throws Error with a JSON pointer when a field is missing, of the wrong kind, or unknown.
[[nodiscard]] Model read_model(const Value& file);

}  // namespace paramcount
