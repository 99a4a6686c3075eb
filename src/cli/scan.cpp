// paramcount scan DIR: counts every model below a folder.
#include <algorithm>
#include <string>
#include <vector>

#include "base/file.hpp"
#include "base/numbers.hpp"
#include "base/text.hpp"
#include "cli/command.hpp"
#include "cli/options.hpp"
#include "cli/progress.hpp"
#include "cli/remote_model.hpp"
#include "paramcount/base/error.hpp"
#include "paramcount/count/adapter.hpp"
#include "paramcount/count/companion.hpp"
#include "paramcount/count/params.hpp"
#include "paramcount/count/stored.hpp"
#include "read/cached_models.hpp"
#include "read/checkpoint_model.hpp"
#include "read/config_kind.hpp"
#include "read/hf_config.hpp"
#include "read/model_files.hpp"
#include "read/model_folder.hpp"
#include "read/ollama_store.hpp"
#include "report/parts_report.hpp"
#include "report/scan_report.hpp"

namespace paramcount {
namespace {

std::string_view name_of(ModelFile::Kind kind) {
  switch (kind) {
    case ModelFile::Kind::config:
      return "config";
    case ModelFile::Kind::safetensors:
      return "safetensors";
    case ModelFile::Kind::pytorch:
      return "pytorch";
    case ModelFile::Kind::onnx:
      return "onnx";
    case ModelFile::Kind::nemo:
      return "nemo";
    case ModelFile::Kind::folder:
      return "folder";
    case ModelFile::Kind::gguf:
      break;
  }
  return "gguf";
}

/// What the files hold most of, or what the config says the checkpoint is stored in.
std::string dtype_of(const Model& model, const Inventory& inventory) {
  if (inventory.stored) return inventory.stored->weights.empty() ? "" : inventory.stored->weights.front().name;
  for (const std::string_view key : {"torch_dtype", "dtype"}) {
    const auto* value = model.config.find(key);
    const auto* text = value != nullptr ? value->as<std::string>() : nullptr;
    if (text != nullptr) return printable(*text);
  }
  return {};
}

/// The message without the path the row already has.
std::string reason(const std::string& message, const std::string& path) {
  const std::string start = printable(path) + ": ";
  return message.starts_with(start) ? message.substr(start.size()) : message;
}

/// Counts what `read` gives; with an error where it gives none.
template <class Read>
void count_into(ScannedModel& result, Expander& expander, const Read& read) {
  try {
    const Model model = read();
    if (is_companion(model.kind())) throw Error(std::string(noun_of(model.kind())) + ", not a model");
    Inventory inventory = expander.expand(model);
    if (inventory.stored && inventory.stored->tensors == 0) throw Error("holds no tensors");
    if (inventory.incomplete()) throw Error(incomplete_reason(inventory));
    if (model.kind() != CheckpointKind::model) result.type = paramcount::name_of(model.kind());
    ParamCounts counts = count_params(inventory);
    if (inventory.adapter) counts.total = counts.active = inventory.adapter->parameters;
    result.total = counts.total.value;
    result.active = counts.active.value;
    result.context = inventory.count("max_positions");
    result.dtype = dtype_of(model, inventory);
    if (inventory.stored) result.bytes = inventory.stored->file_bytes;
    inventory.tensors.clear();
    inventory.state.clear();
    inventory.named.clear();
    result.inventory = std::move(inventory);
  } catch (const Error& error) {
    result.error = reason(error.what(), result.path);
  }
}

ScannedModel scan_one(const ModelFile& file, const Catalog& catalog, Expander& expander) {
  ScannedModel result;
  result.path = file.path;
  result.kind = name_of(file.kind);
  result.error = file.problem;
  if (!result.error.empty()) return result;
  count_into(result, expander, [&] {
    return file.kind == ModelFile::Kind::config ? read_hf_config(file.path, catalog)
           : file.kind == ModelFile::Kind::folder || file.kind == ModelFile::Kind::nemo
               ? read_model(file.path, catalog)
               : read_checkpoint_model(file.path, catalog);
  });
  return result;
}

ScannedModel scan_cached(const CachedModel& cached, const Catalog& catalog, Expander& expander) {
  ScannedModel result;
  result.path = cached.path;
  result.name = cached.name;
  result.shown = cached.name.empty() ? cached.path : cached.name;
  result.cache = cache_title(cached.cache.kind);
  result.kind = is_folder(cached.path) ? "folder" : "gguf";
  result.error = reason(cached.problem, cached.path);
  if (!result.error.empty()) return result;
  count_into(result, expander, [&] { return read_cached_model(cached, catalog); });
  return result;
}

struct Scanned {
  std::vector<ScannedModel> models;
  std::vector<ScannedCache> caches;
};

Scanned scan_caches(const std::vector<ModelCache>& caches, const Catalog& catalog, Expander& expander) {
  Scanned scanned;
  Progress progress;
  for (const auto& cache : caches) {
    ScannedCache sum{cache_title(cache.kind), cache.folder, 0, 0};
    for (const auto& cached : cached_models(cache)) {
      progress.show("reading: " + cached.path);
      scanned.models.push_back(scan_cached(cached, catalog, expander));
      ++sum.models;
      sum.bytes += scanned.models.back().bytes;
    }
    if (sum.models > 0) scanned.caches.push_back(sum);
  }
  return scanned;
}

std::vector<ScannedModel> scan_folder(const std::string& folder, const Catalog& catalog, Expander& expander) {
  std::vector<ScannedModel> models;
  Progress progress;
  std::uint64_t folders = 0;
  const auto files = find_model_files(
      folder, [&](const std::string& path) { progress.show("looking: " + grouped(++folders) + " folders, " + path); });
  for (const auto& file : files) {
    // Many programs write a params.json; only those of models are meant.
    if (file.path.ends_with("/params.json") && !is_known_kind(file.path, catalog)) continue;
    progress.show("reading: " + grouped(models.size()) + " of " + grouped(files.size()) + ", " + file.path);
    models.push_back(scan_one(file, catalog, expander));
    auto& model = models.back();
    model.shown = file.path.substr(folder.size() + (folder.ends_with('/') ? 0 : 1));
    if (model.shown.empty()) model.shown = ".";
  }
  return models;
}

/// Caches of other programs have no config.json or file ending to be found by: those that there are, or the one named.
std::vector<ModelCache> caches_of(const std::string& folder) {
  if (folder.empty()) return model_caches();
  if (is_ollama_store(folder)) return {{ModelCache::Kind::ollama, folder}};
  return {};
}

}  // namespace

int run_scan(const Invocation& invocation) {
  OptionSet set("Count every model below a folder: each config.json, safetensors, GGUF, PyTorch, ONNX and NeMo file.");
  OutputOptions output;
  std::string folder;
  bool caches = false;
  set.word(folder, "DIR", "a folder, hf:org/name, or Ollama's folder of models");
  set.flag("--caches", caches,
           "scan the caches of the Hub, llama.cpp, Ollama, LM Studio and ModelScope on this machine, and show the name "
           "that finds each model");
  add_config_options(set, invocation.session.options);
  add_output_options(set, output);
  set.footer(
      "A checkpoint of several files is one row. A file that cannot be counted is a row with the\n"
      "reason, and the exit code is then 1.\n"
      "Examples:\n"
      "  paramcount scan ~/models\n"
      "  paramcount scan --caches\n"
      "  paramcount scan . --format csv > models.csv");
  if (!parse(set, invocation, "scan")) return static_cast<int>(ExitCode::answered);
  check(output);
  if (folder.empty() != caches) throw usage_error("scan: name one folder, or --caches");
  const Catalog& catalog = open_catalog(output, invocation);
  auto& expander = *invocation.session.expander;
  Scanned scanned;
  if (const auto found = caches_of(folder); !found.empty()) {
    scanned = scan_caches(found, catalog, expander);
  } else if (!caches) {
    const NamedPlace place(folder);
    scanned.models = scan_folder(place.path(), catalog, expander);
  }
  if (scanned.models.empty()) {
    throw Error(caches
                    ? "no models in the caches of the Hub, llama.cpp, Ollama, LM Studio or ModelScope"
                    : printable(folder) + ": no config.json, safetensors, GGUF, PyTorch, ONNX or NeMo file below it");
  }
  auto& report = invocation.session.report;
  const std::string title = caches ? "Models of other programs on this machine" : printable(folder);
  report = scan_report(title, scanned.models, scanned.caches, parts(output, invocation));
  const int code = print(report, output, invocation);
  const bool failed =
      std::any_of(scanned.models.begin(), scanned.models.end(), [](const auto& one) { return !one.error.empty(); });
  return code == static_cast<int>(ExitCode::answered) && failed ? static_cast<int>(ExitCode::could_not) : code;
}

}  // namespace paramcount
