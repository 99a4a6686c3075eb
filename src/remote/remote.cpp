#include "remote/remote.hpp"

#include <algorithm>

#include "base/budgets.hpp"
#include "base/file.hpp"
#include "base/numbers.hpp"
#include "base/text.hpp"
#include "paramcount/base/error.hpp"
#include "read/shards.hpp"
#include "remote/curl.hpp"
#include "remote/places.hpp"
#include "remote/settings.hpp"
#include "remote/url.hpp"

namespace paramcount {
namespace {

/// What is kept of one place: of the Hub's files under its own name, whatever mirror brought them.
KeptAnswers kept_for(const RemoteName& name, const RemoteOptions& options) {
  if (!options.keep || name.kind == RemoteName::Kind::url) return {};
  return {parse_url(name.endpoint).place(), name.repo};
}

RemoteListing list(const RemoteName& name, const KeptAnswers& kept, const RemoteOptions& options) {
  switch (name.kind) {
    case RemoteName::Kind::hub:
      return list_hub(name, kept, options);
    case RemoteName::Kind::modelscope:
      return list_modelscope(name, kept, options);
    case RemoteName::Kind::ollama:
      return list_ollama(name, kept, options);
    case RemoteName::Kind::url:
      break;
  }
  return list_url(name);
}

bool has_ending(const RemoteListing& listing, std::string_view ending) {
  return std::any_of(listing.files.begin(), listing.files.end(), [&](const auto& file) {
    return file.path.find('/') == std::string::npos && file.path.ends_with(ending);
  });
}

/// The tags of its GGUF files, for who named another.
std::string tags_of(const RemoteListing& listing) {
  std::string text;
  std::size_t more = 0;
  for (const auto& file : listing.files) {
    const auto shard = shard_of(file.path);
    if (!file.path.ends_with(".gguf") || (shard && shard->number > 1)) continue;
    if (text.size() > 120) {
      ++more;
      continue;
    }
    text += (text.empty() ? "" : ", ") + printable(file.path.substr(file.path.rfind('/') + 1));
  }
  return text + (more > 0 ? " and " + grouped(more) + " more" : "");
}

/// What in the listing is meant.
std::string chosen_path(const RemoteName& name, const RemoteListing& listing) {
  if (name.kind == RemoteName::Kind::url || name.kind == RemoteName::Kind::ollama) return listing.files.front().path;
  if (!name.path.empty()) {
    const bool there = std::any_of(listing.files.begin(), listing.files.end(), [&](const auto& file) {
      return file.path == name.path || file.path.starts_with(name.path + "/");
    });
    if (!there) throw Error("no file or folder " + printable(name.path) + " in it");
    return name.path;
  }
  if (!name.tag.empty()) {
    std::string path = gguf_of_tag(listing.files, name.tag);
    if (!path.empty()) return path;
    const std::string tags = tags_of(listing);
    throw Error(tags.empty() ? "no GGUF in it. --dtype " + printable(name.tag) + " counts its model in that format"
                             : "no GGUF of " + printable(name.tag) + " in it; there are " + tags);
  }
  if (has_ending(listing, ".safetensors") || has_ending(listing, ".safetensors.index.json") ||
      has_ending(listing, "config.json") || has_ending(listing, "model_index.json") ||
      has_ending(listing, "modules.json")) {
    return {};
  }
  return gguf_of_tag(listing.files, {});
}

std::string without_curl(const RemoteName& name) {
  std::string file = name.path.empty() ? "config.json" : name.path;
  std::string url = name.kind == RemoteName::Kind::hub
                        ? name.endpoint + "/" + name.repo + "/resolve/" +
                              (name.revision.empty() ? "main" : name.revision) + "/" + file
                        : name.url;
  if (url.empty()) return "the program curl is not there, which reads it over the network";
  return "reading it takes the program curl, which is not there. By hand: wget " +
         printable(url.substr(0, url.find('?'))) + " and then paramcount " +
         printable(file.substr(file.rfind('/') + 1));
}

}  // namespace

RemoteListing list_url(const RemoteName& name) {
  RemoteListing out;
  const Url url = parse_url(name.url);
  const auto slash = url.path.rfind('/');
  out.name = url.scheme + "://" + url.place() + url.path.substr(0, slash);
  out.explain = [](const HttpAnswer& answer) {
    return answer.status == 404 ? std::string("no such file") : unusual_answer(answer);
  };
  const std::string start = url.scheme + "://" + url.place() + url.path.substr(0, slash + 1);
  const std::string file = percent_decoded(url.path.substr(slash + 1));
  if (file.find('/') != std::string::npos || !is_printable(file))
    throw Error("a file's name with characters that none has");
  const auto shard = shard_of(file);
  if (!shard || !file.ends_with(".gguf")) {
    out.files.push_back({file, name.url});
    return out;
  }
  if (shard->count > kMostRemoteShards) throw Error("more than 10,000 files of one checkpoint");
  for (std::uint64_t i = 1; i <= shard->count; ++i) {
    const std::string part = shard_name(shard->stem, i, shard->count, ".gguf");
    out.files.push_back({part, start + percent_encoded(part) + url.query});
  }
  return out;
}

RemotePlace open_remote(const std::string& name, const RemoteOptions& asked) {
  RemoteOptions options = asked;
  options.offline = options.offline || offline_by_environment();
  const RemoteName parsed = parse_remote_name(name);
  const std::string shown = printable(name.substr(0, name.find('?')));
  if (!options.may_be_private && parsed.kind == RemoteName::Kind::url && is_private_host(parse_url(parsed.url).host)) {
    throw Error(shown + ": an address of this machine or a private network, which a line may not name");
  }
  try {
    if (!options.offline && !has_curl()) throw Error(without_curl(parsed));
    const KeptAnswers kept = kept_for(parsed, options);
    RemoteListing listing = list(parsed, kept, options);
    if (listing.files.empty()) throw Error("no files in it");
    const std::string inside = chosen_path(parsed, listing);
    std::string path = listing.name + (inside.empty() ? "" : "/" + inside);
    const auto at = listing.name.rfind('@');
    std::string commit =
        parsed.kind == RemoteName::Kind::url || at == std::string::npos ? "" : listing.name.substr(at + 1);
    RemotePlace place(remote_folder(std::move(listing), kept, options), path, std::move(commit));
    // Nearly every folder of a model is read from these on.
    expect_files({path + "/config.json", path + "/model.safetensors.index.json"});
    return place;
  } catch (const Error& error) {
    throw located(shown, error);
  }
}

}  // namespace paramcount
