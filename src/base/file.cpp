#include "base/file.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <map>

#include "base/attached_folder.hpp"
#include "base/text.hpp"
#include "paramcount/base/error.hpp"

namespace paramcount {

Descriptor::~Descriptor() {
  if (number >= 0) ::close(number);
}

namespace {

std::string too_long(std::size_t most) {
  const bool small = most < std::size_t{1} << 20U;
  return "larger than " + std::to_string(most >> (small ? 10U : 20U)) + (small ? " KiB" : " MiB") +
         "; refused before reading";
}

std::string read_all(int descriptor, const std::string& where, std::size_t most) {
  std::string text;
  // Not on the stack, which may be small.
  constexpr std::size_t kPiece = std::size_t{1} << 16U;
  const auto buffer = std::make_unique_for_overwrite<char[]>(kPiece);
  for (;;) {
    const auto got = ::read(descriptor, buffer.get(), kPiece);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) throw Error(where + ": " + std::strerror(errno));
    if (got == 0) return text;
    if (text.size() + static_cast<std::size_t>(got) > most) throw Error(where + ": " + too_long(most));
    text.append(buffer.get(), static_cast<std::size_t>(got));
  }
}

void refuse_special(const std::string& path, const struct stat& status) {
  if (S_ISDIR(status.st_mode)) throw Error(printable(path) + ": is a folder");
  if (!S_ISREG(status.st_mode)) throw Error(printable(path) + ": not a regular file; save it first");
}

[[noreturn]] void fail(const std::string& path, int error) {
  throw Error(printable(path) + ": " + (error == ENOENT ? "no such file" : std::strerror(error)));
}

OpenedFile open_attached(const std::string& path, const AttachedPath& attached) {
  const auto place = attached.file();
  if (!place) {
    if (attached.is_folder()) throw Error(printable(path) + ": is a folder");
    fail(path, ENOENT);
  }
  OpenedFile file;
  file.folder = attached.folder;
  file.place = *place;
  // No device has the number of an address that is odd.
  file.identity = {reinterpret_cast<std::uintptr_t>(attached.folder.get()) | 1U, *place};
  try {
    file.bytes = attached.folder->size(*place);
  } catch (const Error& error) {
    throw located(printable(path), error);
  }
  return file;
}

std::string read_attached(const std::string& where, const OpenedFile& file) {
  std::string text(static_cast<std::size_t>(file.bytes), '\0');
  try {
    for (std::size_t at = 0; at < text.size();) {
      const auto got = file.folder->read(file.place, at, text.data() + at, text.size() - at);
      if (got == 0) throw Error("byte " + std::to_string(at) + ": unexpected end of file");
      at += got;
    }
  } catch (const Error& error) {
    throw located(where, error);
  }
  return text;
}

}  // namespace

bool is_stream(const std::string& path) {
  return path == "/dev/stdin" || path.starts_with("/dev/fd/") || path.starts_with("/proc/self/fd/");
}

OpenedFile open_regular(const std::string& path) {
  if (const auto attached = attached_path(path)) return open_attached(path, *attached);
  // Asked before it is opened, since opening alone does something to a device or to who writes to a pipe; and again
  // when it is open, for then it can be another one no more.
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) fail(path, errno);
  refuse_special(path, status);
  const int number = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  if (number < 0) fail(path, errno);
  OpenedFile file{std::make_shared<const Descriptor>(number), {}, 0, nullptr, 0};
  if (::fstat(number, &status) != 0) fail(path, errno);
  refuse_special(path, status);
  file.identity = {status.st_dev, status.st_ino};
  file.bytes = static_cast<std::uint64_t>(status.st_size);
  return file;
}

std::string read_file(const std::string& path, std::size_t most) {
  const std::string where = printable(path);
  if (is_stream(path)) {
    const Descriptor stream(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY));
    if (stream.number < 0) fail(path, errno);
    return read_all(stream.number, where, most);
  }
  const OpenedFile file = open_regular(path);
  if (file.bytes > most) throw Error(where + ": " + too_long(most));
  if (file.folder) return read_attached(where, file);
  return read_all(file.descriptor->number, where, most);
}

std::string read_standard_input(std::size_t most) { return read_all(STDIN_FILENO, "standard input", most); }

bool is_file(const std::string& path) {
  if (const auto attached = attached_path(path)) return attached->file().has_value();
  struct stat status {};
  return ::stat(path.c_str(), &status) == 0 && !S_ISDIR(status.st_mode);
}

bool is_folder(const std::string& path) {
  if (const auto attached = attached_path(path)) return attached->is_folder();
  struct stat status {};
  return ::stat(path.c_str(), &status) == 0 && S_ISDIR(status.st_mode);
}

bool exists(const std::string& path) {
  if (const auto attached = attached_path(path)) return attached->file() || attached->is_folder();
  struct stat status {};
  return ::stat(path.c_str(), &status) == 0;
}

void expect_files(const std::vector<std::string>& paths) {
  std::map<std::shared_ptr<const AttachedFolder>, std::vector<std::size_t>> places;
  for (const auto& path : paths) {
    const auto attached = attached_path(path);
    if (!attached) continue;
    if (const auto place = attached->file()) places[attached->folder].push_back(*place);
  }
  for (const auto& [folder, files] : places) folder->expect(files);
}

std::optional<FileIdentity> identity_of(const std::string& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) return std::nullopt;
  return FileIdentity{status.st_dev, status.st_ino};
}

std::vector<std::string> files_in(const std::string& folder, std::string_view ending) {
  std::vector<std::string> names;
  if (const auto attached = attached_path(folder)) {
    names = attached->names(false);
    std::erase_if(names, [&](const std::string& name) {
      return name.size() <= ending.size() || !name.ends_with(ending) || name.front() == '.';
    });
    return names;
  }
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
  if (const auto attached = attached_path(folder)) {
    auto inner = attached->names(true);
    std::erase_if(inner, [](const std::string& name) { return name.front() == '.'; });
    return inner;
  }
  std::vector<std::string> names = files_in(folder, "");
  std::erase_if(names, [&](const std::string& name) { return !is_folder(folder + "/" + name); });
  return names;
}

std::string parent_of(const std::string& path) {
  const auto slash = path.rfind('/');
  return slash == std::string::npos ? "" : path.substr(0, slash + 1);
}

std::string with_slash(const std::string& folder) { return folder + (folder.ends_with('/') ? "" : "/"); }

std::string folder_of(const std::string& path) { return is_folder(path) ? with_slash(path) : parent_of(path); }

}  // namespace paramcount
