#include "cli/model_name.hpp"

#include <algorithm>
#include <array>
#include <string_view>

#include "base/file.hpp"
#include "base/spelling.hpp"
#include "base/text.hpp"
#include "cli/command.hpp"
#include "cli/memory_options.hpp"
#include "cli/option_hints.hpp"
#include "cli/remote_model.hpp"
#include "paramcount/base/error.hpp"
#include "paramcount/catalog/device_name.hpp"
#include "paramcount/catalog/model_name.hpp"
#include "paramcount/read/checkpoint.hpp"
#include "read/cached_models.hpp"
#include "read/hf_config.hpp"
#include "read/model_folder.hpp"
#include "read/peft_adapter.hpp"
#include "read/torch_files.hpp"

namespace paramcount {

std::string shown_name(const Model& model) {
  return printable(model.origin == "catalog" || model.origin == "config" ? model.id : model.origin);
}

namespace {

constexpr std::string_view kOllama = "ollama:";

}  // namespace

std::optional<Model> find_ollama_model(const std::string& name, const Catalog& catalog) {
  if (!name.starts_with(kOllama) || exists(name)) return std::nullopt;
  const auto cached = find_cached_model(name, model_caches());
  return cached ? std::optional(read_cached_model(*cached, catalog)) : std::nullopt;
}

namespace {

/// The error of a name that nothing has, with the device or the command that it may have meant.
Error no_model_or_command(const std::string& name, const Catalog& catalog) {
  if (const std::string hint = foreign_command_hint(name); !hint.empty()) {
    return Error(printable(name) + ": no such model or command. " + hint);
  }
  if (const auto topic = catalog.find<HelpText>(name)) {
    return Error(printable(name) + ": not a model, but a topic: paramcount help " + topic->id);
  }
  std::string device = lower(name);
  std::replace(device.begin(), device.end(), ' ', '-');
  const auto runs = [](const std::string& id) { return " What it can run: paramcount fit --device " + printable(id); };
  if (catalog.find_device(device)) return Error(printable(name) + ": a device, not a model." + runs(device));
  const Error error = no_such_model(name, catalog);
  const bool numbered = std::any_of(name.begin(), name.end(), is_digit);
  const bool suggests = std::string_view(error.what()).find("Did you mean") != std::string_view::npos;
  auto devices = numbered && !suggests ? devices_called(name, catalog) : std::vector<std::string>{};
  if (!devices.empty()) {
    if (devices.size() == 1) return Error(printable(name) + ": a device, not a model." + runs(devices.front()));
    constexpr std::size_t kMostShown = 6;
    devices.resize(std::min(devices.size(), kMostShown));
    return Error(printable(name) + ": not a model; several devices have this name." + did_you_mean(devices) +
                 runs(devices.front()));
  }
  for (const auto& command : commands()) {
    if (!command.name.empty() && command.name == name) {
      return Error(printable(name) + ": not a model. A command comes first: paramcount " + name + " ...");
    }
    if (!command.name.empty() && edit_distance(name, command.name, 1) <= 1) {
      return Error(std::string(error.what()) + " There is also the command " + std::string(command.name) + ".");
    }
  }
  return error;
}

Model model_on_disk(const std::string& path, const Catalog& catalog) {
  if (const auto cached = cached_model_at(path)) return read_cached_model(*cached, catalog);
  Model model = is_peft_adapter(path) ? read_peft_adapter_model(path) : read_model(path, catalog);
  if (model.kind() == CheckpointKind::adapter) model.base = find_base_model(model, catalog);
  return model;
}

bool looks_like_path(const std::string& name) {
  constexpr std::array<std::string_view, 7> kEndings{".json", ".safetensors", ".gguf", ".onnx",
                                                     ".nemo", ".yaml",        ".yml"};
  return is_torch_name(name) || name.starts_with('.') || name.starts_with('/') ||
         std::any_of(kEndings.begin(), kEndings.end(), [&](std::string_view ending) { return name.ends_with(ending); });
}

/// Its numbers, in order: 3, 3 and 70 of "llama-3.3-70b".
std::vector<std::string> numbers_in(std::string_view name) {
  std::vector<std::string> numbers;
  bool inside = false;
  for (const char c : name) {
    if (is_digit(c)) {
      if (!inside) numbers.emplace_back();
      numbers.back() += c;
    }
    inside = is_digit(c);
  }
  return numbers;
}

/// The model under a name that is another's, which has its shape: titles say what was asked for. A name with other
/// numbers, or without the model's first word, is another's; one that has only more or fewer numbers ("llama3",
/// "mixtral-8x7b-v0.1") is the model's own.
Model called_by(Model model, const std::string& name) {
  const auto asked = numbers_in(name);
  const auto own = numbers_in(model.id);
  const auto within = [](const auto& some, const auto& all) {
    std::size_t found = 0;
    for (const auto& number : all) found += found < some.size() && some[found] == number ? 1 : 0;
    return found == some.size();
  };
  const std::string word = model.id.substr(0, model.id.find_first_not_of("abcdefghijklmnopqrstuvwxyz"));
  const auto digits = [](const auto& numbers) {
    std::string all;
    for (const auto& number : numbers) all += number;
    return all;
  };
  const bool numbered = within(asked, own) || within(own, asked) || digits(asked) == digits(own);
  const bool same = numbered && lower(name).find(word) != std::string::npos;
  if (!same) model.name += " (" + name + ")";
  return model;
}

/// What is there wins: a path, an id or alias of the catalog, then a model that another program keeps on this machine.
/// Only then is a name looked at more closely.
Model find_any_model(const std::string& name, const Catalog& catalog) {
  if (name.empty()) throw Error("empty name; expected a model");
  if (name == "-") return read_hf_config(name, catalog);
  if (auto model = find_ollama_model(name, catalog)) return std::move(*model);
  if (names_remote(name)) return read_remote_model(name, catalog);
  // On disk, a path with a slash is what the user means; a bare name is the catalog's first.
  const bool on_disk = exists(name);
  const bool has_slash = name.find('/') != std::string::npos;
  if (!on_disk || !has_slash) {
    if (auto model = catalog.find_model(name)) return called_by(std::move(*model), name);
  }
  if (on_disk) return model_on_disk(name, catalog);
  if (looks_like_path(name)) throw Error(printable(name) + ": no such file");
  if (has_slash) {
    if (const auto cached = find_cached_model(name, model_caches())) return read_cached_model(*cached, catalog);
  }
  if (auto model = find_named_model(name, catalog)) return called_by(std::move(*model), name);
  throw no_model_or_command(name, catalog);
}

/// Throws usage Error where --as names a class and the model has no config to count as that.
void check_as(const Model& model, const Catalog& catalog) {
  if (catalog.as_class().empty() || !model.counted_as.empty()) return;
  throw usage_error("--as " + printable(catalog.as_class()) + ": " + shown_name(model) +
                    " has no config to count as that class");
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

std::string checkpoint_path(const std::string& name) {
  if (exists(name)) {
    const auto cached = cached_model_at(name);
    return cached ? cached->path : name;
  }
  const bool may_be_cached = name.find('/') != std::string::npos || name.starts_with(kOllama);
  const auto cached = may_be_cached ? find_cached_model(name, model_caches()) : std::nullopt;
  return cached ? cached->path : name;
}

std::vector<WeightFormat> formats_in_names(std::span<const Model> models, bool imatrix, const Catalog& catalog) {
  if (std::all_of(models.begin(), models.end(), [](const Model& one) { return one.named_dtype.empty(); })) return {};
  std::vector<std::string> names;
  for (const auto& model : models) {
    std::string name = model.named_dtype.empty() ? "bf16" : model.named_dtype;
    if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(std::move(name));
  }
  return read_formats(names, imatrix, catalog);
}

void require_whole_model(const Model& model) {
  if (model.kind() == CheckpointKind::model) return;
  throw Error(shown_name(model) + ": " + std::string(noun_of(model.kind())) +
              ", not a model. Name the model it is for");
}

}  // namespace paramcount
