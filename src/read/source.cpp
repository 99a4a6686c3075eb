#include "read/source.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>

#include "base/text.hpp"
#include "paramcount/base/error.hpp"

namespace paramcount {
namespace {

struct Descriptor {
  explicit Descriptor(int opened) : number(opened) {}
  ~Descriptor() {
    if (number >= 0) ::close(number);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;

  int number;
};

}  // namespace

void Source::read(std::uint64_t offset, char* to, std::size_t count) const {
  while (count > 0) {
    const auto fail = [&](const std::string& what) { throw Error("byte " + std::to_string(offset) + ": " + what); };
    std::size_t got = 0;
    try {
      got = read_some_(offset, to, count);
    } catch (const Error& error) {
      fail(error.what());
    }
    if (got == 0) fail("the file became shorter while it was read");
    to += got;
    offset += got;
    count -= got;
  }
}

std::string first_bytes(const Source& source, std::size_t count) {
  std::string bytes(count, '\0');
  try {
    source.read(0, bytes.data(), static_cast<std::size_t>(std::min<std::uint64_t>(source.size(), count)));
  } catch (const Error& error) {
    throw located(printable(source.name()), error);
  }
  return bytes;
}

Source open_source(const std::string& path) {
  const std::string where = printable(path);
  // Not blocking: opening a pipe nobody writes to would wait for ever.
  const auto file = std::make_shared<const Descriptor>(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (file->number < 0) throw Error(where + ": " + (errno == ENOENT ? "no such file" : std::strerror(errno)));
  struct stat status {};
  if (::fstat(file->number, &status) != 0) throw Error(where + ": " + std::strerror(errno));
  if (S_ISDIR(status.st_mode)) throw Error(where + ": is a folder");
  if (!S_ISREG(status.st_mode)) throw Error(where + ": no regular file; save it first");
  return {path, static_cast<std::uint64_t>(status.st_size),
          [file](std::uint64_t offset, char* to, std::size_t count) -> std::size_t {
            for (;;) {
              const auto got = ::pread(file->number, to, count, static_cast<off_t>(offset));
              if (got >= 0) return static_cast<std::size_t>(got);
              if (errno != EINTR) throw Error(std::strerror(errno));
            }
          }};
}

}  // namespace paramcount
