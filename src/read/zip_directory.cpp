#include "read/zip_directory.hpp"

#include <algorithm>
#include <numeric>
#include <optional>

#include "base/budgets.hpp"
#include "base/numbers.hpp"
#include "base/text.hpp"
#include "paramcount/base/error.hpp"

namespace paramcount {
namespace {

constexpr std::string_view kLocal = "PK\x03\x04";
constexpr std::string_view kCentral = "PK\x01\x02";
constexpr std::string_view kEnd = "PK\x05\x06";
constexpr std::string_view kEnd64 = "PK\x06\x06";
constexpr std::string_view kLocator64 = "PK\x06\x07";
constexpr std::size_t kLocalBytes = 30;
constexpr std::size_t kCentralBytes = 46;
constexpr std::size_t kEndBytes = 22;
constexpr std::size_t kEnd64Bytes = 56;
constexpr std::size_t kLocatorBytes = 20;
constexpr std::uint64_t kOnes16 = 0xFFFF;
constexpr std::uint64_t kOnes32 = 0xFFFFFFFF;  ///< in a field of 32 bits: the value is in the 64-bit one
constexpr std::uint16_t kEncrypted = 1;
constexpr std::uint16_t kSizesFollow = 8;  ///< the data, not the local header, are followed by sizes and checksum
constexpr std::uint16_t kExtra64 = 1;

[[noreturn]] void fail(std::uint64_t at, const std::string& what) {
  throw Error("byte " + std::to_string(at) + ": " + what);
}

/// A little-endian number of the bytes that are there.
std::uint64_t number(std::string_view text, std::size_t at, std::size_t bytes) {
  std::uint64_t value = 0;
  for (std::size_t i = bytes; i-- > 0;) value = value << 8U | static_cast<unsigned char>(text[at + i]);
  return value;
}

std::uint16_t number16(std::string_view text, std::size_t at) {
  return static_cast<std::uint16_t>(number(text, at, 2));
}

std::string read(const Source& source, std::uint64_t offset, std::uint64_t count) {
  std::string text(static_cast<std::size_t>(count), '\0');
  source.read(offset, text.data(), text.size());
  return text;
}

/// What the end of an archive says of its directory.
struct End {
  std::uint64_t at{0};  ///< where the directory has to end
  std::uint64_t entries{0};
  std::uint64_t bytes{0};
  std::uint64_t start{0};
};

/// The end64 record that the locator before `at` leads to; nothing when there is no locator.
std::optional<End> read_end64(const Source& source, std::string_view tail, std::uint64_t tail_start, std::size_t at) {
  if (at < kLocatorBytes || tail.substr(at - kLocatorBytes, kLocator64.size()) != kLocator64) return std::nullopt;
  const std::size_t locator = at - kLocatorBytes;
  const std::uint64_t where = tail_start + locator;
  const std::uint64_t record = number(tail, locator + 8, 8);
  if (number(tail, locator + 4, 4) != 0 || number(tail, locator + 16, 4) > 1) fail(where, "a multi-part zip archive");
  if (record > where || where - record < kEnd64Bytes)
    fail(where, "the end of the zip archive is not where it says it is");
  const std::string text = read(source, record, kEnd64Bytes);
  if (!text.starts_with(kEnd64) || number(text, 4, 8) != where - record - 12) {
    fail(record, "no end-of-directory record of a zip archive");
  }
  if (number(text, 16, 4) != 0 || number(text, 20, 4) != 0 || number(text, 24, 8) != number(text, 32, 8)) {
    fail(record, "a multi-part zip archive");
  }
  return End{record, number(text, 32, 8), number(text, 40, 8), number(text, 48, 8)};
}

End read_end(const Source& source) {
  const std::uint64_t tail_bytes = std::min<std::uint64_t>(source.size(), kEndBytes + kOnes16 + kLocatorBytes);
  const std::uint64_t tail_start = source.size() - tail_bytes;
  const std::string text = read(source, tail_start, tail_bytes);
  const std::string_view tail = text;
  // A comment may follow, and hold anything: the end is the last that the comment's length leads from to the end.
  std::size_t at = tail.rfind(kEnd);
  while (at != std::string_view::npos &&
         (tail.size() - at < kEndBytes || number(tail, at + 20, 2) != tail.size() - at - kEndBytes)) {
    at = at == 0 ? std::string_view::npos : tail.rfind(kEnd, at - 1);
  }
  if (at == std::string_view::npos) {
    fail(source.size(), "a zip archive that ends without its directory. Is it truncated?");
  }
  const std::uint64_t where = tail_start + at;
  const End own{where, number(tail, at + 10, 2), number(tail, at + 12, 4), number(tail, at + 16, 4)};
  if (number(tail, at + 4, 2) != 0 || number(tail, at + 6, 2) != 0 || number(tail, at + 8, 2) != own.entries) {
    fail(where, "a multi-part zip archive");
  }
  const auto large = read_end64(source, tail, tail_start, at);
  if (!large) return own;
  const auto agrees = [](std::uint64_t small, std::uint64_t ones, std::uint64_t other) {
    return small == ones || small == other;
  };
  if (!agrees(own.entries, kOnes16, large->entries) || !agrees(own.bytes, kOnes32, large->bytes) ||
      !agrees(own.start, kOnes32, large->start)) {
    fail(where, "the two end records of the zip archive contradict each other");
  }
  return *large;
}

/// Fields of 64 bits in the extra fields of a header, for those of 32 that are all ones, in their order. Nothing when
/// they are not there.
bool read_extra64(std::string_view extra, std::initializer_list<std::uint64_t*> fields) {
  for (std::size_t at = 0; extra.size() - at >= 4;) {
    const std::uint64_t kind = number(extra, at, 2);
    const std::uint64_t bytes = number(extra, at + 2, 2);
    at += 4;
    if (bytes > extra.size() - at) return false;
    if (kind == kExtra64) {
      const std::string_view text = extra.substr(at, bytes);
      std::size_t from = 0;
      for (auto* const field : fields) {
        if (*field != kOnes32) continue;
        if (text.size() - from < 8) return false;
        *field = number(text, from, 8);
        from += 8;
      }
      return true;
    }
    at += static_cast<std::size_t>(bytes);
  }
  return std::none_of(fields.begin(), fields.end(), [](const auto* field) { return *field == kOnes32; });
}

/// Adds the entry at `at` of the directory's text; returns where the next begins.
std::size_t add_entry(std::string_view text, std::size_t at, std::uint64_t start, std::vector<ZipEntry>& entries) {
  const std::uint64_t where = start + at;
  if (text.size() - at < kCentralBytes || text.substr(at, kCentral.size()) != kCentral) {
    fail(where, "not a zip directory entry");
  }
  const std::size_t name_bytes = number16(text, at + 28);
  const std::size_t extra_bytes = number16(text, at + 30);
  const std::size_t rest = name_bytes + extra_bytes + number16(text, at + 32);
  if (text.size() - at - kCentralBytes < rest) fail(where, "an entry extends beyond the end of the zip directory");
  ZipEntry entry;
  entry.flags = number16(text, at + 8);
  entry.method = number16(text, at + 10);
  entry.crc = static_cast<std::uint32_t>(number(text, at + 16, 4));
  entry.bytes = number(text, at + 20, 4);
  entry.full_bytes = number(text, at + 24, 4);
  entry.header = number(text, at + 42, 4);
  entry.name = text.substr(at + kCentralBytes, name_bytes);
  const auto extra = text.substr(at + kCentralBytes + name_bytes, extra_bytes);
  if (!read_extra64(extra, {&entry.full_bytes, &entry.bytes, &entry.header})) {
    fail(where, "an entry of the zip directory without its sizes");
  }
  if (number16(text, at + 34) != 0) fail(where, "a multi-part zip archive");
  if (entry.method == 0 && (entry.flags & kEncrypted) == 0 && entry.bytes != entry.full_bytes) {
    fail(where, "a stored entry has two sizes");
  }
  entries.push_back(entry);
  return at + kCentralBytes + rest;
}

/// Where each entry has to end; none reaches into another or into the directory.
void set_ends(std::vector<ZipEntry>& entries, std::uint64_t directory) {
  std::vector<std::uint32_t> order(entries.size());
  std::iota(order.begin(), order.end(), 0U);
  std::sort(order.begin(), order.end(), [&](auto a, auto b) { return entries[a].header < entries[b].header; });
  for (std::size_t i = 0; i < order.size(); ++i) {
    ZipEntry& entry = entries[order[i]];
    entry.end = i + 1 < order.size() ? entries[order[i + 1]].header : directory;
    const std::uint64_t least = kLocalBytes + entry.name.size();
    if (entry.header > entry.end || entry.end - entry.header < least ||
        entry.end - entry.header - least < entry.bytes) {
      fail(entry.header, printable(entry.name) + " overlaps what follows it in the zip archive");
    }
  }
}

}  // namespace

const ZipEntry* ZipDirectory::find(std::string_view name) const {
  const auto at = std::lower_bound(by_name.begin(), by_name.end(), name,
                                   [&](std::uint32_t i, std::string_view wanted) { return entries[i].name < wanted; });
  return at != by_name.end() && entries[*at].name == name ? &entries[*at] : nullptr;
}

ZipDirectory read_zip_directory(const Source& source) {
  const End end = read_end(source);
  if (end.start > end.at || end.at - end.start != end.bytes) {
    fail(end.at, "the zip directory of " + grouped(end.bytes) + " bytes is not where it says it is");
  }
  if (end.bytes > kMostZipDirectoryBytes) {
    fail(end.start,
         "a zip directory of " + grouped(end.bytes) + " bytes; " + grouped(kMostZipDirectoryBytes) + " are allowed");
  }
  if (end.entries > end.bytes / kCentralBytes || end.entries > kMostZipEntries) {
    fail(end.at, grouped(end.entries) + " entries in a zip directory of " + grouped(end.bytes) + " bytes");
  }
  ZipDirectory directory;
  directory.bytes = end.bytes;
  directory.text = std::make_shared<const std::string>(read(source, end.start, end.bytes));
  directory.entries.reserve(static_cast<std::size_t>(end.entries));
  std::size_t at = 0;
  while (at < directory.text->size()) {
    if (directory.entries.size() == end.entries)
      fail(end.start + at, "more entries than the zip archive's end record says");
    at = add_entry(*directory.text, at, end.start, directory.entries);
  }
  if (directory.entries.size() != end.entries) fail(end.at, "fewer entries than the zip archive's end record says");
  set_ends(directory.entries, end.start);
  auto& names = directory.by_name;
  names.resize(directory.entries.size());
  std::iota(names.begin(), names.end(), 0U);
  const auto name = [&](std::uint32_t i) { return directory.entries[i].name; };
  std::sort(names.begin(), names.end(), [&](auto a, auto b) { return name(a) < name(b); });
  const auto twice = std::adjacent_find(names.begin(), names.end(), [&](auto a, auto b) { return name(a) == name(b); });
  if (twice != names.end()) fail(directory.entries[*twice].header, printable(name(*twice)) + " twice in the archive");
  return directory;
}

std::uint64_t data_offset(const Source& source, const ZipEntry& entry) {
  const std::string name = printable(entry.name);
  if ((entry.flags & kEncrypted) != 0) fail(entry.header, name + " is encrypted");
  if (entry.method != 0) fail(entry.header, name + " is compressed; only stored entries can be read");
  const std::string header = read(source, entry.header, kLocalBytes);
  const auto differs = [&] { fail(entry.header, "the two headers of " + name + " contradict each other"); };
  const std::uint64_t name_bytes = number(header, 26, 2);
  const std::uint64_t extra_bytes = number(header, 28, 2);
  if (!header.starts_with(kLocal) || number(header, 6, 2) != entry.flags || number(header, 8, 2) != 0 ||
      name_bytes != entry.name.size()) {
    differs();
  }
  const std::uint64_t data = entry.header + kLocalBytes + name_bytes + extra_bytes;
  if (data > entry.end || entry.end - data < entry.bytes) fail(entry.header, name + " overlaps what follows it");
  const std::string rest = read(source, entry.header + kLocalBytes, name_bytes + extra_bytes);
  if (std::string_view(rest).substr(0, entry.name.size()) != entry.name) differs();
  const std::uint64_t crc = number(header, 14, 4);
  std::uint64_t bytes = number(header, 18, 4);
  std::uint64_t full = number(header, 22, 4);
  const bool follow = (entry.flags & kSizesFollow) != 0;
  if (!read_extra64(std::string_view(rest).substr(entry.name.size()), {&full, &bytes})) differs();
  const bool none = follow && crc == 0 && bytes == 0 && full == 0;
  if (!none && (bytes != entry.bytes || full != entry.full_bytes || (crc != entry.crc && !(follow && crc == 0)))) {
    differs();
  }
  return data;
}

}  // namespace paramcount
