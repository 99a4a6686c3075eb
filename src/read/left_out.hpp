// Weights in a model's folder that are not counted: other formats of the same weights, adapters, GGUF copies.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "paramcount/catalog/model.hpp"

namespace paramcount {

/// Whether a file is called like one of weights, and not like those of a training run or a tokenizer.
[[nodiscard]] bool is_weights_name(const std::string& name);

/// Paths of the files that a model and its parts were read from.
[[nodiscard]] std::set<std::string> files_of(const Model& model);

/// Files of weights in a folder and the folders in it, except `read`, by their paths from it; several of a kind are
/// one entry, "onnx/*.onnx (6 files)". Sorted.
[[nodiscard]] std::vector<std::string> left_out_of(const std::string& folder, const std::set<std::string>& read);

}  // namespace paramcount
