// Where a header's bytes come from: a name for errors, a size, and a function to read a range. Neither the size nor a
// response is trusted, and a source may have a deadline. Files are read rather than mapped: one that another process
// truncates meanwhile must cause an error, not SIGBUS.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <utility>

#include "base/file.hpp"

namespace paramcount {

class Source {
 public:
  using Clock = std::chrono::steady_clock;
  /// Reads up to `count` bytes at `offset`; returns how many it got, 0 at the end. Throws Error "<what>", unlocated.
  /// One that may wait gives up at the deadline.
  using ReadSome = std::function<std::size_t(std::uint64_t offset, char* to, std::size_t count)>;

  Source(std::string name, std::uint64_t size, ReadSome read_some,
         Clock::time_point deadline = Clock::time_point::max())
      : name_(std::move(name)), size_(size), read_some_(std::move(read_some)), deadline_(deadline) {}

  [[nodiscard]] const std::string& name() const { return name_; }
  /// What it says of itself; that many bytes need not be there.
  [[nodiscard]] std::uint64_t size() const { return size_; }
  /// When reading has to be done; files have no such time.
  [[nodiscard]] Clock::time_point deadline() const { return deadline_; }
  /// Exactly that many bytes, none beyond them. Throws Error "byte N: ..." when the source ends before, answers with
  /// more than it was asked for, or is not done by the deadline.
  void read(std::uint64_t offset, char* to, std::size_t count) const;
  /// As many of them as come at once, at least one: what comes from afar comes in pieces.
  [[nodiscard]] std::size_t read_some(std::uint64_t offset, char* to, std::size_t count) const;

 private:
  std::string name_;
  std::uint64_t size_;
  ReadSome read_some_;
  Clock::time_point deadline_;
};

/// The first bytes; those it does not have are zeros. Throws Error "<name>: byte N: ...".
[[nodiscard]] std::string first_bytes(const Source& source, std::size_t count);

/// As open_regular of base/file.hpp.
[[nodiscard]] Source open_source(const std::string& path);
[[nodiscard]] Source source_of(const std::string& path, const OpenedFile& file);

}  // namespace paramcount
