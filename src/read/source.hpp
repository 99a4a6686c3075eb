// Where a header's bytes come from: a name for errors, a size, and a way to read a range. A file here; anything else
// that can be read in ranges may become one. Read, not mapped: a file that another process truncates meanwhile must end
// in an error, not in SIGBUS.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <utility>

namespace paramcount {

class Source {
 public:
  /// Reads up to `count` bytes at `offset`; returns how many it got, 0 at the end. Throws Error "<what>", unlocated.
  using ReadSome = std::function<std::size_t(std::uint64_t offset, char* to, std::size_t count)>;

  Source(std::string name, std::uint64_t size, ReadSome read_some)
      : name_(std::move(name)), size_(size), read_some_(std::move(read_some)) {}

  [[nodiscard]] const std::string& name() const { return name_; }
  /// What it says of itself; that many bytes need not be there.
  [[nodiscard]] std::uint64_t size() const { return size_; }
  /// Exactly that many bytes, none beyond them. Throws Error "byte N: ..." when the source ends before.
  void read(std::uint64_t offset, char* to, std::size_t count) const;

 private:
  std::string name_;
  std::uint64_t size_;
  ReadSome read_some_;
};

/// The first bytes; those it does not have are zeros. Throws Error "<name>: byte N: ...".
[[nodiscard]] std::string first_bytes(const Source& source, std::size_t count);

/// Throws Error "<path>: no such file" and the like; a folder, a pipe or a device is refused.
[[nodiscard]] Source open_source(const std::string& path);

}  // namespace paramcount
