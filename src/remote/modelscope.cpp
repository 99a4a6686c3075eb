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
    return "private or gated; only public models of ModelScope are read";
  return unusual_answer(answer);
}

const Value* find(const Value& value, std::initializer_list<std::string_view> keys) {
  const Value* at = &value;
  for (const auto key : keys) {
    if (at != nullptr) at = at->find(key);
  }
  return at;
}

const std::string* text_of(const Value& value, std::initializer_list<std::string_view> keys) {
  const auto* found = find(value, keys);
  return found != nullptr ? found->as<std::string>() : nullptr;
}

bool is_commit(std::string_view text) {
  return text.size() == 40 &&
         std::all_of(text.begin(), text.end(), [](char c) { return is_digit(c) || (c >= 'a' && c <= 'f'); });
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
    throw Error("not asked for over the network (--offline or HF_HUB_OFFLINE), and not kept from an earlier call");
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
      throw Error(std::string("ModelScope's answer is no list of files: ") + error.what());
    }
    const auto* data = find(value, {"Data", "Files"});
    const auto* list = data != nullptr ? data->as<Value::List>() : nullptr;
    if (list == nullptr) throw Error("ModelScope's answer lists no files");
    if (list->size() > kMostRemoteFiles) throw Error("it lists more than 100,000 files");
    for (const auto& file : *list) {
      const auto* type = text_of(file, {"Type"});
      const auto* path = text_of(file, {"Path"});
      if (path == nullptr || (type != nullptr && *type == "tree")) continue;
      bool fits = is_printable(*path);
      for (const auto piece : split(*path, '/')) fits = fits && !piece.empty() && piece != "." && piece != "..";
      if (!fits) throw Error("it lists a file called " + printable(path->substr(0, 80)));
      files.push_back(*path);
    }
    std::sort(files.begin(), files.end());
    files.erase(std::unique(files.begin(), files.end()), files.end());
    const auto* latest = text_of(value, {"Data", "LatestCommitter", "Revision"});
    if (commit.empty() && latest != nullptr && is_commit(*latest)) commit = *latest;
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
