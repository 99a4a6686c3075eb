#include "read/checkpoint_model.hpp"

#include <algorithm>
#include <array>

#include "base/file.hpp"
#include "base/text.hpp"
#include "catalog/json.hpp"
#include "paramcount/base/error.hpp"
#include "read/adapter_names.hpp"
#include "read/config_kind.hpp"
#include "read/hf_config.hpp"
#include "read/model_files.hpp"
#include "read/peft_adapter.hpp"
#include "read/source.hpp"
#include "read/torch_files.hpp"

namespace paramcount {
namespace {

constexpr std::array<std::string_view, 11> kEndings{".safetensors", ".safetensors.index.json",
                                                    ".gguf",        ".onnx",
                                                    ".bin",         ".bin.index.json",
                                                    ".pth",         ".pt",
                                                    ".ckpt",        ".pkl",
                                                    ".distcp"};

bool has_ending(std::string_view name) {
  return std::any_of(kEndings.begin(), kEndings.end(), [&](auto ending) { return name.ends_with(ending); });
}

/// Whether a folder's safetensors are TensorRT-LLM's, one for each device: parts of tensors, under names of its own.
/// Its config identifies the model.
bool holds_ranks(const std::string& folder) {
  constexpr std::string_view kRank = "rank";
  const auto names = files_in(folder, ".safetensors");
  return !names.empty() && std::all_of(names.begin(), names.end(), [&](const std::string& name) {
    const auto stem = std::string_view(name).substr(0, name.rfind('.'));
    return stem.starts_with(kRank) && stem.size() > kRank.size() &&
           stem.find_first_not_of("0123456789", kRank.size()) == std::string_view::npos;
  });
}

}  // namespace

bool is_checkpoint(const std::string& path) {
  if (is_folder(path)) {
    const std::string folder = folder_of(path);
    if (holds_ranks(folder) && !config_beside(folder).empty()) return false;
    const auto holds = [&](std::string_view ending) { return !files_in(folder, ending).empty(); };
    if (holds(".safetensors") || holds(".safetensors.index.json")) return true;
    if (has_torch_weights(folder)) return true;
    return config_beside(folder).empty() && std::any_of(kEndings.begin(), kEndings.end(), holds);
  }
  if (has_ending(path)) return true;
  if (!is_file(path) || path.ends_with(".json")) return false;
  try {
    const Source source = open_source(path);
    constexpr std::size_t kFirst = 9;
    if (source.size() < kFirst) return false;
    const std::string bytes = first_bytes(source, kFirst);
    return bytes.starts_with("GGUF") || bytes.starts_with("PK\x03\x04") || bytes.front() == '\x80' ||
           (bytes.back() == '{' && bytes.find('\0') != std::string::npos);
  } catch (const Error&) {
    // A pipe: what it holds is the config reader's business.
    return false;
  }
}

std::string config_beside(const std::string& path) {
  for (const std::string_view name : kConfigNames) {
    if (std::string config = folder_of(path) + std::string(name); is_file(config)) return config;
  }
  return {};
}

Model read_checkpoint_model(const std::string& path, const Catalog& catalog) {
  Model model;
  Checkpoint checkpoint = read_checkpoint(path);
  const bool adapter = checkpoint.format != CheckpointFormat::gguf && names_adapter(checkpoint);
  if (adapter) checkpoint.kind = CheckpointKind::adapter;
  model.checkpoint = std::make_shared<const Checkpoint>(std::move(checkpoint));
  model.name = title_of(path);
  model.id = model.name;
  model.origin = path;
  if (model.checkpoint->format == CheckpointFormat::gguf) {
    const std::string name = model.checkpoint->metadata.text("general.name");
    if (!name.empty()) model.name = name;
    return model;
  }
  if (model.checkpoint->tensors.empty()) throw Error(printable(path) + ": holds no tensors");
  if (adapter) {
    model.config_file = adapter_config_beside(path);
    if (!model.config_file.empty()) model.config = read_adapter_config(model.config_file);
    return model;
  }
  const std::string config = config_beside(path);
  if (config.empty()) return model;
  model.config_file = config;
  if (model.checkpoint->format == CheckpointFormat::onnx) {
    model.config_problem = "an ONNX graph uses its own names";
    return model;
  }
  Value value = read_json(config);
  try {
    try {
      Value asked = value;
      static_cast<void>(family_of_config(asked, catalog));
    } catch (const Error& error) {
      const auto* type = value.find("model_type");
      const auto* name = type != nullptr ? type->as<std::string>() : nullptr;
      model.config_problem = !std::string_view(error.what()).starts_with("/model_type: ") ? error.what()
                             : type == nullptr                                            ? "it has no model_type"
                             : name == nullptr ? "its model_type is not a string: " + brief(*type)
                                               : "no family covers model type " + printable(*name);
      return model;
    }
    Model described = model_of_config(std::move(value), model.name, catalog);
    model.family = std::move(described.family);
    model.config = std::move(described.config);
  } catch (const Error& error) {
    throw located(printable(config), error);
  }
  return model;
}

}  // namespace paramcount
