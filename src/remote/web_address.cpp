// Files at a URL outside any hub: one file, the parts of a split GGUF, or the shards named by an index.
#include <set>

#include "base/budgets.hpp"
#include "base/text.hpp"
#include "catalog/json.hpp"
#include "paramcount/base/error.hpp"
#include "read/shards.hpp"
#include "remote/places.hpp"
#include "remote/url.hpp"

namespace paramcount {
namespace {

bool is_there(const std::string& url, const RemoteOptions& options) {
  try {
    return ask({url, std::nullopt, kMostJsonBytes, {}, {}}, options).status == 200;
  } catch (const Error&) {
    return false;
  }
}

/// The index, the shards that it names, and a config.json next to it, all with the URL's query.
void list_index(const std::string& address, const std::string& start, const std::string& query,
                const RemoteOptions& options, RemoteListing& out) {
  if (options.offline) throw Error("not requested over the network (--offline or HF_HUB_OFFLINE)");
  const HttpAnswer answer = ask({address, std::nullopt, kMostJsonBytes, {}, {}}, options);
  if (answer.status != 200) throw Error(out.explain(answer));
  const Value index = parse_json(answer.body);
  const auto* shards = index.find<Value::Object>("weight_map");
  if (shards == nullptr) throw Error("not an index: it has no weight_map");
  const auto slash = address.substr(0, address.find('?')).rfind('/');
  std::set<std::string> files{percent_decoded(address.substr(0, address.find('?')).substr(slash + 1))};
  for (const auto& [tensor, shard] : *shards) {
    const auto* file = shard.as<std::string>();
    // Anything but the name of a file next to it is refused when the index is read.
    if (file == nullptr || file->empty() || file->find('/') != std::string::npos || !is_printable(*file)) continue;
    files.insert(*file);
    if (files.size() > kMostRemoteShards) throw Error("more than 10,000 files of one checkpoint");
  }
  if (is_there(start + "config.json" + query, options)) files.insert("config.json");
  for (const auto& file : files) out.files.push_back({file, start + percent_encoded(file) + query});
}

}  // namespace

RemoteListing list_url(const RemoteName& name, const RemoteOptions& options) {
  RemoteListing out;
  const Url url = parse_url(name.url);
  const auto slash = url.path.rfind('/');
  out.name = url.scheme + "://" + url.place() + url.path.substr(0, slash);
  out.explain = [](const HttpAnswer& answer) {
    return answer.status == 404 ? std::string("no such file") : unusual_answer(answer);
  };
  const std::string start = url.scheme + "://" + url.place() + url.path.substr(0, slash + 1);
  const std::string file = percent_decoded(url.path.substr(slash + 1));
  if (file.find('/') != std::string::npos || !is_printable(file)) throw Error("a file name with invalid characters");
  if (file.ends_with(".index.json")) {
    list_index(name.url, start, url.query, options, out);
    return out;
  }
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

}  // namespace paramcount
