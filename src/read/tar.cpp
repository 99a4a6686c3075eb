// POSIX.1-1988 (ustar) headers: 512 bytes each, before the entry's own bytes, which fill blocks of 512.
#include "read/tar.hpp"

#include <algorithm>
#include <array>
#include <cstdint>

#include "base/budgets.hpp"
#include "base/numbers.hpp"
#include "paramcount/base/error.hpp"

namespace paramcount {
namespace {

constexpr std::size_t kBlock = 512;
constexpr std::size_t kNameSize = 100;
constexpr std::size_t kSizeAt = 124, kSizeSize = 12;
constexpr std::size_t kChecksumAt = 148, kChecksumSize = 8;
constexpr std::size_t kTypeAt = 156;

[[noreturn]] void fail(std::uint64_t at, const std::string& what) {
  throw Error("byte " + std::to_string(at) + ": " + what);
}

/// Octal digits, or (GNU) 0x80 and the number in the bytes that follow.
std::uint64_t number(std::string_view field, std::uint64_t at) {
  std::uint64_t value = 0;
  if (static_cast<unsigned char>(field.front()) == 0x80) {
    for (const char c : field.substr(1)) {
      if (value >> 55U != 0) fail(at, "a size above 2^63");
      value = value << 8U | static_cast<unsigned char>(c);
    }
    return value;
  }
  for (const char c : field) {
    if (c == '\0' || c == ' ') continue;
    if (c < '0' || c > '7' || value >> 60U != 0) fail(at, "not a tar header");
    value = value << 3U | static_cast<std::uint64_t>(c - '0');
  }
  return value;
}

/// The sum of the header's bytes, its own field counted as spaces.
std::uint64_t checksum(std::string_view header) {
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i < header.size(); ++i) {
    const bool own = i >= kChecksumAt && i < kChecksumAt + kChecksumSize;
    sum += own ? std::uint64_t{' '} : static_cast<unsigned char>(header[i]);
  }
  return sum;
}

}  // namespace

std::pair<std::string, std::string> read_tar_entry(const Source& source, std::span<const std::string_view> names,
                                                   std::size_t most) {
  std::uint64_t at = 0;
  std::array<char, kBlock> block{};
  for (std::size_t entries = 0; source.size() - at >= kBlock; ++entries) {
    if (entries == kMostTarEntries) fail(at, "more than 100,000 entries");
    source.read(at, block.data(), block.size());
    const std::string_view header(block.data(), block.size());
    if (header.find_first_not_of('\0') == std::string_view::npos) break;
    if (number(header.substr(kChecksumAt, kChecksumSize), at) != checksum(header)) {
      fail(at, "not a tar header");
    }
    const std::uint64_t size = number(header.substr(kSizeAt, kSizeSize), at);
    const std::uint64_t start = at + kBlock;
    if (size > source.size() - start) fail(at, "an entry of " + grouped(size) + " bytes, beyond the end of the file");
    std::string name(header.substr(0, std::min(header.find('\0'), kNameSize)));
    if (name.starts_with("./")) name.erase(0, 2);
    const char type = header[kTypeAt];
    const bool is_file = type == '0' || type == '\0' || type == '7';
    if (is_file && std::find(names.begin(), names.end(), name) != names.end()) {
      if (size > most) fail(at, name + " has " + grouped(size) + " bytes; the limit is " + grouped(most));
      std::string text(static_cast<std::size_t>(size), '\0');
      source.read(start, text.data(), text.size());
      return {std::move(name), std::move(text)};
    }
    const std::uint64_t padded = size + (kBlock - size % kBlock) % kBlock;
    if (padded > source.size() - start) break;
    at = start + padded;
  }
  fail(at, "the archive ends without " + std::string(names.empty() ? "" : names.front()));
}

}  // namespace paramcount
