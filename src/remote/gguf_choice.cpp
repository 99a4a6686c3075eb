// Which of a repository's GGUF files a tag means. Source: llama.cpp, common/download.cpp and hf-cache.cpp: the tag
// before a '.' or '-', without one Q4_K_M, then Q8_0, then the first; not those that only serve a model.
#include <algorithm>
#include <array>
#include <cctype>

#include "base/text.hpp"
#include "read/shards.hpp"
#include "remote/places.hpp"

namespace paramcount {
namespace {

constexpr std::array<std::string_view, 6> kServing{"mmproj", "imatrix", "mtp-", "eagle3-", "dflash-", "dspark-"};

bool has_tag(std::string_view path, std::string_view tag) {
  for (auto at = path.find(tag); at != std::string_view::npos; at = path.find(tag, at + 1)) {
    const char before = at == 0 ? '/' : path[at - 1];
    const char after = at + tag.size() < path.size() ? path[at + tag.size()] : '.';
    const bool begins = std::isalnum(static_cast<unsigned char>(before)) == 0 && before != '_';
    if (begins && (after == '.' || after == '-' || after == '/')) return true;
  }
  return false;
}

}  // namespace

std::string gguf_of_tag(const std::vector<RemoteFile>& files, const std::string& tag) {
  std::vector<std::string> models;
  for (const auto& file : files) {
    const std::string path = lower(file.path);
    const auto shard = shard_of(file.path);
    const bool serves =
        std::any_of(kServing.begin(), kServing.end(), [&](auto word) { return path.find(word) != std::string::npos; });
    if (path.ends_with(".gguf") && !serves && (!shard || shard->number == 1)) models.push_back(file.path);
  }
  const auto first = [&](std::string_view wanted) {
    const auto found =
        std::find_if(models.begin(), models.end(), [&](const auto& path) { return has_tag(lower(path), wanted); });
    return found != models.end() ? *found : std::string();
  };
  if (!tag.empty()) return first(lower(tag));
  for (const std::string_view usual : {"q4_k_m", "q8_0"}) {
    if (auto path = first(usual); !path.empty()) return path;
  }
  return models.empty() ? std::string() : models.front();
}

}  // namespace paramcount
