#include "read/source.hpp"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "base/attached_folder.hpp"
#include "base/text.hpp"
#include "paramcount/base/error.hpp"

namespace paramcount {
std::size_t Source::read_some(std::uint64_t offset, char* to, std::size_t count) const {
  const auto fail = [&](const std::string& what) { throw Error("byte " + std::to_string(offset) + ": " + what); };
  if (deadline_ != Clock::time_point::max() && Clock::now() > deadline_) fail("reading took too long");
  std::size_t got = 0;
  try {
    got = read_some_(offset, to, count);
  } catch (const Error& error) {
    fail(error.what());
  }
  if (got == 0 && count > 0) fail("the file shrank while it was being read");
  if (got > count) fail("more bytes than were requested");
  return got;
}

void Source::read(std::uint64_t offset, char* to, std::size_t count) const {
  while (count > 0) {
    const std::size_t got = read_some(offset, to, count);
    to += got;
    offset += got;
    count -= got;
  }
}

std::string first_bytes(const Source& source, std::size_t count) {
  std::string bytes(count, '\0');
  const auto there = static_cast<std::size_t>(std::min<std::uint64_t>(source.size(), count));
  locating(source.name(), [&] { source.read(0, bytes.data(), there); });
  return bytes;
}

Source open_source(const std::string& path) { return source_of(path, open_regular(path)); }

Source source_of(const std::string& path, const OpenedFile& file) {
  if (file.folder) {
    return {path, file.bytes,
            [folder = file.folder, place = file.place](std::uint64_t offset, char* to, std::size_t count) {
              return folder->read(place, offset, to, count);
            },
            file.folder->deadline};
  }
  return {path, file.bytes,
          [descriptor = file.descriptor](std::uint64_t offset, char* to, std::size_t count) -> std::size_t {
            for (;;) {
              const auto got = ::pread(descriptor->number, to, count, static_cast<off_t>(offset));
              if (got >= 0) return static_cast<std::size_t>(got);
              if (errno != EINTR) throw Error(std::strerror(errno));
            }
          }};
}

}  // namespace paramcount
