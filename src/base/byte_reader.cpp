#include "base/byte_reader.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "base/text.hpp"
#include "paramcount/base/error.hpp"

namespace paramcount {

ByteReader::ByteReader(const std::string& path) {
  const std::string where = printable(path);
  descriptor_ = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (descriptor_ < 0) throw Error(where + ": " + (errno == ENOENT ? "no such file" : std::strerror(errno)));
  struct stat status {};
  const bool known = ::fstat(descriptor_, &status) == 0;
  if (!known || !S_ISREG(status.st_mode)) {
    const std::string why = !known                    ? std::strerror(errno)
                            : S_ISDIR(status.st_mode) ? "is a folder"
                                                      : "no regular file; its length has to be known";
    ::close(descriptor_);
    throw Error(where + ": " + why);
  }
  size_ = static_cast<std::uint64_t>(status.st_size);
}

ByteReader::~ByteReader() { ::close(descriptor_); }

void ByteReader::fail(const std::string& what, std::uint64_t at) {
  throw Error("byte " + std::to_string(at) + ": " + what);
}

void ByteReader::need(std::uint64_t count) const {
  if (count > left()) {
    fail(std::to_string(count) + " bytes are announced, " + std::to_string(left()) + " are left of the file");
  }
}

void ByteReader::refill() {
  start_ += at_;
  at_ = 0;
  filled_ = 0;
  for (;;) {
    const auto got = ::pread(descriptor_, buffer_.data(), buffer_.size(), static_cast<off_t>(start_));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) fail(std::strerror(errno));
    if (got == 0) fail("the file became shorter while it was read");
    filled_ = static_cast<std::size_t>(got);
    return;
  }
}

void ByteReader::read(void* to, std::size_t count) {
  need(count);
  auto* out = static_cast<std::byte*>(to);
  while (count > 0) {
    if (at_ == filled_) refill();
    const std::size_t some = std::min(count, filled_ - at_);
    std::memcpy(out, buffer_.data() + at_, some);
    at_ += some;
    out += some;
    count -= some;
  }
}

void ByteReader::append(std::string& to, std::uint64_t count) {
  need(count);
  const auto before = to.size();
  to.resize(before + static_cast<std::size_t>(count));
  read(to.data() + before, static_cast<std::size_t>(count));
}

void ByteReader::skip(std::uint64_t count) {
  if (count <= filled_ - at_) {
    at_ += static_cast<std::size_t>(count);
    return;
  }
  need(count);
  start_ = position() + count;
  at_ = 0;
  filled_ = 0;
}

}  // namespace paramcount
