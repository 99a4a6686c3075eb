#include "read/model_files.hpp"

#include <dirent.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <optional>
#include <set>
#include <string_view>
#include <utility>

#include "base/text.hpp"
#include "paramcount/base/error.hpp"
#include "read/model_folder.hpp"
#include "read/shards.hpp"

namespace paramcount {
namespace {

constexpr std::string_view kIndexEnding = ".safetensors.index.json";

/// Names in a folder, sorted; 0 or the errno.
int list(const std::string& folder, std::vector<std::string>& names) {
  DIR* const handle = ::opendir(folder.c_str());
  if (handle == nullptr) return errno;
  while (const auto* entry = ::readdir(handle)) {
    const std::string_view name = entry->d_name;
    if (name != "." && name != "..") names.emplace_back(name);
  }
  ::closedir(handle);
  std::sort(names.begin(), names.end());
  return 0;
}

bool has_index(const std::vector<std::string>& names, const std::string& stem) {
  return std::binary_search(names.begin(), names.end(), stem + std::string(kIndexEnding));
}

/// What a file is to the scan, if anything: shards are told of by their index, or once by their folder.
void consider(const std::string& folder, const std::string& name, const std::vector<std::string>& names,
              std::vector<ModelFile>& out) {
  if (name == kConfigNames[0] ||
      (name == kConfigNames[1] && !std::binary_search(names.begin(), names.end(), std::string(kConfigNames[0])))) {
    out.push_back({ModelFile::Kind::config, folder + name, {}});
  } else if (name.ends_with(kIndexEnding)) {
    out.push_back({ModelFile::Kind::safetensors, folder + name, {}});
  } else if (name.ends_with(".safetensors")) {
    const auto shard = shard_of(name);
    if (!shard) {
      out.push_back({ModelFile::Kind::safetensors, folder + name, {}});
    } else if (!has_index(names, shard->stem) && (out.empty() || out.back().path != folder)) {
      out.push_back({ModelFile::Kind::safetensors, folder, {}});
    }
  } else if (name.ends_with(".gguf")) {
    const auto shard = shard_of(name);
    if (!shard || shard->number == 1) out.push_back({ModelFile::Kind::gguf, folder + name, {}});
  }
}

/// Folders of the parts that a folder's index lists, by their first names; nothing when it has none.
std::optional<std::set<std::string>> parts_of(const std::string& folder) {
  if (!has_parts(folder)) return std::nullopt;
  std::set<std::string> names;
  try {
    for (const auto& part : listed_parts(folder)) names.insert(part.substr(0, part.find('/')));
  } catch (const Error&) {
    // Reading the folder says what is wrong.
  }
  return names;
}

}  // namespace

std::vector<ModelFile> find_model_files(const std::string& folder,
                                        const std::function<void(const std::string& path)>& seen) {
  std::vector<ModelFile> found;
  std::set<std::pair<dev_t, ino_t>> visited;
  std::vector<std::string> waiting{folder.ends_with('/') ? folder : folder + "/"};
  while (!waiting.empty()) {
    const std::string path = std::move(waiting.back());
    waiting.pop_back();
    struct stat status {};
    std::vector<std::string> names;
    int failure = ::stat(path.c_str(), &status) != 0 ? errno : 0;
    if (failure == 0 && !visited.insert({status.st_dev, status.st_ino}).second) continue;
    if (failure == 0) failure = list(path, names);
    if (failure != 0) {
      if (visited.size() <= 1 && found.empty() && waiting.empty() && path.size() <= folder.size() + 1) {
        throw Error(printable(folder) + ": " + std::strerror(failure));
      }
      found.push_back({ModelFile::Kind::config, path, std::strerror(failure)});
      continue;
    }
    seen(path);
    std::vector<std::string> folders;
    std::vector<ModelFile> here;
    const auto parts = parts_of(path);
    if (parts) here.push_back({ModelFile::Kind::folder, path, {}});
    for (const auto& name : names) {
      const std::string full = path + name;
      if (::stat(full.c_str(), &status) != 0) continue;
      if (S_ISDIR(status.st_mode)) {
        if (!parts || !parts->contains(name)) folders.push_back(full + "/");
      } else if (S_ISREG(status.st_mode) && (!parts || name.ends_with(".gguf"))) {
        consider(path, name, names, here);
      }
    }
    found.insert(found.end(), here.begin(), here.end());
    waiting.insert(waiting.end(), folders.rbegin(), folders.rend());
  }
  std::sort(found.begin(), found.end(), [](const auto& a, const auto& b) { return a.path < b.path; });
  return found;
}

std::string title_of(const std::string& path) {
  std::vector<std::string_view> names;
  for (const auto name : split(path, '/')) {
    if (!name.empty() && name != ".") names.push_back(name);
  }
  if (names.size() > 1 && (names.back() == kConfigNames[0] || names.back() == kConfigNames[1]) &&
      names[names.size() - 2] != "..")
    names.pop_back();
  return printable(names.empty() ? path : names.back());
}

}  // namespace paramcount
