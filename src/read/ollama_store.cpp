#include "read/ollama_store.hpp"

#include <algorithm>

#include "base/budgets.hpp"
#include "base/file.hpp"
#include "base/text.hpp"
#include "catalog/json.hpp"
#include "paramcount/base/error.hpp"

namespace paramcount {
namespace {

constexpr std::string_view kHost = "registry.ollama.ai";
constexpr std::string_view kNamespace = "library";
constexpr std::string_view kTag = "latest";
constexpr std::string_view kModelLayer = "application/vnd.ollama.image.model";
constexpr std::string_view kTensorLayer = "application/vnd.ollama.image.tensor";
constexpr std::string_view kManifests = "/manifests/";

/// Of a host, a namespace, a model or a tag: what leads nowhere else.
bool is_part(std::string_view part) {
  if (part.empty() || part.size() > 350 || part.front() == '.' || part.front() == '-') return false;
  return std::all_of(part.begin(), part.end(), [](char c) {
    return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '.' || c == '-' || c == '_';
  });
}

}  // namespace

std::string ollama_digest(std::string_view text) {
  if (text.size() != 71 || !(text.starts_with("sha256:") || text.starts_with("sha256-"))) return {};
  std::string digits = lower(text.substr(7));
  return digits.find_first_not_of("0123456789abcdef") == std::string::npos ? digits : std::string();
}

std::string ollama_model_digest(const std::string& manifest) {
  const Value value = parse_json(manifest);
  const auto* layers = value.find<Value::List>("layers");
  if (layers == nullptr) throw Error("/layers: expected a list: not an Ollama manifest");
  std::string digest;
  for (const auto& layer : *layers) {
    const auto* type = layer.find<std::string>("mediaType");
    if (type == nullptr) continue;
    if (type->starts_with(kTensorLayer))
      throw Error("its model is stored as separate tensors, which are not supported");
    if (*type != kModelLayer) continue;
    if (!digest.empty()) throw Error("it names several weights files, which is not supported");
    digest = ollama_digest(layer.text("digest"));
    if (digest.empty()) throw Error("/layers: a digest other than sha256: and 64 hexadecimal digits");
  }
  if (digest.empty()) throw Error("names no model: it is a cloud model, or was not downloaded");
  return digest;
}

bool is_ollama_store(const std::string& folder) {
  return is_folder(folder + "/manifests") && is_folder(folder + "/blobs");
}

std::string ollama_store_of(const std::string& manifest) {
  const auto at = manifest.rfind(kManifests);
  if (at == std::string::npos) return {};
  const std::string store = at == 0 ? "/" : manifest.substr(0, at);
  return is_ollama_store(store) ? store : std::string();
}

std::vector<OllamaManifest> ollama_manifests(const std::string& store) {
  std::vector<OllamaManifest> found;
  const std::string root = store + "/manifests";
  for (const auto& host : folders_in(root)) {
    for (const auto& space : folders_in(root + "/" + host)) {
      const std::string in_space = joined({root, "/", host, "/", space});
      for (const auto& model : folders_in(in_space)) {
        for (const auto& tag : files_in(in_space + "/" + model, "")) {
          if (!is_part(host) || !is_part(space) || !is_part(model) || !is_part(tag)) continue;
          if (found.size() == kMostManifests) throw Error(printable(store) + ": more than 10,000 manifests");
          std::string name = model + ":" + tag;
          if (host != kHost) {
            name = joined({host, "/", space, "/", name});
          } else if (space != kNamespace) {
            name = joined({space, "/", name});
          }
          found.push_back({std::move(name), joined({in_space, "/", model, "/", tag})});
        }
      }
    }
  }
  std::sort(found.begin(), found.end(), [](const auto& a, const auto& b) { return natural_less(a.name, b.name); });
  return found;
}

std::string ollama_manifest(const std::string& store, std::string_view name) {
  const auto colon = name.rfind(':');
  const bool tagged = colon != std::string_view::npos && name.find('/', colon) == std::string_view::npos;
  const auto tag = tagged ? name.substr(colon + 1) : kTag;
  std::vector<std::string_view> parts = split(tagged ? name.substr(0, colon) : name, '/');
  if (parts.size() > 3) return {};
  if (parts.size() == 1) parts.insert(parts.begin(), kNamespace);
  if (parts.size() == 2) parts.insert(parts.begin(), kHost);
  if (!is_part(tag) || !std::all_of(parts.begin(), parts.end(), is_part)) return {};
  const std::string path = joined({store, "/manifests/", parts[0], "/", parts[1], "/", parts[2], "/", tag});
  return is_file(path) ? path : std::string();
}

OllamaBlob ollama_model(const std::string& manifest) {
  const std::string text = read_file(manifest, kMostManifestBytes);
  return locating(manifest, [&]() -> OllamaBlob {
    const std::string digest = ollama_model_digest(text);
    const std::string store = ollama_store_of(manifest);
    if (store.empty()) throw Error("a manifest of Ollama without its blobs");
    const std::string path = store + "/blobs/sha256-" + digest;
    if (!is_file(path)) throw Error("its model, blobs/sha256-" + digest + ", is missing");
    return {path, digest};
  });
}

}  // namespace paramcount
