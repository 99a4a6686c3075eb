#include "read/peft_adapter.hpp"

#include <algorithm>

#include "base/file.hpp"
#include "base/text.hpp"
#include "catalog/json.hpp"
#include "paramcount/base/error.hpp"
#include "paramcount/catalog/model_name.hpp"
#include "read/hf_config.hpp"
#include "read/model_files.hpp"
#include "read/torch_files.hpp"

namespace paramcount {
namespace {

constexpr std::string_view kConfig = "adapter_config.json";
constexpr std::string_view kWeights = "adapter_model";

/// Names of the files of a folder that are an adapter's, and whether there are others; pickles only without others.
std::vector<std::string> weights_in(const std::string& folder, bool& others) {
  auto names = files_in(folder, ".safetensors");
  if (names.empty()) {
    names = files_in(folder, ".bin");
    std::erase_if(names, [](const std::string& name) { return !is_torch_name(name); });
  }
  const auto all = names.size();
  std::erase_if(names, [](const std::string& name) { return !name.starts_with(kWeights); });
  others = names.size() < all || !files_in(folder, ".gguf").empty();
  return names;
}

}  // namespace

Value read_adapter_config(const std::string& file) {
  Value config = read_json(file);
  if (config.as<Value::Object>() == nullptr) {
    throw Error(printable(file) + ": expected a JSON object, got " + brief(config));
  }
  if (config.find<std::string>("peft_type") == nullptr) {
    throw Error(printable(file) + ": /peft_type: missing; it says what kind of adapter this is");
  }
  return config;
}

bool is_peft_adapter(const std::string& path) {
  if (!is_folder(path)) return path.ends_with(kConfig);
  const std::string folder = folder_of(path);
  bool others = false;
  const bool weights = !weights_in(folder, others).empty();
  return !others && (weights || is_file(folder + std::string(kConfig)));
}

std::string adapter_config_beside(const std::string& path) {
  std::string config = folder_of(path) + std::string(kConfig);
  return is_file(config) ? config : std::string{};
}

Model read_peft_adapter_model(const std::string& path) {
  Model model;
  model.name = title_of(path);
  if (!is_folder(path)) {
    const std::string folder = folder_of(path);
    if (!folder.empty()) model.name = title_of(folder);
  }
  model.id = model.name;
  model.origin = path;
  Checkpoint checkpoint;
  checkpoint.path = path;
  if (is_folder(path)) {
    bool others = false;
    const auto weights = weights_in(folder_of(path), others);
    if (weights.size() > 1) {
      throw Error(printable(path) + ": several files of adapter weights, including " + printable(weights.front()) +
                  " and " + printable(weights.back()) + ". Name one of the files");
    }
    if (!weights.empty()) checkpoint = read_checkpoint(folder_of(path) + weights.front());
    model.config_file = adapter_config_beside(path);
  } else {
    model.config_file = path;
  }
  checkpoint.kind = CheckpointKind::adapter;
  if (!model.config_file.empty()) model.config = read_adapter_config(model.config_file);
  model.checkpoint = std::make_shared<const Checkpoint>(std::move(checkpoint));
  return model;
}

std::shared_ptr<const Model> find_base_model(const Model& adapter, const Catalog& catalog) {
  const auto* text = adapter.config.find<std::string>("base_model_name_or_path");
  if (text == nullptr || text->empty()) return nullptr;
  if (auto model = catalog.find_model(*text); model && model->disclosed) {
    return std::make_shared<const Model>(std::move(*model));
  }
  std::string name = *text;
  while (name.ends_with('/')) name.pop_back();
  const std::string last = name.substr(name.rfind('/') + 1);
  const std::string here = folder_of(adapter.origin);
  for (const auto& place : {name, here + name, here + last, here + "../" + last, here}) {
    const std::string config = place + (place.ends_with('/') || place.empty() ? "" : "/") + "config.json";
    if (place.empty() || !is_file(config)) continue;
    try {
      return std::make_shared<const Model>(read_hf_config(config, catalog));
    } catch (const Error&) {
      // A model that is not known: as if it were not there.
    }
  }
  if (auto model = catalog.find_model(last); model && model->disclosed) {
    return std::make_shared<const Model>(std::move(*model));
  }
  // A quantised copy, as QLoRA trains on: unsloth/llama-3-8b-bnb-4bit.
  if (text->find('/') == std::string::npos) return nullptr;
  try {
    auto model = find_named_model(*text, catalog);
    return model && model->disclosed ? std::make_shared<const Model>(std::move(*model)) : nullptr;
  } catch (const Error&) {
    return nullptr;  // a name of several models, or of a format that is not known
  }
}

}  // namespace paramcount
