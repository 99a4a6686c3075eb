// The safetensors reader: what it takes, what it refuses, and that it agrees with another JSON reader on both.
#include <sys/stat.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <sstream>

#include "base/json_scanner.hpp"
#include "catch.hpp"
#include "checkpoint_helper.hpp"
#include "gguf_writer.hpp"
#include "paramcount/base/error.hpp"
#include "paramcount/read/checkpoint.hpp"
#include "process.hpp"
#include "read/safetensors.hpp"
#include "read/shards.hpp"
#include "read/source.hpp"

#include "refusal.hpp"

namespace paramcount {
namespace {

/// Name, dtype, shape and place of every tensor as text, or nothing when the header is refused.
using Listing = std::optional<std::map<std::string, std::string>>;

std::string line(const std::string& dtype, const std::vector<std::uint64_t>& shape, std::uint64_t begin,
                 std::uint64_t end) {
  std::string text = dtype;
  for (const auto size : shape) text += " " + std::to_string(size);
  return text + " @ " + std::to_string(begin) + "-" + std::to_string(end);
}

Listing scanned(const std::string& header, std::uint64_t data_bytes, std::string* why = nullptr) {
  std::string text = header + std::string(JsonScanner::kPadding, '\0');
  std::vector<StoredTensor> tensors;
  Value metadata;
  try {
    scan_header(text.data(), header.size(), kHeaderStart + header.size() + data_bytes, 0, tensors, metadata);
  } catch (const Error& error) {
    if (why != nullptr) *why = error.what();
    return std::nullopt;
  }
  std::map<std::string, std::string> listing;
  for (const auto& tensor : tensors) {
    const auto begin = tensor.offset - kHeaderStart - header.size();
    listing.emplace(tensor.name, line(std::string(tensor.dtype), tensor.shape, begin, begin + tensor.bytes));
  }
  return listing;
}

/// What the format's rules say of a header, by a reader that builds the whole tree.
Listing by_tree(const std::string& header, std::uint64_t data_bytes) {
  using nlohmann::json;
  static const std::map<std::string, std::uint64_t> kBits{
      {"BOOL", 8},        {"F4", 4},      {"F6_E2M3", 6}, {"F6_E3M2", 6}, {"U8", 8},      {"I8", 8},
      {"F8_E5M2", 8},     {"F8_E4M3", 8}, {"U16", 16},    {"I16", 16},    {"F8_E8M0", 8}, {"F8_E4M3FNUZ", 8},
      {"F16", 16},        {"BF16", 16},   {"I32", 32},    {"U32", 32},    {"F32", 32},    {"C64", 64},
      {"F8_E5M2FNUZ", 8}, {"F64", 64},    {"I64", 64},    {"U64", 64}};
  // This reader treats a zero byte as the end of the text; JSON allows it nowhere.
  if (header.find('\0') != std::string::npos) return std::nullopt;
  std::vector<std::set<std::string>> keys;
  bool twice = false;
  const json::parser_callback_t watch = [&](int, json::parse_event_t event, json& parsed) {
    if (event == json::parse_event_t::object_start) keys.emplace_back();
    if (event == json::parse_event_t::object_end) keys.pop_back();
    if (event == json::parse_event_t::key) twice = twice || !keys.back().insert(parsed.get<std::string>()).second;
    return true;
  };
  const json tree = json::parse(header, watch, false);
  if (tree.is_discarded() || !tree.is_object() || twice) return std::nullopt;
  std::map<std::string, std::string> listing;
  std::vector<std::pair<std::uint64_t, std::uint64_t>> places;
  for (const auto& [name, entry] : tree.items()) {
    if (!entry.is_object()) return std::nullopt;
    if (name == "__metadata__") {
      for (const auto& [unused, text] : entry.items()) {
        if (!text.is_string()) return std::nullopt;
      }
      continue;
    }
    if (entry.size() != 3 || !entry.contains("dtype") || !entry.contains("shape") || !entry.contains("data_offsets")) {
      return std::nullopt;
    }
    const auto whole = [](const json& list) {
      return list.is_array() &&
             std::all_of(list.begin(), list.end(), [](const json& v) { return v.is_number_unsigned(); });
    };
    const auto& offsets = entry["data_offsets"];
    if (!entry["dtype"].is_string() || !kBits.contains(entry["dtype"]) || !whole(entry["shape"]) || !whole(offsets) ||
        offsets.size() != 2) {
      return std::nullopt;
    }
    long double bits = static_cast<long double>(kBits.at(entry["dtype"]));
    std::vector<std::uint64_t> shape;
    for (const auto& size : entry["shape"]) {
      shape.push_back(size.get<std::uint64_t>());
      bits *= static_cast<long double>(shape.back());
    }
    const auto begin = offsets[0].get<std::uint64_t>();
    const auto end = offsets[1].get<std::uint64_t>();
    if (end < begin || end > data_bytes || bits != static_cast<long double>(end - begin) * 8) return std::nullopt;
    places.emplace_back(begin, end);
    listing.emplace(name, line(entry["dtype"], shape, begin, end));
  }
  std::sort(places.begin(), places.end());
  std::uint64_t at = 0;
  for (const auto& [begin, end] : places) {
    if (begin != at) return std::nullopt;
    at = end;
  }
  if (at != data_bytes) return std::nullopt;
  return listing;
}

std::string refusal(const std::string& header, std::uint64_t data_bytes) {
  std::string why = "accepted";
  static_cast<void>(scanned(header, data_bytes, &why));
  return why;
}

const std::vector<NewTensor> kSmall{{"a.weight", "BF16", {2, 3}},
                                    {"b \\\"\\u00e9\\ud83d\\ude00\\n", "F32", {}},
                                    {"c.ü", "F8_E4M3", {0, 7}},
                                    {"d", "F4", {4}}};

TEST_CASE("tensors, metadata and sizes of a file are what its writer put there") {
  const TestFolder folder;
  write_checkpoint(folder / "x.safetensors", kSmall);
  const Checkpoint checkpoint = read_checkpoint(folder / "x.safetensors");
  REQUIRE(checkpoint.tensors.size() == 4);
  CHECK(checkpoint.tensors[0].name == "a.weight");
  CHECK(checkpoint.tensors[0].dtype == "BF16");
  CHECK(checkpoint.tensors[0].shape == std::vector<std::uint64_t>{2, 3});
  CHECK(checkpoint.tensors[0].elements == 6);
  CHECK(checkpoint.tensors[0].bytes == 12);
  CHECK(checkpoint.tensors[1].name == "b \"é😀\n");
  CHECK(checkpoint.tensors[1].elements == 1);
  CHECK(checkpoint.tensors[2].elements == 0);
  CHECK(checkpoint.tensors[3].bytes == 2);
  CHECK(checkpoint.metadata == Value(Value::Object{{"format", "pt"}}));
  CHECK(checkpoint.header_bytes == 8 + header_of(kSmall).size());
  CHECK(checkpoint.file_bytes == std::filesystem::file_size(folder / "x.safetensors"));
  CHECK(checkpoint.tensors[0].offset == checkpoint.header_bytes);
}

TEST_CASE("headers that break a rule are refused with the byte and the rule") {
  const auto entry = [](const std::string& name, const std::string& rest) {
    return "{\"" + name + "\":{" + rest + "}}";
  };
  const std::string good = R"("dtype":"F32","shape":[2],"data_offsets":[0,8])";
  CHECK(refusal(entry("a", good), 8) == "accepted");
  struct Case {
    std::string header;
    std::uint64_t data;
    std::string said;
  };
  const std::vector<Case> cases{
      {entry("a", good), 9, "1 bytes at the end of the file belong to no tensor"},
      {entry("a", good), 7, "a: ends at byte 8 of the data, but the file has 7. Is it truncated?"},
      {entry("a", R"("dtype":"F32","shape":[3],"data_offsets":[0,8])"), 8,
       "data_offsets span 8 bytes, dtype and shape give 12"},
      {entry("a", R"("dtype":"F32","shape":[2],"data_offsets":[8,0])"), 8, "a: data_offsets end before they begin"},
      {entry("a", R"("dtype":"F32","shape":[2],"data_offsets":[1,9])"), 9, "1 bytes before a belong to no tensor"},
      {entry("a", R"("dtype":"F4","shape":[3],"data_offsets":[0,1])"), 1, "its elements do not fill whole bytes"},
      {entry("a", R"("dtype":"Q4","shape":[2],"data_offsets":[0,8])"), 8, "a: unknown dtype Q4"},
      {entry("a", R"("dtype":"F32","shape":[-2],"data_offsets":[0,8])"), 8, "expected a whole number of at least 0"},
      {entry("a", R"("dtype":"F32","shape":[2.0],"data_offsets":[0,8])"), 8, "expected a whole number"},
      {entry("a", R"("dtype":"F32","shape":[02],"data_offsets":[0,8])"), 8, "a number with a leading zero"},
      {entry("a", R"("dtype":"F32","shape":[18446744073709551616],"data_offsets":[0,8])"), 8,
       "a number larger than 64 bits"},
      {entry("a", R"("dtype":"F32","shape":[99999999999999999999],"data_offsets":[0,8])"), 8,
       "a number larger than 64 bits"},
      {entry("a", R"("dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,8])"), 8,
       "more than 2^64 elements"},
      {entry("a", R"("dtype":"F32","shape":[4611686018427387904],"data_offsets":[0,8])"), 8,
       "its size exceeds 64 bits"},
      {entry("a", R"("dtype":"F32","shape":[2],"data_offsets":[18446744073709551608,18446744073709551615])"), 8,
       "span 7 bytes"},
      {entry("a", R"("dtype":"F32","shape":[2])"), 8, "a: no data_offsets"},
      {entry("a", R"("dtype":"F32","data_offsets":[0,8])"), 8, "a: no shape"},
      {entry("a", R"("shape":[2],"data_offsets":[0,8])"), 8, "a: no dtype"},
      {entry("a", R"("dtype":"F32","dtype":"F32","shape":[2],"data_offsets":[0,8])"), 8, "twice"},
      {entry("a", good + R"(,"extra":1)"), 8, "a: unknown key extra"},
      {entry("a", ""), 8, "a: no dtype, shape and data_offsets"},
      {"{\"a\":{" + good + R"(},"a":{"dtype":"F32","shape":[1],"data_offsets":[8,12]}})", 12, "a twice"},
      {"{\"a\":{" + good + R"(},"b":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}})", 8, "b overlaps a"},
      {R"({"__metadata__":{"a":1}})", 0, "expected a string, got '1'"},
      {R"({"__metadata__":{"a":"1","a":"2"}})", 0, "__metadata__: a twice"},
      {R"({"__metadata__":{},"__metadata__":{}})", 0, "__metadata__ twice"},
      {entry("a", good) + "x", 8, "something follows the end of the JSON object"},
      {entry("a", good).substr(0, 20), 8, "and the header ends"},
      {entry("a\\x", good), 8, "no such escape sequence"},
      {entry("a\\ud800", good), 8, "half of a surrogate pair"},
      {entry("a\\ud800\\n", good), 8, "half of a surrogate pair"},
      {entry("a\\ud800\\u0041", good), 8, "half of a surrogate pair"},
      {entry("a\\udc00", good), 8, "half of a surrogate pair"},
      {entry("a\\u12g4", good), 8, "four hexadecimal digits"},
      {entry("a\xC3(", good), 8, "not valid UTF-8"},
      {entry("a\xED\xA0\x80", good), 8, "not valid UTF-8"},
      {entry("a\xC0\xAF", good), 8, "not valid UTF-8"},
      {entry("a\xF4\x90\x80\x80", good), 8, "not valid UTF-8"},
      {entry("a\xF0\x8F\xBF\xBF", good), 8, "not valid UTF-8"},
      {entry("a\xE0\x9F\xBF", good), 8, "not valid UTF-8"},
      {entry(std::string(200, 'n'), ""), 8, std::string(120, 'n') + "...: no dtype, shape and data_offsets"},
      {entry("a\xF0\x9F\x98(", good), 8, "not valid UTF-8"},
      {entry("a\n", good), 8, "a control character in a string"},
      {"[]", 0, "expected '{', got '['"},
      {"", 0, "expected '{', and the header ends"}};
  for (const auto& c : cases) {
    INFO(c.header);
    CHECK_THAT(refusal(c.header, c.data), ContainsSubstring(c.said));
    CHECK_FALSE(by_tree(c.header, c.data).has_value());
  }
  std::string ones = "[1";
  for (int i = 0; i < 64; ++i) ones += ",1";
  CHECK_THAT(refusal(entry("a", R"("dtype":"U8","shape":)" + ones + R"(],"data_offsets":[0,1])"), 1),
             ContainsSubstring("more than 64 dimensions"));
}

TEST_CASE("spaces, the order of keys and the order of tensors in the data are free") {
  const std::string header =
      "{ \"b\\u0020\xE0\xA4\x85\" :\t{\"shape\" : [ 2 ] ,\"data_offsets\":[ 4 , 12 ] , \"dtype\" : \"F32\" },\r\n"
      "\"a\": { \"data_offsets\" : [0,4], \"dtype\" :\"I32\", \"shape\" :[] } }  ";
  const auto listing = scanned(header, 12);
  REQUIRE(listing.has_value());
  CHECK(*listing == std::map<std::string, std::string>{{"a", "I32 @ 0-4"}, {"b \xE0\xA4\x85", "F32 2 @ 4-12"}});
  CHECK(listing == by_tree(header, 12));
}

TEST_CASE("the scanner and a tree-building reader agree on every one-byte change of a header") {
  const std::string header = header_of(kSmall);
  const auto data = data_bytes_of(kSmall);
  REQUIRE(scanned(header, data) == by_tree(header, data));
  REQUIRE(scanned(header, data).has_value());
  int accepted = 0;
  for (std::size_t i = 0; i < header.size(); ++i) {
    std::set<char> changes;
    for (unsigned bit = 0; bit < 8; ++bit)
      changes.insert(static_cast<char>(static_cast<unsigned char>(header[i]) ^ (1U << bit)));
    for (const char c : std::string("{}[]\",:\\ 0123456789eEu-.ab\t\n\0\x7F\xC3\xFF", 32)) changes.insert(c);
    for (const char c : changes) {
      std::string changed = header;
      changed[i] = c;
      const auto ours = scanned(changed, data);
      const auto theirs = by_tree(changed, data);
      if (ours != theirs) {
        INFO(changed);
        CHECK(ours == theirs);
      }
      accepted += ours.has_value() ? 1 : 0;
    }
  }
  CHECK(accepted > 100);
}

TEST_CASE("a file cut anywhere, or with any bit flipped, is refused or read as it is") {
  const TestFolder folder;
  const std::string path = folder / "x.safetensors";
  const std::string whole = file_of(header_of(kSmall), data_bytes_of(kSmall));
  for (std::size_t size = 0; size < whole.size(); ++size) {
    write_bytes(path, whole.substr(0, size));
    CHECK(checkpoint_refusal(path) != "read");
  }
  int read = 0;
  const std::string header = header_of(kSmall);
  for (std::size_t i = 0; i < whole.size() * 8; ++i) {
    std::string flipped = whole;
    flipped[i / 8] = static_cast<char>(static_cast<unsigned char>(flipped[i / 8]) ^ (1U << (i % 8)));
    write_bytes(path, flipped);
    const bool ours = checkpoint_refusal(path) == "read";
    read += ours ? 1 : 0;
    if (i / 8 < 8) CHECK_FALSE(ours);
    if (i / 8 >= 8 && i / 8 < 8 + header.size()) {
      CHECK(ours == by_tree(flipped.substr(8, header.size()), data_bytes_of(kSmall)).has_value());
    }
  }
  CHECK(read > 20);
}

TEST_CASE("a length no file can hold is refused before anything is reserved") {
  const TestFolder folder;
  const std::string path = folder / "x.safetensors";
  for (const std::uint64_t length : {~std::uint64_t{0}, ~std::uint64_t{0} - 7, ~std::uint64_t{0} - 8,
                                     std::uint64_t{1} << 63U, std::uint64_t{1} << 32U, std::uint64_t{3}}) {
    std::string bytes;
    for (unsigned shift = 0; shift < 64; shift += 8) bytes += static_cast<char>(length >> shift);
    write_bytes(path, bytes + "{}");
    const auto said = checkpoint_refusal(path);
    CHECK_THAT(said, ContainsSubstring("x.safetensors: byte 8: header of "));
    CHECK_THAT(said, ContainsSubstring("2 follow"));
  }
  std::string bytes;
  for (unsigned shift = 0; shift < 64; shift += 8) bytes += static_cast<char>(std::uint64_t{100'000'001} >> shift);
  write_bytes(path, bytes);
  std::filesystem::resize_file(path, 200'000'000);
  CHECK_THAT(checkpoint_refusal(path), ContainsSubstring("header of 100,000,001 bytes; the format allows 100,000,000"));
}

TEST_CASE("deep nesting and endless shapes are refused in bounded memory") {
  const TestFolder folder;
  const auto refused = [&](const std::string& header) {
    write_bytes(folder / "x.safetensors", file_of(header, 0));
    const auto finished = run_shell(within_kib(300000) + "paramcount " + folder / "x.safetensors");
    CHECK(finished.code == 1);
    CHECK(finished.out.empty());
    CHECK(finished.err.size() < 400);
    return finished.err;
  };
  const std::string deep(20'000'000, '[');
  CHECK_THAT(refused("{\"a\":" + deep), ContainsSubstring("expected '{', got '['"));
  CHECK_THAT(refused("{\"__metadata__\":{\"a\":" + deep), ContainsSubstring("expected a string"));
  std::string ones = R"({"a":{"dtype":"U8","shape":[1)";
  for (int i = 0; i < 5'000'000; ++i) ones += ",1";
  CHECK_THAT(refused(ones), ContainsSubstring("more than 64 dimensions"));
  const std::string spaces(20'000'000, ' ');
  CHECK_THAT(refused(spaces), ContainsSubstring("and the header ends"));
  write_bytes(folder / "model.safetensors.index.json", "{\"metadata\":" + deep);
  const auto index = run_shell(within_kib(300000) + "paramcount " + folder / "model.safetensors.index.json");
  CHECK(index.code == 1);
  CHECK_THAT(index.err, ContainsSubstring("nested deeper than 64 levels"));
}

TEST_CASE("many similar names are compared quickly, and the repeated one is found") {
  std::string header = "{";
  constexpr int kMany = 200'000;
  for (int i = 0; i < kMany; ++i) {
    header += (i > 0 ? ",\"t" : "\"t") + std::to_string(i) + R"(":{"dtype":"U8","shape":[0],"data_offsets":[0,0]})";
  }
  CHECK(refusal(header + "}", 0) == "accepted");
  CHECK_THAT(refusal(header + R"(,"t77":{"dtype":"U8","shape":[0],"data_offsets":[0,0]}})", 0),
             ContainsSubstring("t77 twice"));
}

}  // namespace
}  // namespace paramcount
