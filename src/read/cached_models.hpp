// Models that other programs have stored on this machine, found offline: the caches of the Hugging Face Hub, llama.cpp,
// Ollama, LM Studio and ModelScope. Layouts: llama.cpp common/hf-cache.cpp (Hub), common/common.cpp (its own); ollama
// manifest/paths.go; modelscope utils/file_utils.py.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/process_variable.hpp"
#include "paramcount/catalog/catalog.hpp"
#include "paramcount/catalog/model.hpp"

namespace paramcount {

/// A folder that one of these programs keeps models in.
struct ModelCache {
  enum class Kind : std::uint8_t { hub, llama_cpp, ollama, lm_studio, model_scope } kind{};
  std::string folder;
};

/// "the Hub's cache", "Ollama's models" ...
[[nodiscard]] std::string_view cache_title(ModelCache::Kind kind);

/// An environment variable by its name; "" where it is not set.
using Variables = std::function<std::string(const char* name)>;

/// Those that exist, each once. By HF_HUB_CACHE, HUGGINGFACE_HUB_CACHE, HF_HOME, LLAMA_CACHE, OLLAMA_MODELS,
/// MODELSCOPE_CACHE, XDG_CACHE_HOME and HOME, as the programs read them.
[[nodiscard]] std::vector<ModelCache> model_caches(const Variables& variable = process_variable);

struct CachedModel {
  ModelCache cache;
  std::string name;     ///< what finds it: "Qwen/Qwen3-8B", "ollama:llama3.2:1b"; empty: only its path does
  std::string path;     ///< of the folder or file that it is read from
  std::string version;  ///< a commit of the Hub, a digest of Ollama; may be empty
  std::string problem;  ///< why it cannot be read: a manifest that is damaged
};

/// The model that "org/name", "org/name:QUANT" or "ollama:name[:tag]" is called in the first cache that has it. Among
/// several GGUF files the quant decides; without one Q4_K_M, then Q8_0, then the first, as llama.cpp does. Throws Error
/// where the model is there and what was asked of it is not.
[[nodiscard]] std::optional<CachedModel> find_cached_model(std::string_view name,
                                                           const std::vector<ModelCache>& caches);

/// All that a cache holds, sorted by name.
[[nodiscard]] std::vector<CachedModel> cached_models(const ModelCache& cache);

/// Reads what was found; it is called as it was asked for, and says where it was read.
[[nodiscard]] Model read_cached_model(const CachedModel& found, const Catalog& catalog);

/// A path into a cache that is not a model by itself: a folder models--org--name of the Hub, a manifest of Ollama or
/// its folder of models. Nothing for other paths. Throws Error if it leads to no model or several.
[[nodiscard]] std::optional<CachedModel> cached_model_at(const std::string& path);

}  // namespace paramcount
