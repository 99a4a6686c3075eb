#include "base/file.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "base/text.hpp"
#include "paramcount/base/error.hpp"

namespace paramcount {
namespace {

struct Descriptor {
  int number;
  ~Descriptor() {
    if (number > STDERR_FILENO) ::close(number);
  }
};

std::string too_long(std::size_t most) {
  const bool small = most < std::size_t{1} << 20U;
  return "larger than " + std::to_string(most >> (small ? 10U : 20U)) + (small ? " KiB" : " MiB") +
         "; refused before reading";
}

std::string read_all(int descriptor, const std::string& where, std::size_t most) {
  std::string text;
  std::array<char, std::size_t{1} << 16U> buffer;
  for (;;) {
    const auto got = ::read(descriptor, buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) throw Error(where + ": " + std::strerror(errno));
    if (got == 0) return text;
    if (text.size() + static_cast<std::size_t>(got) > most) throw Error(where + ": " + too_long(most));
    text.append(buffer.data(), static_cast<std::size_t>(got));
  }
}

}  // namespace

std::string read_file(const std::string& path, std::size_t most) {
  const std::string where = printable(path);
  const Descriptor file{::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)};
  if (file.number < 0) {
    throw Error(where + ": " + (errno == ENOENT ? "no such file" : std::strerror(errno)));
  }
  struct stat status {};
  if (::fstat(file.number, &status) != 0) throw Error(where + ": " + std::strerror(errno));
  if (S_ISDIR(status.st_mode)) throw Error(where + ": is a folder");
  if (status.st_size > 0 && static_cast<std::size_t>(status.st_size) > most) throw Error(where + ": " + too_long(most));
  const int flags = ::fcntl(file.number, F_GETFL);
  if (flags >= 0) ::fcntl(file.number, F_SETFL, flags & ~O_NONBLOCK);
  return read_all(file.number, where, most);
}

std::string read_standard_input(std::size_t most) { return read_all(STDIN_FILENO, "standard input", most); }

bool is_file(const std::string& path) {
  struct stat status {};
  return ::stat(path.c_str(), &status) == 0 && !S_ISDIR(status.st_mode);
}

bool is_folder(const std::string& path) {
  struct stat status {};
  return ::stat(path.c_str(), &status) == 0 && S_ISDIR(status.st_mode);
}

bool exists(const std::string& path) {
  struct stat status {};
  return ::stat(path.c_str(), &status) == 0;
}

std::vector<std::string> files_in(const std::string& folder, std::string_view ending) {
  std::vector<std::string> names;
  DIR* const handle = ::opendir(folder.c_str());
  if (handle == nullptr) return names;
  while (const auto* entry = ::readdir(handle)) {
    std::string name = entry->d_name;
    if (name.size() > ending.size() && name.ends_with(ending) && name.front() != '.') names.push_back(std::move(name));
  }
  ::closedir(handle);
  std::sort(names.begin(), names.end());
  return names;
}

std::vector<std::string> folders_in(const std::string& folder) {
  std::vector<std::string> names = files_in(folder, "");
  std::erase_if(names, [&](const std::string& name) { return !is_folder(folder + "/" + name); });
  return names;
}

}  // namespace paramcount
