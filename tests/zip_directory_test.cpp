// Zip archives: what is read of them, and that no byte of one leads anywhere it should not.
#include "read/zip_directory.hpp"

#include <algorithm>
#include <cstring>
#include <string>
#include <vector>

#include "base/budgets.hpp"
#include "catch.hpp"
#include "paramcount/base/error.hpp"
#include "torch_writer.hpp"

namespace paramcount {
namespace {

/// That says it has `size` bytes; those that are not there are zeros.
Source source_of_bytes(const std::string& bytes, std::uint64_t size) {
  return {"file", size, [&](std::uint64_t offset, char* to, std::size_t count) -> std::size_t {
            std::memset(to, 0, count);
            if (offset < bytes.size()) {
              std::memcpy(to, bytes.data() + offset, std::min<std::size_t>(count, bytes.size() - offset));
            }
            return count;
          }};
}

std::string data_of(const Source& source, const ZipEntry& entry) {
  const auto at = data_offset(source, entry);
  std::string data(std::min<std::size_t>(entry.bytes, 100), '\0');
  source.read(at, data.data(), data.size());
  return data;
}

/// Names and data of all entries; what is wrong instead.
std::string told(const std::string& bytes) {
  const Source source = source_of_bytes(bytes, bytes.size());
  try {
    const auto directory = read_zip_directory(source);
    std::string text;
    for (const auto& entry : directory.entries) {
      if (directory.find(entry.name) != &entry) return "not found";
      text += std::string(entry.name) + "=" + data_of(source, entry) + ";";
    }
    return text;
  } catch (const Error& error) {
    CHECK(std::string(error.what()).find('\n') == std::string::npos);
    return error.what();
  }
}

const std::vector<NewZipEntry> kTwo{{"a", "first"}, {"b/c", "second one"}};
constexpr const char* kTold = "a=first;b/c=second one;";

std::string with(std::string bytes, const std::string& text, std::size_t shift, const std::string& other) {
  bytes.replace(bytes.find(text) + shift, other.size(), other);
  return bytes;
}

TEST_CASE("zip archives are read however their sizes are written") {
  CHECK(told(zip_of(kTwo)) == kTold);
  CHECK(told(zip_of(kTwo, {.sizes_follow = true})) == kTold);
  CHECK(told(zip_of(kTwo, {.large = true})) == kTold);
  CHECK(told(zip_of(kTwo, {.sizes_follow = true, .large = true})) == kTold);
  CHECK(told(zip_of(kTwo, {.comment = "a comment PK\x05\x06 with an end in it"})) == kTold);
  CHECK(told(zip_of({})).empty());
  const std::string bytes = zip_of(kTwo);
  const Source source = source_of_bytes(bytes, bytes.size());
  CHECK(read_zip_directory(source).find("b") == nullptr);
  CHECK(read_zip_directory(source).entries[1].bytes == 10);
}

TEST_CASE("a zip archive cut anywhere, or with a bit turned, gives entries or an error") {
  for (const bool large : {false, true}) {
    const std::string whole = zip_of(kTwo, {.sizes_follow = !large, .large = large});
    for (std::size_t i = 0; i < whole.size(); ++i) {
      const std::string cut = told(whole.substr(0, i));
      INFO(i << ": " << cut);
      CHECK_THAT(cut, ContainsSubstring("byte "));
    }
    for (std::size_t bit = 0; bit < 8 * whole.size(); ++bit) {
      std::string turned = whole;
      turned[bit / 8] = static_cast<char>(turned[bit / 8] ^ (1 << bit % 8));
      CHECK(!told(turned).empty());
    }
  }
}

TEST_CASE("compressed, encrypted or contradictory entries are refused by name") {
  CHECK_THAT(told(zip_of({{"x", "data", 8}})), ContainsSubstring("x is compressed"));
  CHECK_THAT(told(zip_of({{"x", "data", 0, 1}})), ContainsSubstring("x is encrypted"));
  CHECK_THAT(told(zip_of({{"x", "1"}, {"y", "2"}, {"x", "3"}})), ContainsSubstring("x twice in the archive"));
  const std::string bytes = zip_of(kTwo);
  const std::string differ = "the two headers of a contradict each other";
  CHECK_THAT(told(with(bytes, "PK\x03\x04", 30, "z")), ContainsSubstring(differ));             // the name
  CHECK_THAT(told(with(bytes, "PK\x03\x04", 18, "\x04")), ContainsSubstring(differ));          // stored bytes
  CHECK_THAT(told(with(bytes, "PK\x03\x04", 22, "\x06")), ContainsSubstring(differ));          // full bytes
  CHECK_THAT(told(with(bytes, "PK\x03\x04", 14, "????")), ContainsSubstring(differ));          // checksum
  CHECK_THAT(told(with(bytes, "PK\x03\x04", 8, "\x08")), ContainsSubstring(differ));           // method
  CHECK_THAT(told(with(bytes, "PK\x03\x04", 6, "\x08")), ContainsSubstring(differ));           // flags
  CHECK_THAT(told(with(bytes, "PK\x03\x04", 28, "\xff\xff")), ContainsSubstring("overlaps"));  // extra fields
  CHECK_THAT(told(with(bytes, "PK\x01\x02", 20, "\x04")), ContainsSubstring("has two sizes"));
}

TEST_CASE("entries that reach into each other or beyond the archive are refused") {
  const std::string bytes = zip_of(kTwo);
  const auto second = bytes.rfind("PK\x01\x02");
  // The second entry's header where the first has its own: both would be the same bytes.
  std::string same = bytes;
  same.replace(second + 42, 4, le(0, 4));
  CHECK_THAT(told(same), ContainsSubstring("overlaps what follows it"));
  std::string long_one = bytes;
  long_one.replace(second + 20, 8, le(1000, 4) + le(1000, 4));
  CHECK_THAT(told(long_one), ContainsSubstring("b/c overlaps what follows it"));
  std::string far = bytes;
  far.replace(second + 42, 4, le(0x7FFFFFFF, 4));
  CHECK_THAT(told(far), ContainsSubstring("overlaps what follows it"));
}

TEST_CASE("numbers of entries that no directory holds are refused before anything is taken") {
  std::string bytes = zip_of(kTwo, {.large = true});
  const auto end = bytes.find("PK\x06\x06");
  for (const std::uint64_t count : {std::uint64_t{1} << 31U, std::uint64_t{1} << 63U, UINT64_MAX, std::uint64_t{3}}) {
    std::string many = bytes;
    many.replace(end + 24, 16, le(count, 8) + le(count, 8));
    CHECK_THAT(told(many), ContainsSubstring("entries"));
  }
  std::string few = bytes;
  few.replace(end + 24, 16, le(1, 8) + le(1, 8));
  CHECK_THAT(told(few), ContainsSubstring("more entries than"));
  // A directory of a tebibyte, in a hole.
  const std::uint64_t size = std::uint64_t{1} << 40U;
  std::string tail = "PK\x06\x06" + le(44, 8) + le(45, 4) + le(0, 8) + le(std::uint64_t{1} << 31U, 8) +
                     le(std::uint64_t{1} << 31U, 8) + le(size - 98, 8) + le(0, 8);
  tail += "PK\x06\x07" + le(0, 4) + le(size - 98, 8) + le(1, 4) + "PK\x05\x06" + le(0, 4) + le(0xFFFFFFFF, 4) +
          le(0xFFFFFFFF, 4) + le(0xFFFFFFFF, 4) + le(0, 2);
  REQUIRE(tail.size() == 98);
  const Source source{"file", size, [&](std::uint64_t offset, char* to, std::size_t count) -> std::size_t {
                        for (std::size_t i = 0; i < count; ++i) {
                          const auto at = offset + i;
                          to[i] = at >= size - tail.size() ? tail[at - (size - tail.size())] : '\0';
                        }
                        return count;
                      }};
  CHECK_THROWS_WITH(read_zip_directory(source), ContainsSubstring("are allowed"));
}

TEST_CASE("an archive in parts, or with bytes that belong to nothing, is refused") {
  const std::string bytes = zip_of(kTwo);
  CHECK_THAT(told(with(bytes, "PK\x05\x06", 4, "\x01")), ContainsSubstring("multi-part"));
  CHECK_THAT(told("before" + bytes), ContainsSubstring("is not where it says"));
  CHECK_THAT(told(bytes + "behind"), ContainsSubstring("without its directory"));
  std::string apart = zip_of(kTwo, {.large = true});
  CHECK_THAT(told(with(apart, "PK\x05\x06", 8, le(9, 2) + le(9, 2))), ContainsSubstring("contradict each other"));
}

}  // namespace
}  // namespace paramcount
