// Ollama's registry: a manifest that names blobs by their digests. Source: github.com/ollama/ollama,
// manifest/manifest.go and types/model/name.go; the registry speaks the Docker registry's protocol, version 2.
#include <algorithm>

#include "base/budgets.hpp"
#include "base/text.hpp"
#include "catalog/json.hpp"
#include "paramcount/base/error.hpp"
#include "remote/places.hpp"
#include "remote/url.hpp"

namespace paramcount {
namespace {

constexpr std::string_view kManifest = "application/vnd.docker.distribution.manifest.v2+json";
constexpr std::string_view kModel = "application/vnd.ollama.image.model";
constexpr std::string_view kTensor = "application/vnd.ollama.image.tensor";

std::string explain(const HttpAnswer& answer, const RemoteName& name) {
  if (answer.status == 404) return "no such model or tag at " + parse_url(name.endpoint).place();
  if (answer.status == 401 || answer.status == 403) return "private; only public models of the registry are read";
  return unusual_answer(answer);
}

bool is_digest(std::string_view text) {
  if (!text.starts_with("sha256:") || text.size() != 71) return false;
  return std::all_of(text.begin() + 7, text.end(), [](char c) { return is_digit(c) || (c >= 'a' && c <= 'f'); });
}

/// The digest of the model's weights. Throws Error when the manifest names none, or no file that is one.
std::string model_digest(const std::string& text) {
  Value value;
  try {
    value = parse_json(text);
  } catch (const Error& error) {
    throw Error(std::string("its manifest is no JSON: ") + error.what());
  }
  const auto* layers = value.find("layers");
  const auto* list = layers != nullptr ? layers->as<Value::List>() : nullptr;
  if (list == nullptr) throw Error("its manifest has no layers");
  std::string digest;
  for (const auto& layer : *list) {
    const auto* type = layer.find("mediaType");
    const auto* type_text = type != nullptr ? type->as<std::string>() : nullptr;
    if (type_text == nullptr) continue;
    if (type_text->starts_with(kTensor))
      throw Error("its tensors are files of their own, not one GGUF: that is not read");
    if (*type_text != kModel) continue;
    const auto* named = layer.find("digest");
    const auto* named_text = named != nullptr ? named->as<std::string>() : nullptr;
    if (named_text == nullptr || !is_digest(*named_text)) throw Error("its manifest names the model by no SHA-256");
    if (!digest.empty()) throw Error("its manifest names several files of weights: that is not read");
    digest = *named_text;
  }
  if (digest.empty()) throw Error("its manifest names no weights: a model that runs elsewhere?");
  return digest;
}

}  // namespace

RemoteListing list_ollama(const RemoteName& name, const KeptAnswers& kept, const RemoteOptions& options) {
  RemoteListing out;
  out.explain = [name](const HttpAnswer& answer) { return explain(answer, name); };
  const std::string start = name.endpoint + "/v2/" + name.repo;
  if (options.offline) {
    out.commit = kept.commit_of(name.revision);
    if (!is_digest(out.commit)) {
      throw Error("not asked for over the network (--offline or HF_HUB_OFFLINE), and not kept from an earlier call");
    }
  } else {
    const HttpAnswer answer =
        ask({start + "/manifests/" + name.revision, std::nullopt, kMostJsonBytes, std::string(kManifest), {}}, options);
    if (answer.status != 200) throw Error(out.explain(answer));
    out.commit = model_digest(answer.body);
    kept.keep_commit(name.revision, out.commit);
  }
  const bool library = name.repo.starts_with("library/");
  out.name = "ollama:" + (library ? name.repo.substr(8) : name.repo) + ":" + name.revision + "@" + out.commit;
  out.files.push_back(
      {name.repo.substr(name.repo.find('/') + 1) + "-" + name.revision + ".gguf", start + "/blobs/" + out.commit});
  return out;
}

}  // namespace paramcount
