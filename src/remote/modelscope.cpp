// ModelScope. Source: modelscope/hub/api.py (get_model_files), file_download.py (get_file_download_url).
#include <algorithm>

#include "base/budgets.hpp"
#include "base/text.hpp"
#include "catalog/json.hpp"
#include "paramcount/base/error.hpp"
#include "remote/places.hpp"
#include "remote/url.hpp"

namespace paramcount {
namespace {

std::string in_query(std::string_view text) {
  std::string out = percent_encoded(text);
  replace_all(out, "&", "%26");
  replace_all(out, "=", "%3D");
  replace_all(out, "+", "%2B");
  return out;
}

std::string explain(const HttpAnswer& answer, const RemoteName& name) {
  if (answer.status == 404) return "no such model, revision or file at " + parse_url(name.endpoint).place();
  if (answer.status == 401 || answer.status == 403)
    return "private or gated; only public ModelScope models can be read";
  return unusual_answer(answer);
}

}  // namespace

RemoteListing list_modelscope(const RemoteName& name, const KeptAnswers& kept, const RemoteOptions& options) {
  const std::string revision = name.revision.empty() ? "master" : name.revision;
  RemoteListing out;
  out.explain = [name](const HttpAnswer& answer) { return explain(answer, name); };
  std::vector<std::string> files;
  std::string commit = is_commit(revision) ? revision : options.offline ? kept.commit_of(revision) : "";
  auto known = commit.empty() ? std::nullopt : kept.files(commit);
  const std::string start = name.endpoint + "/api/v1/models/" + name.repo + "/repo";
  if (known) {
    files = std::move(*known);
  } else if (options.offline) {
    throw Error(std::string(kOfflineAndNotKept));
  } else {
    const HttpAnswer answer = ask({start + "/files?Revision=" + in_query(revision) + "&Recursive=true",
                                   std::nullopt,
                                   kMostJsonBytes,
                                   "application/json",
                                   {}},
                                  options);
    if (answer.status != 200) throw Error(out.explain(answer));
    Value value;
    try {
      value = parse_json(answer.body);
    } catch (const Error& error) {
      throw Error(std::string("ModelScope's response is not a list of files: ") + error.what());
    }
    const auto* data = value.find("Data");
    const auto* list = data != nullptr ? data->find<Value::List>("Files") : nullptr;
    if (list == nullptr) throw Error("ModelScope's response lists no files");
    for (const auto& file : *list) {
      const auto* path = file.find<std::string>("Path");
      if (path != nullptr && file.text("Type") != "tree") files.push_back(*path);
    }
    check_files(files);
    const auto* committer = data->find("LatestCommitter");
    const std::string latest = committer != nullptr ? committer->text("Revision") : "";
    if (commit.empty() && is_commit(latest)) commit = latest;
    if (!commit.empty()) {
      if (!is_commit(revision)) kept.keep_commit(revision, commit);
      kept.keep_files(commit, files);
    }
  }
  out.commit = commit;
  const std::string& pinned = commit.empty() ? revision : commit;
  out.name = "ms:" + name.repo + "@" + pinned;
  for (const auto& file : files) {
    out.files.push_back({file, start + "?Revision=" + in_query(pinned) + "&FilePath=" + in_query(file)});
  }
  return out;
}

}  // namespace paramcount
