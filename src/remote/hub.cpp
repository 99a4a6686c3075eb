// Hugging Face's Hub and its mirrors. Sources: huggingface_hub (hf_api.py, utils/_http.py: X-Error-Code,
// X-Repo-Commit), huggingface.co/docs/hub/api.
#include <algorithm>

#include "base/budgets.hpp"
#include "base/text.hpp"
#include "catalog/json.hpp"
#include "paramcount/base/error.hpp"
#include "remote/places.hpp"
#include "remote/settings.hpp"
#include "remote/url.hpp"

namespace paramcount {
namespace {

/// As one piece of a path: the slashes of "refs/pr/1" too.
std::string one_piece(std::string_view text) {
  std::string out = percent_encoded(text);
  replace_all(out, "/", "%2F");
  return out;
}

/// Why the list of a repository, or else a file of it, is refused.
std::string explain(const HttpAnswer& answer, const RemoteName& name, bool with_token, bool of_list) {
  std::string code = answer.field("x-error-code");
  if (code.empty()) code = answer.first_field("x-error-code");
  const std::string page = name.endpoint + "/" + name.repo;
  if (code == "GatedRepo" || (answer.status == 403 && of_list)) {
    if (lower(answer.field("x-error-message")).find("disabled") != std::string::npos)
      return "the Hub has disabled access to it";
    return with_token ? "gated, and the token's user has no access yet; request it at " + page
                      : "gated: accept its conditions at " + page + ", then set HF_TOKEN";
  }
  if (code == "RevisionNotFound") return "no revision " + printable(name.revision) + " in it";
  if (code == "EntryNotFound" || (!of_list && answer.status == 404)) return "no such file in it";
  if (answer.status == 401 && !with_token) return "no such repository, or a private one (set HF_TOKEN)";
  if (answer.status == 401) return "the Hub does not accept the token, or there is no such repository";
  if (code == "RepoNotFound" || answer.status == 404)
    return "no such repository" + std::string(with_token ? " for the token's user" : "");
  return unusual_answer(answer) + (answer.status == 429 && !with_token ? ". HF_TOKEN raises the limit" : "");
}

/// What the Hub said: the commit, and the files.
struct Repository {
  std::string commit;
  std::vector<std::string> files;
};

Repository read_repository(const std::string& text) {
  Value value;
  try {
    value = parse_json(text);
  } catch (const Error& error) {
    throw Error(std::string("the Hub's response is not a list of files: ") + error.what());
  }
  Repository out;
  const auto* commit = value.find<std::string>("sha");
  const auto* files = value.find<Value::List>("siblings");
  if (commit == nullptr || !is_commit(*commit) || files == nullptr)
    throw Error("the Hub's response has no commit or files");
  out.commit = *commit;
  for (const auto& file : *files) {
    const auto* path = file.find<std::string>("rfilename");
    if (path == nullptr) throw Error("the Hub's response lists a file without a name");
    out.files.push_back(*path);
  }
  check_files(out.files);
  return out;
}

}  // namespace

RemoteListing list_hub(const RemoteName& name, const KeptAnswers& kept, const RemoteOptions& options) {
  const std::string revision = name.revision.empty() ? "main" : name.revision;
  Repository found;
  RemoteListing out;
  out.token = options.offline ? "" : hub_token();
  // Secrets go over https, and to this machine.
  const Url endpoint = parse_url(name.endpoint);
  if (endpoint.scheme != "https" && !is_loopback_host(endpoint.host)) out.token.clear();
  const bool with_token = !out.token.empty();
  out.explain = [name, with_token](const HttpAnswer& answer) { return explain(answer, name, with_token, false); };
  std::string commit = is_commit(revision) ? revision : options.offline ? kept.commit_of(revision) : "";
  auto files = commit.empty() ? std::nullopt : kept.files(commit);
  if (files) {
    found.commit = std::move(commit);
    found.files = std::move(*files);
  } else if (options.offline) {
    throw Error(std::string(kOfflineAndNotKept));
  } else {
    const HttpAnswer answer = ask({name.endpoint + "/api/models/" + name.repo + "/revision/" + one_piece(revision),
                                   std::nullopt, kMostJsonBytes, "application/json", out.token},
                                  options);
    if (answer.status != 200) throw Error(explain(answer, name, with_token, true));
    found = read_repository(answer.body);
    if (!is_commit(revision)) kept.keep_commit(revision, found.commit);
    kept.keep_files(found.commit, found.files);
  }
  out.commit = found.commit;
  out.name = "hf:" + name.repo + "@" + found.commit;
  for (const auto& file : found.files) {
    out.files.push_back(
        {file, name.endpoint + "/" + name.repo + "/resolve/" + found.commit + "/" + percent_encoded(file)});
  }
  return out;
}

}  // namespace paramcount
