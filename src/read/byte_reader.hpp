// Reads a source sequentially through a small buffer: numbers of either byte order, strings, and skipped gaps. Every
// length is checked against the rest of the file before memory is allocated.
#pragma once

#include <array>
#include <bit>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string>

#include "read/source.hpp"

namespace paramcount {

class ByteReader {
 public:
  /// The source has to outlive the reader.
  explicit ByteReader(const Source& source) : source_(source) {}
  ByteReader(const ByteReader&) = delete;
  ByteReader& operator=(const ByteReader&) = delete;

  [[nodiscard]] std::uint64_t size() const { return source_.size(); }
  [[nodiscard]] std::uint64_t position() const { return start_ + at_; }
  [[nodiscard]] std::uint64_t left() const { return size() - position(); }
  /// Whether numbers are stored the other way round than this machine has them.
  void swap_bytes(bool swap) { swap_ = swap; }

  /// All of these throw Error "byte N: ..." when the file is too short.
  template <class T>
  requires std::integral<T> || std::floating_point<T> T number() {
    std::array<std::byte, sizeof(T)> bytes;
    if (filled_ - at_ >= sizeof(T)) {
      std::memcpy(bytes.data(), buffer_.get() + at_, sizeof(T));
      at_ += sizeof(T);
    } else {
      read(bytes.data(), sizeof(T));
    }
    if (swap_) {
      for (std::size_t i = 0; i < sizeof(T) / 2; ++i) std::swap(bytes[i], bytes[sizeof(T) - 1 - i]);
    }
    return std::bit_cast<T>(bytes);
  }
  void read(void* to, std::size_t count);
  void append(std::string& to, std::uint64_t count);
  void skip(std::uint64_t count);

  /// Throws Error "byte N: <what>", N being the reader's position.
  [[noreturn]] void fail(const std::string& what) const { fail(what, position()); }
  [[noreturn]] static void fail(const std::string& what, std::uint64_t at);

 private:
  void need(std::uint64_t count) const;
  void refill();

  const Source& source_;
  std::uint64_t start_{0};  ///< of the buffer, in the file
  std::size_t at_{0};
  std::size_t filled_{0};
  bool swap_{false};
  static constexpr std::size_t kBuffer = std::size_t{1} << 17U;
  std::unique_ptr<std::byte[]> buffer_{std::make_unique_for_overwrite<std::byte[]>(kBuffer)};
};

}  // namespace paramcount
