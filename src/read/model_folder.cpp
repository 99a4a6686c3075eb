#include "read/model_folder.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <set>

#include "base/budgets.hpp"
#include "base/file.hpp"
#include "base/text.hpp"
#include "catalog/json.hpp"
#include "paramcount/base/error.hpp"
#include "read/checkpoint_model.hpp"
#include "read/config_kind.hpp"
#include "read/hf_config.hpp"
#include "read/left_out.hpp"
#include "read/model_files.hpp"
#include "read/torch_files.hpp"

namespace paramcount {
namespace {

constexpr std::string_view kModules = "modules.json";       // of sentence-transformers
constexpr std::string_view kPipeline = "model_index.json";  // of diffusers
constexpr std::string_view kRouter = "router_config.json";  // of a module that is several, one of which is taken

/// Ends of the names of classes that hold no weights.
constexpr std::array<std::string_view, 8> kWithoutWeights{
    "Scheduler", "Tokenizer", "TokenizerFast", "Processor", "ProcessorFast", "FeatureExtractor", "Guider", "Guidance"};
/// Folders next to a model that hold the same weights in another form, or from another training step.
constexpr std::array<std::string_view, 10> kOtherForms{"original", "onnx", "openvino", "gguf", "coreml",
                                                       "tf",       "flax", "metal",    "mlx",  "checkpoints"};
/// Files next to a checkpoint that are not part of it, by what their names contain.
constexpr std::array<std::string_view, 6> kDrafts{"mtp", "draft", "eagle", "medusa", "speculator", "nextn"};

/// "Dense" of "sentence_transformers.models.Dense".
std::string class_of(const std::string& type) { return type.substr(type.rfind('.') + 1); }

bool has_weights(const std::string& folder) {
  return !files_in(folder, ".safetensors").empty() || !files_in(folder, ".safetensors.index.json").empty() ||
         has_torch_weights(folder);
}

Model read_one(const std::string& path, const Catalog& catalog) {
  return is_checkpoint(path) ? read_checkpoint_model(path, catalog) : read_hf_config(path, catalog);
}

/// The same of a part: where its config cannot be used, by its files.
Model read_part_model(const std::string& path, const Catalog& catalog) {
  try {
    return read_one(path, catalog);
  } catch (const Error& error) {
    if (!is_folder(path) || !has_weights(with_slash(path))) throw;
    Model model;
    model.checkpoint = std::make_shared<const Checkpoint>(read_checkpoint(path));
    model.name = title_of(path);
    model.id = model.name;
    model.origin = path;
    model.config_file = with_slash(path) + "config.json";
    model.config_problem = error.what();
    return model;
  }
}

/// Where a module writes its settings: config.json, or "cnn_config.json" for a CNN. Empty: nowhere.
std::string config_of(const std::string& folder, const std::string& kind) {
  for (const auto& name : {std::string("config.json"), lower(kind) + "_config.json"}) {
    if (is_file(folder + name)) return folder + name;
  }
  return {};
}

/// By the config of a model, by the family of its class, or by its files.
Model model_of_part(const std::string& folder, std::string_view library, const std::string& kind,
                    const Catalog& catalog) {
  const std::string config = config_of(folder, kind);
  Value value = config.empty() ? Value(Value::Object{}) : read_json(config);
  const Family* family = nullptr;
  if (value.find("model_type") == nullptr) family = catalog.find_family(std::string(library) + "." + kind);
  if (family == nullptr) {
    if (value.find("model_type") != nullptr || has_weights(folder)) {
      return read_part_model(folder.substr(0, folder.size() - 1), catalog);
    }
    const auto files = left_out_of(folder, {});
    throw Error("no family covers class " + printable(kind) + ", and " +
                (files.empty() ? "no weights are here" : printable(files.front()) + " is not supported"));
  }
  Model model;
  if (has_weights(folder)) model.checkpoint = std::make_shared<const Checkpoint>(read_checkpoint(folder));
  model.name = title_of(folder);
  model.id = model.name;
  model.origin = folder;
  model.family = family->id;
  model.config = std::move(value);
  model.config_file = config;
  return model;
}

/// A path inside the folder it is listed in.
std::string inside(const std::string& path, const std::string& where) {
  const auto pieces = split(path, '/');
  if (path.starts_with('/') || std::ranges::any_of(pieces, [](auto piece) { return piece == ".."; })) {
    throw Error(where + ": " + printable(path) + " is not a subfolder");
  }
  return path.ends_with('/') ? path.substr(0, path.size() - 1) : path;
}

struct Listed {
  std::string path;     ///< empty: the folder itself
  std::string library;  ///< whose class it is
  std::string kind;
};

/// A module, or those that a Router (once Asym) takes one of.
void add_module(const std::string& folder, const std::string& path, const std::string& type, std::vector<Listed>& out) {
  if (out.size() == kMostModules) throw Error(printable(folder) + ": more than 1,000 modules");
  const std::string own = folder + path + (path.empty() ? "" : "/");
  for (const auto name : {kRouter, std::string_view("config.json")}) {
    const std::string file = own + std::string(name);
    if (path.empty() || !is_file(file)) continue;
    const Value config = read_json(file);
    const auto* object = config.find<Value::Object>("types");
    if (object == nullptr || config.find("structure") == nullptr) continue;
    for (const auto& [id, inner] : *object) {
      const auto* text = inner.as<std::string>();
      if (text == nullptr) throw Error(printable(file) + ": /types/" + printable(id) + ": expected a string");
      add_module(folder, path + "/" + inside(id, printable(file)), *text, out);
    }
    return;
  }
  out.push_back({path, "sentence_transformers", class_of(type)});
}

std::vector<Listed> modules_in(const std::string& folder) {
  const std::string file = folder + std::string(kModules);
  const Value index = read_json(file);
  const auto* list = index.as<Value::List>();
  if (list == nullptr) throw Error(printable(file) + ": expected a list of modules");
  std::vector<Listed> result;
  for (const auto& module : *list) {
    const std::string type = module.text("type");
    if (type.empty()) throw Error(printable(file) + ": a module without its type");
    add_module(folder, inside(module.text("path"), printable(file)), type, result);
  }
  if (result.empty()) throw Error(printable(file) + ": no modules");
  return result;
}

bool holds_no_weights(const std::string& kind) {
  return std::ranges::any_of(kWithoutWeights, [&](std::string_view ending) { return kind.ends_with(ending); });
}

std::vector<Listed> components_in(const std::string& folder, const Value& index) {
  const auto* object = index.as<Value::Object>();
  if (object == nullptr) throw Error(printable(folder + std::string(kPipeline)) + ": expected an object");
  std::vector<Listed> result;
  for (const auto& [name, value] : *object) {
    // "vae": ["diffusers", "AutoencoderKL"]; [null, null] where a pipeline can do without.
    const auto* list = value.as<Value::List>();
    if (list == nullptr || list->size() < 2) continue;
    const auto* library = (*list)[0].as<std::string>();
    const auto* kind = (*list)[1].as<std::string>();
    if (library == nullptr || kind == nullptr || holds_no_weights(*kind)) continue;
    if (result.size() == kMostModules) throw Error(printable(folder) + ": more than 1,000 components");
    result.push_back({inside(name, printable(folder + std::string(kPipeline))), *library, *kind});
  }
  return result;
}

/// Two ways to spell one folder would count it twice.
void refuse_same_folders(const std::string& folder, const std::vector<Listed>& listed) {
  std::map<FileIdentity, const Listed*> seen;
  for (const auto& part : listed) {
    const auto identity = identity_of(folder + part.path);
    if (!identity) continue;
    const auto [first, added] = seen.emplace(*identity, &part);
    if (!added) {
      throw Error(printable(folder) + ": lists one folder as " + printable(first->second->path) + " and as " +
                  printable(part.path));
    }
  }
}

/// Headers stay in memory, and links can make many parts of one file.
void add_part(const std::string& folder, ModelPart part, Model& model) {
  const auto header_bytes = [](const Model& one) { return one.checkpoint ? one.checkpoint->header_bytes : 0; };
  model.parts.push_back(std::move(part));
  std::uint64_t sum = header_bytes(model);
  for (const auto& other : model.parts) sum += other.model ? header_bytes(*other.model) : 0;
  if (sum > kMostPartsHeaderBytes) {
    throw Error(printable(folder) + ": the headers of its parts exceed 64,000,000 bytes in total");
  }
}

ModelPart read_part(const std::string& folder, const Listed& listed, const Catalog& catalog) {
  ModelPart part{listed.path, listed.kind, false, nullptr, {}};
  try {
    part.model = std::make_shared<const Model>(
        model_of_part(folder + listed.path + (listed.path.empty() ? "" : "/"), listed.library, listed.kind, catalog));
  } catch (const Error& error) {
    part.problem = error.what();
  }
  return part;
}

/// Many tools write .bin: the first bytes say what all of a folder's are.
void refuse_foreign_files(const std::string& folder, const Catalog& catalog) {
  std::string refusal;
  for (const auto& name : files_in(folder, ".bin")) {
    try {
      return refuse_foreign(folder + name, catalog);
    } catch (const Error& error) {
      if (refusal.empty()) refusal = error.what();
    }
  }
  if (!refusal.empty()) throw Error(refusal);
}

/// The first module is the model; the others are its parts.
Model read_modules(const std::string& folder, const Catalog& catalog) {
  const auto listed = modules_in(folder);
  refuse_same_folders(folder, listed);
  const auto& first = listed.front();
  Model model =
      model_of_part(folder + first.path + (first.path.empty() ? "" : "/"), first.library, first.kind, catalog);
  model.parts.push_back({first.path.empty() ? "." : first.path, first.kind, false, nullptr, {}});
  for (std::size_t i = 1; i < listed.size(); ++i) add_part(folder, read_part(folder, listed[i], catalog), model);
  return model;
}

Model read_pipeline(const std::string& folder, const Catalog& catalog) {
  const Value index = read_json(folder + std::string(kPipeline));
  Model model;
  model.only_parts = true;
  model.index_class = index.text("_class_name");
  model.origin = folder;
  const auto components = components_in(folder, index);
  refuse_same_folders(folder, components);
  for (const auto& listed : components) add_part(folder, read_part(folder, listed, catalog), model);
  if (std::ranges::none_of(model.parts, [](const auto& part) { return part.model != nullptr; })) {
    const std::string why = model.parts.empty()
                                ? "it lists no component with weights"
                                : printable(model.parts.front().path) + ": " + model.parts.front().problem;
    throw Error(printable(folder + std::string(kPipeline)) + ": " + why);
  }
  return model;
}

/// Whether a folder next to a model holds another model, not the same one again.
bool is_beside(const std::string& folder, const std::string& name) {
  const std::string inner = folder + name + "/";
  if (name.starts_with('.') || name.starts_with("checkpoint-") || name.starts_with("global_step") ||
      std::ranges::find(kOtherForms, lower(name)) != kOtherForms.end() || exists(inner + "adapter_config.json")) {
    return false;
  }
  if (has_weights(inner)) return true;
  return is_file(inner + "config.json") && read_json(inner + "config.json").find("model_type") != nullptr;
}

std::string class_of_config(const Model& model) {
  const auto* list = model.config.find<Value::List>("architectures");
  const auto* name = list != nullptr && !list->empty() ? list->front().as<std::string>() : nullptr;
  return name != nullptr ? *name : std::string();
}

void add_apart(const std::string& folder, const std::string& path, const Catalog& catalog, Model& model) {
  if (model.parts.empty()) model.parts.push_back({".", class_of_config(model), false, nullptr, {}});
  ModelPart part{path, {}, true, nullptr, {}};
  try {
    Model inner = read_part_model(folder + path, catalog);
    part.kind = class_of_config(inner);
    part.model = std::make_shared<const Model>(std::move(inner));
  } catch (const Error& error) {
    part.problem = error.what();
  }
  add_part(folder, std::move(part), model);
}

/// Draft heads: models in folders of their own, and files that the checkpoint's index does not name.
void add_neighbours(const std::string& folder, const Catalog& catalog, Model& model) {
  std::set<std::string> known;
  for (const auto& part : model.parts) known.insert(part.path.substr(0, part.path.find('/')));
  const auto folders = folders_in(folder);
  std::vector<std::string> configs;
  for (const auto& name : folders) configs.push_back(folder + name + "/config.json");
  expect_files(configs);
  for (const auto& name : folders) {
    bool beside = false;
    try {
      beside = !known.contains(name) && is_beside(folder, name);
    } catch (const Error&) {
      beside = true;
    }
    if (beside) add_apart(folder, name, catalog, model);
  }
  if (!model.checkpoint || model.checkpoint->format != CheckpointFormat::safetensors) return;
  const auto read = files_of(model);
  for (const auto& name : files_in(folder, ".safetensors")) {
    const bool draft =
        std::ranges::any_of(kDrafts, [&](auto word) { return lower(name).find(word) != std::string::npos; });
    if (draft && !read.contains(folder + name)) add_apart(folder, name, catalog, model);
  }
}

}  // namespace

bool has_parts(const std::string& folder) {
  return is_file(folder + std::string(kModules)) || is_file(folder + std::string(kPipeline));
}

std::vector<std::string> listed_parts(const std::string& folder) {
  const bool pipeline = is_file(folder + std::string(kPipeline));
  const auto listed = pipeline ? components_in(folder, read_json(folder + std::string(kPipeline))) : modules_in(folder);
  std::vector<std::string> paths;
  for (const auto& part : listed) paths.push_back(part.path);
  return paths;
}

Model read_model(const std::string& path, const Catalog& catalog) {
  if (!is_folder(path)) {
    if (!is_stream(path)) refuse_foreign(path, catalog);
    return read_one(path, catalog);
  }
  const std::string folder = with_slash(path);
  if (!has_parts(folder) && config_beside(path).empty()) {
    if (!is_checkpoint(path)) refuse_foreign(path, catalog);
    refuse_foreign_files(folder, catalog);
  }
  Model model;
  if (is_file(folder + std::string(kPipeline))) {
    model = read_pipeline(folder, catalog);
  } else {
    model = is_file(folder + std::string(kModules)) ? read_modules(folder, catalog) : read_one(path, catalog);
    add_neighbours(folder, catalog, model);
  }
  if (!model.parts.empty()) {
    model.name = title_of(path);
    model.id = model.name;
  }
  model.left_out = left_out_of(folder, files_of(model));
  return model;
}

}  // namespace paramcount
