#include "read/cached_models.hpp"

#include <algorithm>
#include <array>
#include <set>

#include "base/budgets.hpp"
#include "base/file.hpp"
#include "base/text.hpp"
#include "paramcount/base/error.hpp"
#include "read/checkpoint_model.hpp"
#include "read/hub_cache.hpp"
#include "read/model_folder.hpp"
#include "read/ollama_store.hpp"

namespace paramcount {
namespace {

constexpr std::string_view kOllama = "ollama:";
using Kind = ModelCache::Kind;

/// Whether there is anything to read in it: a config, safetensors or GGUF.
bool holds_model(const std::string& folder) {
  return is_checkpoint(folder) || !config_beside(folder).empty() || has_parts(folder + "/");
}

/// The folder or, of GGUF files, the one that the quant names; empty: there is no model.
std::string model_in(const std::string& folder, std::string_view quant) {
  const bool whole = quant.empty() && (!files_in(folder, ".safetensors").empty() || has_parts(folder + "/"));
  if (!whole) {
    if (auto file = choose_gguf(folder, quant); !file.empty()) return file;
    if (!quant.empty()) return {};
  }
  return holds_model(folder) ? folder : std::string();
}

/// ModelScope writes the dots of a name so.
std::string with_written_dots(std::string_view name) {
  std::string written(name);
  replace_all(written, ".", "___");
  return written;
}

/// The folder of "org/name" in a cache whose folders are called so; empty: none.
std::string folder_of(const ModelCache& cache, std::string_view repository) {
  std::string folder = joined({cache.folder, "/", repository});
  if (is_folder(folder)) return folder;
  if (cache.kind != Kind::model_scope) return {};
  folder = joined({cache.folder, "/", with_written_dots(repository)});
  return is_folder(folder) ? folder : std::string();
}

std::optional<CachedModel> of_hub(const ModelCache& cache, std::string_view repository, std::string_view quant) {
  const std::string folder = cache.folder + "/" + hub_folder(repository);
  if (!is_hub_folder(folder)) return std::nullopt;
  const auto snapshot = hub_snapshot(folder);
  std::string path = model_in(snapshot.folder, quant);
  // Other programs keep tokenizers of models there, without any model.
  if (path.empty()) return std::nullopt;
  return CachedModel{cache, std::string(repository), std::move(path), snapshot.commit, {}};
}

/// llama.cpp's own cache before it took the Hub's: <org>_<name>_<file>.gguf.
std::optional<CachedModel> of_llama_cpp(const ModelCache& cache, std::string_view repository, std::string_view quant) {
  if (auto found = of_hub(cache, repository, quant)) return found;
  std::string prefix = joined({repository, "_"});
  replace_all(prefix, "/", "_");
  std::vector<std::string> names = files_in(cache.folder, ".gguf");
  std::erase_if(names, [&](const std::string& name) { return !name.starts_with(prefix); });
  if (names.empty()) return std::nullopt;
  const auto wanted = quant.empty() ? std::string("q4_k_m") : lower(quant);
  auto found = std::find_if(names.begin(), names.end(),
                            [&](const auto& name) { return lower(name).find(wanted) != std::string::npos; });
  if (found == names.end() && !quant.empty()) {
    throw Error(printable(repository) + ": no GGUF file of " + printable(quant) + " in " + printable(cache.folder) +
                ". Available: " + printable(names.front()));
  }
  if (found == names.end()) found = names.begin();
  return CachedModel{cache, std::string(repository), cache.folder + "/" + *found, {}, {}};
}

std::optional<CachedModel> of_folders(const ModelCache& cache, std::string_view repository, std::string_view quant) {
  const std::string folder = folder_of(cache, repository);
  if (folder.empty()) return std::nullopt;
  std::string path = model_in(folder, quant);
  if (path.empty()) return std::nullopt;
  return CachedModel{cache, std::string(repository), std::move(path), {}, {}};
}

CachedModel of_manifest(const ModelCache& cache, const OllamaManifest& manifest) {
  auto blob = ollama_model(manifest.path);
  return {cache, std::string(kOllama) + manifest.name, std::move(blob.path), std::move(blob.digest), {}};
}

/// What is in one folder: its whole model, and each of its GGUF files under the quant that finds it.
void add_models_in(const ModelCache& cache, const std::string& repository, const std::string& folder,
                   const std::string& version, std::vector<CachedModel>& found) {
  const auto files = gguf_models(folder);
  for (const auto& file : files) {
    const std::string quant = quant_of(file);
    std::string path = folder + "/" + file;
    std::string name = files.size() == 1 ? repository : joined({repository, ":", quant});
    if (files.size() > 1 && (quant.empty() || choose_gguf(folder, quant) != path)) name.clear();
    found.push_back({cache, std::move(name), std::move(path), version, {}});
  }
  if (files.empty() && holds_model(folder)) found.push_back({cache, repository, folder, version, {}});
}

void add_hub_models(const ModelCache& cache, std::vector<CachedModel>& found) {
  for (const auto& name : folders_in(cache.folder)) {
    const std::string repository = repository_of(name);
    const std::string folder = cache.folder + "/" + name;
    if (repository.empty() || !is_hub_folder(folder)) continue;
    try {
      const auto snapshot = hub_snapshot(folder);
      add_models_in(cache, repository, snapshot.folder, snapshot.commit, found);
    } catch (const Error& error) {
      found.push_back({cache, repository, folder, {}, error.what()});
    }
  }
}

void add_folder_models(const ModelCache& cache, std::vector<CachedModel>& found) {
  for (const auto& organisation : folders_in(cache.folder)) {
    for (const auto& name : folders_in(cache.folder + "/" + organisation)) {
      const std::string repository = joined({organisation, "/", name});
      if (!is_repository(repository)) continue;
      std::string shown = repository;
      if (cache.kind == Kind::model_scope) replace_all(shown, "___", ".");
      add_models_in(cache, shown, cache.folder + "/" + repository, {}, found);
    }
  }
}

}  // namespace

std::string_view cache_title(ModelCache::Kind kind) {
  constexpr std::array<std::string_view, 5> kTitles{"the Hub's cache", "llama.cpp's cache", "Ollama's models",
                                                    "LM Studio's models", "ModelScope's cache"};
  return kTitles[static_cast<std::size_t>(kind)];
}

std::vector<ModelCache> model_caches(const Variables& variable) {
  std::vector<ModelCache> caches;
  std::set<FileIdentity> known;
  const auto add = [&](Kind kind, const std::string& folder) {
    const auto identity = is_folder(folder) ? identity_of(folder) : std::nullopt;
    if (identity && known.insert(*identity).second) caches.push_back({kind, folder});
  };
  const std::string home = variable("HOME");
  std::string cache = variable("XDG_CACHE_HOME");
  if (cache.empty() && !home.empty()) cache = home + "/.cache";
  // Each program takes the first of its variables that is set; all are looked at here, for they may hold models still.
  for (const char* name : {"HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE"}) add(Kind::hub, variable(name));
  if (const auto folder = variable("HF_HOME"); !folder.empty()) add(Kind::hub, folder + "/hub");
  if (!cache.empty()) add(Kind::hub, cache + "/huggingface/hub");
  add(Kind::llama_cpp, variable("LLAMA_CACHE"));
  if (!cache.empty()) add(Kind::llama_cpp, cache + "/llama.cpp");
  if (!home.empty()) add(Kind::llama_cpp, home + "/Library/Caches/llama.cpp");
  add(Kind::ollama, variable("OLLAMA_MODELS"));
  if (!home.empty()) add(Kind::ollama, home + "/.ollama/models");
  add(Kind::ollama, "/usr/share/ollama/.ollama/models");
  if (!home.empty()) {
    add(Kind::lm_studio, home + "/.lmstudio/models");
    add(Kind::lm_studio, home + "/.cache/lm-studio/models");
  }
  std::string scope = variable("MODELSCOPE_CACHE");
  if (scope.empty() && !cache.empty()) scope = cache + "/modelscope";
  if (!scope.empty()) {
    for (const auto* inner : {"/hub/models", "/hub", "/models", ""}) add(Kind::model_scope, scope + inner);
  }
  return caches;
}

std::optional<CachedModel> find_cached_model(std::string_view name, const std::vector<ModelCache>& caches) {
  if (name.starts_with(kOllama)) {
    const auto wanted = name.substr(kOllama.size());
    for (const auto& cache : caches) {
      if (cache.kind != Kind::ollama) continue;
      if (auto path = ollama_manifest(cache.folder, wanted); !path.empty()) {
        return of_manifest(cache, {std::string(wanted), std::move(path)});
      }
    }
    return std::nullopt;
  }
  const auto colon = name.find(':');
  const auto repository = name.substr(0, colon);
  const auto quant = colon == std::string_view::npos ? std::string_view() : name.substr(colon + 1);
  if (!is_repository(repository)) return std::nullopt;
  for (const auto& cache : caches) {
    std::optional<CachedModel> found;
    if (cache.kind == Kind::hub) found = of_hub(cache, repository, quant);
    if (cache.kind == Kind::llama_cpp) found = of_llama_cpp(cache, repository, quant);
    if (cache.kind == Kind::lm_studio || cache.kind == Kind::model_scope) found = of_folders(cache, repository, quant);
    if (found) {
      found->name = name;
      return found;
    }
  }
  return std::nullopt;
}

std::vector<CachedModel> cached_models(const ModelCache& cache) {
  std::vector<CachedModel> found;
  if (cache.kind == Kind::ollama) {
    for (const auto& manifest : ollama_manifests(cache.folder)) {
      try {
        found.push_back(of_manifest(cache, manifest));
      } catch (const Error& error) {
        found.push_back({cache, std::string(kOllama) + manifest.name, manifest.path, {}, error.what()});
      }
    }
    return found;
  }
  if (cache.kind == Kind::lm_studio || cache.kind == Kind::model_scope) {
    add_folder_models(cache, found);
  } else {
    add_hub_models(cache, found);
  }
  if (cache.kind == Kind::llama_cpp) {
    for (const auto& name : files_in(cache.folder, ".gguf")) {
      found.push_back({cache, {}, cache.folder + "/" + name, {}, {}});
    }
  }
  std::sort(found.begin(), found.end(), [](const auto& a, const auto& b) {
    return a.name != b.name ? natural_less(a.name, b.name) : a.path < b.path;
  });
  if (found.size() > kMostCachedModels) throw Error(printable(cache.folder) + ": more than 100,000 models");
  return found;
}

Model read_cached_model(const CachedModel& found, const Catalog& catalog) {
  Model model = read_model(found.path, catalog);
  if (found.name.empty()) return model;
  // The folder of a snapshot and a blob are called by their hashes.
  const bool own_name = model.checkpoint && model.checkpoint->format == CheckpointFormat::gguf && !model.name.empty() &&
                        model.name != model.id;
  model.id = found.name;
  if (!own_name) model.name = found.name;
  model.named = printable(found.name) + " is read from " + std::string(cache_title(found.cache.kind)) + ", " +
                printable(found.path) + ".";
  return model;
}

std::optional<CachedModel> cached_model_at(const std::string& given) {
  std::string path = given;
  while (path.size() > 1 && path.ends_with('/')) path.pop_back();
  if (is_folder(path)) {
    if (is_hub_folder(path)) {
      const auto snapshot = hub_snapshot(path);
      std::string inside = model_in(snapshot.folder, "");
      if (inside.empty()) throw Error(printable(path) + ": no config.json, safetensors or GGUF in its snapshot");
      std::string name = repository_of(path.substr(path.rfind('/') + 1));
      return CachedModel{
          {Kind::hub, path}, name.empty() ? path : std::move(name), std::move(inside), snapshot.commit, {}};
    }
    if (!is_ollama_store(path)) return std::nullopt;
    const auto manifests = ollama_manifests(path);
    if (manifests.empty()) throw Error(printable(path) + ": Ollama's folder of models, without any");
    if (manifests.size() > 1) {
      throw Error(printable(path) + ": Ollama's folder of " + std::to_string(manifests.size()) +
                  " models. Name one, such as " + printable(manifests.front().path) + "; 'paramcount scan' counts all");
    }
    return of_manifest({Kind::ollama, path}, manifests.front());
  }
  if (path.find("/manifests/") == std::string::npos || path.ends_with(".json") || !is_file(path)) return std::nullopt;
  const std::string store = ollama_store_of(path);
  if (store.empty()) return std::nullopt;
  // <host>/<namespace>/<model>/<tag>
  const auto parts = split(path, '/');
  return of_manifest({Kind::ollama, store}, {joined({parts[parts.size() - 2], ":", parts.back()}), path});
}

}  // namespace paramcount
