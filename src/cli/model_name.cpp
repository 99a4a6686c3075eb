#include "cli/model_name.hpp"

#include "base/file.hpp"
#include "base/spelling.hpp"
#include "base/text.hpp"
#include "cli/command.hpp"
#include "cli/remote_model.hpp"
#include "paramcount/base/error.hpp"
#include "paramcount/read/checkpoint.hpp"
#include "read/hf_config.hpp"
#include "read/model_folder.hpp"
#include "read/peft_adapter.hpp"
#include "read/torch_files.hpp"

namespace paramcount {

std::string shown_name(const Model& model) {
  return printable(model.origin == "catalog" || model.origin == "config" ? model.id : model.origin);
}

namespace {

Model find_any_model(const std::string& name, const Catalog& catalog) {
  if (name.empty()) throw Error("an empty name: no such model");
  const bool has_slash = name.find('/') != std::string::npos;
  if (name == "-") return read_hf_config(name, catalog);
  // On disk, a path with a slash is what the user means; a bare name is the catalog's first.
  if (names_remote(name)) return read_remote_model(name, catalog);
  const bool on_disk = exists(name);
  if (!on_disk || !has_slash) {
    if (auto model = catalog.find_model(name)) return std::move(*model);
  }
  if (on_disk) {
    Model model = is_peft_adapter(name) ? read_peft_adapter_model(name) : read_model(name, catalog);
    if (model.kind() == CheckpointKind::adapter) model.base = find_base_model(model, catalog);
    return model;
  }
  if (name.ends_with(".json") || name.ends_with(".safetensors") || name.ends_with(".gguf") || is_torch_name(name) ||
      name.starts_with('.') || name.starts_with('/')) {
    throw Error(printable(name) + ": no such file");
  }
  try {
    return catalog.model(name);
  } catch (const Error& error) {
    for (const auto& command : commands()) {
      if (!command.name.empty() && edit_distance(name, command.name, 1) <= 1) {
        throw Error(std::string(error.what()) + " There is also the command " + std::string(command.name) + ".");
      }
    }
    throw;
  }
}

/// Throws usage Error where --as names a class and the model has no config to count as that.
void check_as(const Model& model, const Catalog& catalog) {
  if (catalog.as_class().empty() || !model.counted_as.empty()) return;
  throw usage_error("--as " + printable(catalog.as_class()) + ": " + shown_name(model) + " has no config to count so");
}

}  // namespace

Model find_model(const std::string& name, const Catalog& catalog) {
  Model model = find_any_model(name, catalog);
  check_as(model, catalog);
  return model;
}

Model find_catalog_model(const std::string& name, const Catalog& catalog) {
  Model model = catalog.model(name);
  check_as(model, catalog);
  return model;
}

Model find_disclosed_model(const std::string& name, const Catalog& catalog) {
  Model model = find_model(name, catalog);
  if (!model.disclosed) throw Error(shown_name(model) + ": not disclosed. " + printable(model.statement));
  return model;
}

Model find_whole_model(const std::string& name, const Catalog& catalog) {
  Model model = find_disclosed_model(name, catalog);
  require_whole_model(model);
  return model;
}

void require_whole_model(const Model& model) {
  if (model.kind() == CheckpointKind::model) return;
  throw Error(shown_name(model) + ": " + std::string(noun_of(model.kind())) +
              ", not a model. Name the model it is for");
}

}  // namespace paramcount
