#include "base/attached_folder.hpp"

#include <algorithm>
#include <atomic>
#include <mutex>
#include <utility>

#include "base/text.hpp"

namespace paramcount {
namespace {

/// Whether any folder is attached: asked for every file, and nearly always no.
std::atomic<bool> some_attached{false};

struct Attached {
  std::mutex mutex;
  std::vector<std::shared_ptr<const AttachedFolder>> folders;
};

Attached& attached() {
  static Attached all;
  return all;
}

/// Without empty pieces and "."; a path with ".." is in no attached folder.
std::optional<std::string> normal(std::string_view path) {
  std::string text;
  for (const auto piece : split(path, '/')) {
    if (piece == "..") return std::nullopt;
    if (piece.empty() || piece == ".") continue;
    text += (text.empty() ? "" : "/") + std::string(piece);
  }
  return text;
}

}  // namespace

Attachment::Attachment(std::shared_ptr<const AttachedFolder> folder) : folder_(std::move(folder)) {
  const std::lock_guard lock(attached().mutex);
  attached().folders.push_back(folder_);
  some_attached = true;
}

Attachment::~Attachment() {
  if (!folder_) return;
  const std::lock_guard lock(attached().mutex);
  auto& folders = attached().folders;
  folders.erase(std::find(folders.begin(), folders.end(), folder_));
  some_attached = !folders.empty();
}

Attachment& Attachment::operator=(Attachment&& other) noexcept {
  std::swap(folder_, other.folder_);
  return *this;
}

std::optional<std::size_t> AttachedPath::file() const {
  const auto& files = folder->files;
  const auto found = std::lower_bound(files.begin(), files.end(), inside);
  if (found == files.end() || *found != inside) return std::nullopt;
  return static_cast<std::size_t>(found - files.begin());
}

bool AttachedPath::is_folder() const {
  const auto& files = folder->files;
  const auto first = std::lower_bound(files.begin(), files.end(), inside + "/");
  return inside.empty() || (first != files.end() && first->starts_with(inside + "/"));
}

std::vector<std::string> AttachedPath::names(bool folders) const {
  const std::string start = inside.empty() ? "" : inside + "/";
  const auto& files = folder->files;
  std::vector<std::string> names;
  for (auto file = std::lower_bound(files.begin(), files.end(), start); file != files.end(); ++file) {
    if (!file->starts_with(start)) break;
    const auto rest = std::string_view(*file).substr(start.size());
    const auto slash = rest.find('/');
    if ((slash != std::string_view::npos) == folders) names.emplace_back(rest.substr(0, slash));
  }
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  return names;
}

std::optional<AttachedPath> attached_path(std::string_view path) {
  if (!some_attached) return std::nullopt;
  const std::lock_guard lock(attached().mutex);
  for (const auto& folder : attached().folders) {
    const std::string_view name = folder->name;
    if (!path.starts_with(name) || (path.size() > name.size() && path[name.size()] != '/')) continue;
    if (auto inside = normal(path.substr(name.size()))) return AttachedPath{folder, std::move(*inside)};
  }
  return std::nullopt;
}

}  // namespace paramcount
