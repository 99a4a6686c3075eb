// Virtual folders for files that are not on this machine's disk: code that can fetch byte ranges attaches a folder
// under a name, and until it is detached the functions of base/file.hpp and read/source.hpp read it like any other.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace paramcount {

struct AttachedFolder {
  std::string name;                ///< how its path begins, without a slash at the end: "hf:org/name@commit"
  std::vector<std::string> files;  ///< paths in it, sorted: "config.json", "unet/model.safetensors"
  std::chrono::steady_clock::time_point deadline;  ///< when reading them has to be done
  /// All three take a place in `files`, may be called from several threads, and throw Error "<what>", unlocated.
  std::function<std::uint64_t(std::size_t file)> size;
  /// As Source::ReadSome.
  std::function<std::size_t(std::size_t file, std::uint64_t offset, char* to, std::size_t count)> read;
  /// Those files will be read next, each from its first byte.
  std::function<void(const std::vector<std::size_t>& files)> expect;
};

/// While it lives, the folder is there.
class Attachment {
 public:
  Attachment() = default;
  explicit Attachment(std::shared_ptr<const AttachedFolder> folder);
  ~Attachment();
  Attachment(Attachment&& other) noexcept : folder_(std::move(other.folder_)) {}
  Attachment& operator=(Attachment&& other) noexcept;

 private:
  std::shared_ptr<const AttachedFolder> folder_;
};

/// A path in an attached folder.
struct AttachedPath {
  std::shared_ptr<const AttachedFolder> folder;
  std::string inside;  ///< empty: the folder itself

  [[nodiscard]] std::optional<std::size_t> file() const;  ///< its place in `files`
  [[nodiscard]] bool is_folder() const;
  /// Names of its entries, sorted: files, or folders.
  [[nodiscard]] std::vector<std::string> names(bool folders) const;
};

/// Nothing for a path in no attached folder.
[[nodiscard]] std::optional<AttachedPath> attached_path(std::string_view path);

}  // namespace paramcount
