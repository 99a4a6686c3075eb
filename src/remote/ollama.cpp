// Ollama's registry: a manifest that names blobs by their digests. Source: github.com/ollama/ollama,
// manifest/manifest.go and types/model/name.go; the registry speaks the Docker registry's protocol, version 2.
#include "base/budgets.hpp"
#include "paramcount/base/error.hpp"
#include "read/ollama_store.hpp"
#include "remote/places.hpp"
#include "remote/url.hpp"

namespace paramcount {
namespace {

constexpr std::string_view kManifest = "application/vnd.docker.distribution.manifest.v2+json";

std::string explain(const HttpAnswer& answer, const RemoteName& name) {
  if (answer.status == 404) return "no such model or tag at " + parse_url(name.endpoint).place();
  if (answer.status == 401 || answer.status == 403) return "private; only public models of the registry can be read";
  return unusual_answer(answer);
}

}  // namespace

RemoteListing list_ollama(const RemoteName& name, const KeptAnswers& kept, const RemoteOptions& options) {
  RemoteListing out;
  out.explain = [name](const HttpAnswer& answer) { return explain(answer, name); };
  const std::string start = name.endpoint + "/v2/" + name.repo;
  if (options.offline) {
    out.commit = kept.commit_of(name.revision);
    if (ollama_digest(out.commit).empty()) {
      throw Error(std::string(kOfflineAndNotKept));
    }
  } else {
    const HttpAnswer answer =
        ask({start + "/manifests/" + name.revision, std::nullopt, kMostJsonBytes, std::string(kManifest), {}}, options);
    if (answer.status != 200) throw Error(out.explain(answer));
    out.commit = "sha256:" + locating("its manifest", [&] { return ollama_model_digest(answer.body); });
    kept.keep_commit(name.revision, out.commit);
  }
  const bool library = name.repo.starts_with("library/");
  out.name = "ollama:" + (library ? name.repo.substr(8) : name.repo) + ":" + name.revision + "@" + out.commit;
  out.files.push_back(
      {name.repo.substr(name.repo.find('/') + 1) + "-" + name.revision + ".gguf", start + "/blobs/" + out.commit});
  return out;
}

}  // namespace paramcount
