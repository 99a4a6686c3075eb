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

#include "base/attached_folder.hpp"
#include "base/file.hpp"
#include "base/text.hpp"
#include "paramcount/base/error.hpp"
#include "read/meta_shards.hpp"
#include "read/model_folder.hpp"
#include "read/shards.hpp"
#include "read/torch_files.hpp"

namespace paramcount {
namespace {

constexpr std::string_view kIndexEnding = ".safetensors.index.json";

/// A name in a folder, and whether what it names is neither a file nor a folder as far as the folder itself says.
struct Entry {
  std::string name;
  unsigned char type{DT_UNKNOWN};
};

/// What a folder holds, sorted; 0 or the errno.
int list(const std::string& folder, std::vector<Entry>& entries) {
  DIR* const handle = ::opendir(folder.c_str());
  if (handle == nullptr) return errno;
  while (const auto* entry = ::readdir(handle)) {
    const std::string_view name = entry->d_name;
    if (name != "." && name != "..") entries.push_back({std::string(name), entry->d_type});
  }
  ::closedir(handle);
  std::ranges::sort(entries, [](const Entry& a, const Entry& b) { return a.name < b.name; });
  return 0;
}

bool has_index(const std::vector<std::string>& names, const std::string& stem) {
  return std::ranges::binary_search(names, stem + std::string(kIndexEnding));
}

/// Pickles next to safetensors are the same weights again.
void consider_torch(const std::string& folder, const std::string& name, const std::vector<std::string>& names,
                    std::vector<ModelFile>& out) {
  const bool copies = std::ranges::any_of(
      names, [](const auto& other) { return other.ends_with(".safetensors") || other.ends_with(kIndexEnding); });
  if (copies) return;
  const bool indexed = std::ranges::any_of(names, is_torch_index);
  const bool part = shard_of(name) || is_meta_shard(name);
  if (is_torch_index(name) || !part) {
    out.push_back({ModelFile::Kind::pytorch, folder + name, {}});
  } else if (!indexed && (out.empty() || out.back().path != folder)) {
    out.push_back({ModelFile::Kind::pytorch, folder, {}});
  }
}

/// For formats that store a model in one file, whatever is next to it: ONNX's graph, NeMo's archive.
std::optional<ModelFile::Kind> kind_of_whole_file(std::string_view name) {
  if (name.ends_with(".onnx")) return ModelFile::Kind::onnx;
  if (name.ends_with(".nemo") || name.ends_with(".qnemo")) return ModelFile::Kind::nemo;
  return std::nullopt;
}

/// What a file is to the scan, if anything: shards are reported by their index, or once by their folder.
void consider(const std::string& folder, const std::string& name, const std::vector<std::string>& names,
              std::vector<ModelFile>& out) {
  if (name == kConfigNames[0] ||
      (name == kConfigNames[1] && !std::ranges::binary_search(names, std::string(kConfigNames[0])))) {
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
  } else if (is_usual_torch_name(name)) {
    consider_torch(folder, name, names, out);
  } else if (name.ends_with(".gguf")) {
    const auto shard = shard_of(name);
    if (!shard || shard->number == 1) out.push_back({ModelFile::Kind::gguf, folder + name, {}});
  } else if (const auto kind = kind_of_whole_file(name)) {
    out.push_back({*kind, folder + name, {}});
  }
}

bool has_model_name(std::string_view name) {
  return name == kConfigNames[0] || name.ends_with(kIndexEnding) || name.ends_with(".safetensors") ||
         name.ends_with(".gguf") || is_usual_torch_name(name) || kind_of_whole_file(name);
}

/// Whether an entry that cannot be looked at may keep a model from being seen: one called like a model's file, and one
/// that may be a folder. A file that is gone since the folder was listed hides nothing.
bool may_hide_model(const Entry& entry, int failure) {
  if (failure == ENOENT && entry.type != DT_LNK) return false;
  if (has_model_name(entry.name) || entry.type == DT_DIR) return true;
  const bool may_be_folder = entry.type == DT_LNK || entry.type == DT_UNKNOWN;
  return may_be_folder && entry.name.find('.', 1) == std::string::npos;
}

ModelFile::Kind kind_by_name(std::string_view name) {
  return name.ends_with(".gguf")                                          ? ModelFile::Kind::gguf
         : name.ends_with(".safetensors") || name.ends_with(kIndexEnding) ? ModelFile::Kind::safetensors
         : is_usual_torch_name(name)                                      ? ModelFile::Kind::pytorch
                                     : kind_of_whole_file(name).value_or(ModelFile::Kind::config);
}

std::string why(int failure, const Entry& entry) {
  return failure == ENOENT && entry.type == DT_LNK ? "a broken link" : std::strerror(failure);
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

/// The same below an attached folder, where every file can be opened.
void find_attached(const std::string& folder, const std::function<void(const std::string& path)>& seen,
                   std::vector<ModelFile>& found) {
  seen(folder);
  const auto parts = parts_of(folder);
  if (parts) found.push_back({ModelFile::Kind::folder, folder, {}});
  const auto names = files_in(folder, "");
  std::vector<ModelFile> here;
  for (const auto& name : names) {
    if (!parts || name.ends_with(".gguf")) consider(folder, name, names, here);
  }
  found.insert(found.end(), here.begin(), here.end());
  for (const auto& name : folders_in(folder)) {
    if (!parts || !parts->contains(name)) find_attached(folder + name + "/", seen, found);
  }
}

}  // namespace

std::vector<ModelFile> find_model_files(const std::string& folder,
                                        const std::function<void(const std::string& path)>& seen) {
  std::vector<ModelFile> found;
  if (attached_path(folder)) {
    find_attached(with_slash(folder), seen, found);
    std::ranges::sort(found, [](const auto& a, const auto& b) { return a.path < b.path; });
    return found;
  }
  std::set<std::pair<dev_t, ino_t>> visited;
  std::vector<std::string> waiting{with_slash(folder)};
  while (!waiting.empty()) {
    const std::string path = std::move(waiting.back());
    waiting.pop_back();
    struct stat status {};
    std::vector<Entry> entries;
    int failure = ::stat(path.c_str(), &status) != 0 ? errno : 0;
    if (failure == 0 && !visited.insert({status.st_dev, status.st_ino}).second) continue;
    if (failure == 0) failure = list(path, entries);
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
    std::vector<std::string> names;
    for (const auto& entry : entries) names.push_back(entry.name);
    for (const auto& entry : entries) {
      const auto& name = entry.name;
      const std::string full = path + name;
      const int unseen = ::stat(full.c_str(), &status) != 0 ? errno : 0;
      if (unseen != 0) {
        if (may_hide_model(entry, unseen)) found.push_back({kind_by_name(name), full, why(unseen, entry)});
      } else if (S_ISDIR(status.st_mode)) {
        if (!parts || !parts->contains(name)) folders.push_back(full + "/");
      } else if (S_ISREG(status.st_mode) && (!parts || name.ends_with(".gguf"))) {
        consider(path, name, names, here);
      } else if (!S_ISREG(status.st_mode) && has_model_name(name)) {
        found.push_back({kind_by_name(name), full, "not a regular file"});
      }
    }
    found.insert(found.end(), here.begin(), here.end());
    waiting.insert(waiting.end(), folders.rbegin(), folders.rend());
  }
  std::ranges::sort(found, [](const auto& a, const auto& b) { return a.path < b.path; });
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
