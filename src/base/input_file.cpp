#include "base/input_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "base/text.hpp"
#include "paramcount/base/error.hpp"

namespace paramcount {

InputFile::InputFile(const std::string& path) : path_(path) {
  const std::string where = printable(path);
  // Not blocking: opening a pipe nobody writes to would wait for ever.
  descriptor_ = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (descriptor_ < 0) throw Error(where + ": " + (errno == ENOENT ? "no such file" : std::strerror(errno)));
  struct stat status {};
  const bool known = ::fstat(descriptor_, &status) == 0;
  if (known && S_ISREG(status.st_mode)) {
    size_ = static_cast<std::uint64_t>(status.st_size);
    return;
  }
  const std::string why = !known                    ? std::strerror(errno)
                          : S_ISDIR(status.st_mode) ? "is a folder"
                                                    : "no regular file; save it first";
  ::close(descriptor_);
  throw Error(where + ": " + why);
}

InputFile::~InputFile() { ::close(descriptor_); }

void InputFile::read(std::uint64_t offset, char* to, std::size_t count) const {
  while (count > 0) {
    const auto got = ::pread(descriptor_, to, count, static_cast<off_t>(offset));
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) {
      throw Error(printable(path_) + ": byte " + std::to_string(offset) + ": " +
                  (got < 0 ? std::strerror(errno) : "the file ends here"));
    }
    to += got;
    offset += static_cast<std::uint64_t>(got);
    count -= static_cast<std::size_t>(got);
  }
}

}  // namespace paramcount
