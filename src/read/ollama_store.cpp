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

/// "sha256:<64 hexadecimal digits>"; empty: no such thing.
std::string digest_of(const Value& layer) {
  const auto* value = layer.find("digest");
  const auto* text = value != nullptr ? value->as<std::string>() : nullptr;
  if (text == nullptr || text->size() != 71 || !(text->starts_with("sha256:") || text->starts_with("sha256-"))) {
    return {};
  }
  const std::string digits = lower(text->substr(7));
  return digits.find_first_not_of("0123456789abcdef") == std::string::npos ? digits : std::string();
}

}  // namespace

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
  const auto fail = [&](const std::string& what) { return Error(printable(manifest) + ": " + what); };
  Value value;
  try {
    value = parse_json(read_file(manifest, kMostManifestBytes));
  } catch (const Error& error) {
    const std::string_view said = error.what();
    throw said.starts_with(printable(manifest)) ? error : located(printable(manifest), error);
  }
  const auto* list = value.find("layers");
  const auto* layers = list != nullptr ? list->as<Value::List>() : nullptr;
  if (layers == nullptr) throw fail("/layers: expected a list: no manifest of Ollama");
  const std::string store = ollama_store_of(manifest);
  if (store.empty()) throw fail("a manifest of Ollama without its blobs");
  bool tensors = false;
  for (const auto& layer : *layers) {
    const auto* type = layer.find("mediaType");
    const auto* text = type != nullptr ? type->as<std::string>() : nullptr;
    if (text == nullptr) continue;
    tensors = tensors || text->starts_with(kTensorLayer);
    if (*text != kModelLayer) continue;
    const std::string digest = digest_of(layer);
    if (digest.empty()) throw fail("/layers: a digest that is not sha256: and 64 hexadecimal digits");
    const std::string path = store + "/blobs/sha256-" + digest;
    if (!is_file(path)) throw fail("its model, blobs/sha256-" + digest + ", is not there");
    return {path, digest};
  }
  throw fail(tensors ? "its model is kept as single tensors, which are not read"
                     : "names no model: nothing of it is kept here");
}

}  // namespace paramcount
