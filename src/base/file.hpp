// Reading files and folders, on disk or attached (base/attached_folder.hpp), with user-facing errors. Knows nothing of
// file formats.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace paramcount {

/// Closed when the last that holds it is gone.
struct Descriptor {
  explicit Descriptor(int opened) : number(opened) {}
  ~Descriptor();
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;

  int number;
};

/// The identity of a file, the same for all paths that lead to it.
using FileIdentity = std::pair<std::uint64_t, std::uint64_t>;  ///< device and inode

struct AttachedFolder;

struct OpenedFile {
  std::shared_ptr<const Descriptor> descriptor;  ///< none of a file of an attached folder
  FileIdentity identity;
  std::uint64_t bytes{0};  ///< as the system says; there may be fewer when they are read
  std::shared_ptr<const AttachedFolder> folder;
  std::size_t place{0};  ///< in that folder
};
/// Throws Error "<path>: no such file" and the like. A folder, a pipe, a socket or a device is refused unopened.
[[nodiscard]] OpenedFile open_regular(const std::string& path);
[[nodiscard]] std::optional<FileIdentity> identity_of(const std::string& path);

/// These will be read next, from their beginnings: what has to be brought from afar is brought together. Files of the
/// disk take no notice.
void expect_files(const std::vector<std::string>& paths);

/// Whether a path names an open descriptor of this process, as a shell's <(...) does: the only pipes that are read.
[[nodiscard]] bool is_stream(const std::string& path);

/// The whole file, or what comes from a stream. Throws as open_regular, or when it is longer than `most` bytes.
[[nodiscard]] std::string read_file(const std::string& path, std::size_t most);
/// All of standard input, under the same limit.
[[nodiscard]] std::string read_standard_input(std::size_t most);

[[nodiscard]] bool is_file(const std::string& path);
[[nodiscard]] bool is_folder(const std::string& path);
[[nodiscard]] bool exists(const std::string& path);

/// The path up to and including its last slash; empty if it has none.
[[nodiscard]] std::string parent_of(const std::string& path);
/// The path of a folder with a slash at its end.
[[nodiscard]] std::string with_slash(const std::string& folder);
/// The path itself if it is a folder; for a file, the folder that contains it.
[[nodiscard]] std::string folder_of(const std::string& path);

/// Names (not paths) of the files of a folder that end so, sorted; none when it cannot be read.
[[nodiscard]] std::vector<std::string> files_in(const std::string& folder, std::string_view ending);
/// Names of the folders in a folder, sorted; none when it cannot be read.
[[nodiscard]] std::vector<std::string> folders_in(const std::string& folder);

}  // namespace paramcount
