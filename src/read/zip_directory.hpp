// The directory of a zip archive, and where the data of its entries are. Only stored entries can be read; nothing is
// decompressed. Every field is checked against the archive's length, the two headers of an entry must agree, and
// entries may not overlap. Format: PKWARE's APPNOTE 6.3.10, with its 64-bit fields.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "read/source.hpp"

namespace paramcount {

struct ZipEntry {
  std::string_view name;        ///< owned by the directory; any bytes
  std::uint64_t header{0};      ///< where its local header begins
  std::uint64_t end{0};         ///< where its data have to end: at the next entry or the directory
  std::uint64_t bytes{0};       ///< as stored
  std::uint64_t full_bytes{0};  ///< as it would be unpacked
  std::uint32_t crc{0};
  std::uint16_t flags{0};
  std::uint16_t method{0};  ///< 0: stored as it is
};

struct ZipDirectory {
  std::vector<ZipEntry> entries;  ///< in the order in which the directory lists them; no name twice
  std::uint64_t bytes{0};         ///< of the directory
  std::shared_ptr<const std::string> text;
  std::vector<std::uint32_t> by_name;  ///< positions of the entries, sorted by name

  /// nullptr when there is none.
  [[nodiscard]] const ZipEntry* find(std::string_view name) const;
};

/// Reads the archive's end and its directory, in two or three ranges. Throws Error "byte N: what".
[[nodiscard]] ZipDirectory read_zip_directory(const Source& source);

/// Where the data of an entry begin; reads its local header. Throws Error "byte N: what" where that contradicts the
/// directory, and when the entry is compressed or encrypted.
[[nodiscard]] std::uint64_t data_offset(const Source& source, const ZipEntry& entry);

}  // namespace paramcount
