// Ollama's model folder: manifests/<host>/<namespace>/<model>/<tag>, JSON that names blobs/sha256-<hex>.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace paramcount {

struct OllamaManifest {
  std::string name;  ///< as Ollama says it: "llama3.2:1b", "user/model:tag", "hf.co/org/name:Q4_K_M"
  std::string path;
};

/// Whether a folder has `manifests` and `blobs`.
[[nodiscard]] bool is_ollama_store(const std::string& folder);

/// The folder of models that a path below `manifests` is in; empty where it is in none.
[[nodiscard]] std::string ollama_store_of(const std::string& manifest);

/// All manifests, sorted by name; names with other characters than Ollama's own are left out.
[[nodiscard]] std::vector<OllamaManifest> ollama_manifests(const std::string& store);

/// The manifest of "name[:tag]", with the defaults registry.ollama.ai, library and latest; empty where there is none.
[[nodiscard]] std::string ollama_manifest(const std::string& store, std::string_view name);

/// The digits of "sha256:<64 hexadecimal digits>", in lower case; empty if it is not one.
[[nodiscard]] std::string ollama_digest(std::string_view text);
/// Of a manifest's text: the digest of the one GGUF file of its model. Throws Error "<what is wrong>".
[[nodiscard]] std::string ollama_model_digest(const std::string& manifest);

struct OllamaBlob {
  std::string path;
  std::string digest;  ///< 64 hexadecimal digits
};
/// The GGUF file of a manifest's model. Throws Error "<manifest>: ..." where it is none, names no model or another
/// digest than 64 hexadecimal digits, or its file is not there.
[[nodiscard]] OllamaBlob ollama_model(const std::string& manifest);

}  // namespace paramcount
