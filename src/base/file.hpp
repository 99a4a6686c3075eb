// Reading files and folders, with errors made for the user. Nothing here knows what a file means.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace paramcount {

/// The whole file. Throws Error "<path>: no such file" and the like, or when it is longer than `most` bytes.
[[nodiscard]] std::string read_file(const std::string& path, std::size_t most);
/// All of standard input, under the same limit.
[[nodiscard]] std::string read_standard_input(std::size_t most);

[[nodiscard]] bool is_file(const std::string& path);
[[nodiscard]] bool is_folder(const std::string& path);
[[nodiscard]] bool exists(const std::string& path);

/// Names (not paths) of the files of a folder that end so, sorted; none when it cannot be read.
[[nodiscard]] std::vector<std::string> files_in(const std::string& folder, std::string_view ending);
/// Names of the folders in a folder, sorted; none when it cannot be read.
[[nodiscard]] std::vector<std::string> folders_in(const std::string& folder);

}  // namespace paramcount
