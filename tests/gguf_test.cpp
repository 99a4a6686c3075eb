// Reading GGUF headers: what is accepted, and what is refused with what words.
#include <algorithm>
#include <array>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <limits>
#include <random>

#include "base/budgets.hpp"
#include "base/file.hpp"
#include "catch.hpp"
#include "fuzz/targets.hpp"
#include "gguf_writer.hpp"
#include "paramcount/base/error.hpp"
#include "paramcount/catalog/catalog.hpp"
#include "paramcount/read/checkpoint.hpp"
#include "process.hpp"
#include "read/byte_reader.hpp"
#include "read/ggml_type.hpp"

#include "refusal.hpp"

namespace paramcount {
namespace {

constexpr std::uint32_t kF32 = 0;
constexpr std::uint32_t kQ4K = 12;

void write(const std::string& path, const std::string& bytes) { std::ofstream(path, std::ios::binary) << bytes; }

/// What reading that header says, the path left out.
std::string refusal(const GgufWriter& file, const TestFolder& folder) {
  const std::string path = folder / "file.gguf";
  file.write(path);
  const std::string text = gguf_refusal(path);
  return text.starts_with(path + ": ") ? text.substr(path.size() + 2) : text;
}

TEST_CASE("values of a GGUF are kept exactly, tensors outermost dimension first") {
  const TestFolder folder;
  for (const std::uint32_t version : {2U, 3U}) {
    for (const bool big_endian : {false, true}) {
      INFO(version << big_endian);
      GgufWriter file(version, big_endian);
      file.text("general.architecture", "llama");
      file.u8("u8", 200);
      file.u16("u16", 60'000);
      file.u32("u32", 4'000'000'000U);
      file.i32("i32", -5);
      file.f32("f32", 0.5F);
      file.f64("f64", 0.1);
      file.u64("u64", UINT64_MAX);
      file.i64("i64", INT64_MIN);
      file.boolean("true", 1);
      file.texts("texts", {"a", "é"});
      file.i32s("list", {1, -2, 3});
      file.booleans("flags", {true, false});
      file.texts("odd", {"a", "\xFF"});
      file.texts("tokenizer.ggml.tokens", std::vector<std::string>(2000, "\xFF"));
      file.tensor("token_embd.weight", {256, 4}, kQ4K, 4 * 144);
      file.tensor("output_norm.weight", {256}, kF32, 1024);
      const std::string path = folder / "small.gguf";
      file.write(path);
      const Checkpoint checkpoint = read_gguf(path);
      const auto& m = checkpoint.metadata;
      CHECK(*m.find("u8") == Value(200));
      CHECK(*m.find("u16") == Value(60'000));
      CHECK(*m.find("u32") == Value(std::int64_t{4'000'000'000}));
      CHECK(*m.find("i32") == Value(-5));
      CHECK(*m.find("f32") == Value(0.5));
      CHECK(*m.find("f64") == Value(0.1));
      CHECK(*m.find("u64") == Value("18446744073709551615"));
      CHECK(*m.find("i64") == Value(INT64_MIN));
      CHECK(*m.find("true") == Value(true));
      CHECK(*m.find("texts") == Value(Value::List{"a", "é"}));
      CHECK(*m.find("list") == Value(Value::List{1, -2, 3}));
      CHECK(*m.find("flags") == Value(Value::List{true, false}));
      CHECK(*m.find("tokenizer.ggml.tokens") == Value(Value::Object{{"type", "string"}, {"length", 2000}}));
      CHECK(*m.find("odd") == Value(Value::Object{{"type", "string"}, {"length", 2}}));
      REQUIRE(checkpoint.tensors.size() == 2);
      CHECK(checkpoint.tensors[0].name == "token_embd.weight");
      CHECK(checkpoint.tensors[0].dtype == "q4_k");
      CHECK(checkpoint.tensors[0].shape == std::vector<std::uint64_t>{4, 256});
      CHECK(checkpoint.tensors[0].bytes == 576);
      CHECK(checkpoint.tensors[0].offset % 32 == 0);
      CHECK(checkpoint.tensors[1].offset == checkpoint.tensors[0].offset + 576);
      CHECK(checkpoint.file_bytes == checkpoint.tensors[1].offset + 1024);
    }
  }
}

TEST_CASE("small integers keep their sign, and non-finite numbers are texts") {
  const TestFolder folder;
  GgufWriter file;
  file.raw_pair("i8", 1, "\xFB");
  file.raw_pair("i16", 3, "\xFE\xFF");
  file.f32("nan", std::numeric_limits<float>::quiet_NaN());
  file.f32("inf", std::numeric_limits<float>::infinity());
  file.f64("-inf", -std::numeric_limits<double>::infinity());
  file.tensor("scalar", {}, kF32, 4);
  file.write(folder / "x.gguf");
  const Checkpoint checkpoint = read_gguf(folder / "x.gguf");
  const auto& m = checkpoint.metadata;
  CHECK(*m.find("i8") == Value(-5));
  CHECK(*m.find("i16") == Value(-2));
  for (const char* text : {"nan", "inf", "-inf"}) CHECK(*m.find(text) == Value(text));
  REQUIRE(checkpoint.tensors.size() == 1);
  CHECK(checkpoint.tensors[0].shape.empty());
  CHECK(checkpoint.tensors[0].elements == 1);
  CHECK(checkpoint.tensors[0].bytes == 4);
}

TEST_CASE("long texts and arrays of a GGUF are kept as their type and length, short ones whole") {
  const TestFolder folder;
  const auto length = [](const char* type, std::int64_t count) {
    return Value(Value::Object{{"type", type}, {"length", count}});
  };
  const auto nested = [](std::uint64_t count) {
    std::string bytes("\11\0\0\0", 4);
    GgufWriter{}.number(bytes, count);
    for (std::uint64_t i = 0; i < count; ++i) bytes += std::string("\0\0\0\0\1\0\0\0\0\0\0\0\7", 13);
    return bytes;
  };
  constexpr std::size_t kLongest = kLongestKeptText;
  GgufWriter file;
  file.text("longest text", std::string(kLongest, 'x'));
  file.text("long text", std::string(kLongest + 1, 'x'));
  file.texts("long texts", {std::string(kLongest, 'x'), "y", "z"});
  file.booleans("most flags", std::vector<bool>(1024, true));
  file.booleans("flags", std::vector<bool>(1025, true));
  file.raw_pair("lists", 9, nested(2));
  file.raw_pair("many lists", 9, nested(1025));
  file.write(folder / "x.gguf");
  const auto m = read_gguf(folder / "x.gguf").metadata;
  CHECK(*m.find("longest text") == Value(std::string(kLongest, 'x')));
  CHECK(*m.find("long text") == length("string", kLongest + 1));
  CHECK(*m.find("long texts") == length("string", 3));
  CHECK(*m.find("most flags") == Value(Value::List(1024, true)));
  CHECK(*m.find("flags") == length("bool", 1025));
  CHECK(*m.find("lists") == Value(Value::List{Value::List{7}, Value::List{7}}));
  CHECK(*m.find("many lists") == length("array", 1025));

  GgufWriter many;
  for (int i = 0; i < 98; ++i) many.i32s("list" + std::to_string(i), std::vector<std::int32_t>(1024, i));
  many.write(folder / "many.gguf");
  const auto lists = read_gguf(folder / "many.gguf").metadata;
  CHECK(*lists.find("list96") == Value(Value::List(1024, 96)));
  CHECK(*lists.find("list97") == length("int32", 1024));
}

TEST_CASE("a GGUF without metadata says so") {
  const TestFolder folder;
  GgufWriter{}.write(folder / "x.gguf");
  const Finished run = run_shell("paramcount metadata " + (folder / "x.gguf"));
  CHECK(run.code == 0);
  CHECK_THAT(run.out, ContainsSubstring("\n  none"));
}

TEST_CASE("tensor types have the numbers and blocks of llama.cpp") {
  // ggml/include/ggml.h (enum ggml_type) and ggml/src/ggml-common.h (sizes of its blocks), August 2026.
  const std::vector<GgmlType> expected{
      {0, "f32", 1, 4},         {1, "f16", 1, 2},         {2, "q4_0", 32, 18},      {3, "q4_1", 32, 20},
      {6, "q5_0", 32, 22},      {7, "q5_1", 32, 24},      {8, "q8_0", 32, 34},      {9, "q8_1", 32, 36},
      {10, "q2_k", 256, 84},    {11, "q3_k", 256, 110},   {12, "q4_k", 256, 144},   {13, "q5_k", 256, 176},
      {14, "q6_k", 256, 210},   {15, "q8_k", 256, 292},   {16, "iq2_xxs", 256, 66}, {17, "iq2_xs", 256, 74},
      {18, "iq3_xxs", 256, 98}, {19, "iq1_s", 256, 50},   {20, "iq4_nl", 32, 18},   {21, "iq3_s", 256, 110},
      {22, "iq2_s", 256, 82},   {23, "iq4_xs", 256, 136}, {24, "i8", 1, 1},         {25, "i16", 1, 2},
      {26, "i32", 1, 4},        {27, "i64", 1, 8},        {28, "f64", 1, 8},        {29, "iq1_m", 256, 56},
      {30, "bf16", 1, 2},       {34, "tq1_0", 256, 54},   {35, "tq2_0", 256, 66},   {39, "mxfp4", 32, 17},
      {40, "nvfp4", 64, 36},    {41, "q1_0", 128, 18},    {42, "q2_0", 64, 18}};
  std::size_t known = 0;
  for (std::uint32_t number = 0; number < 100; ++number) {
    const auto* type = find_ggml_type(number);
    if (type == nullptr) continue;
    REQUIRE(known < expected.size());
    const auto& own = expected[known++];
    INFO(own.name);
    CHECK(type->number == own.number);
    CHECK(type->name == own.name);
    CHECK(type->block == own.block);
    CHECK(type->bytes == own.bytes);
  }
  CHECK(known == expected.size());
}

TEST_CASE("a GGUF that contradicts itself is refused in words") {
  const TestFolder folder;
  const auto check = [&](const char* what, const auto& change) {
    GgufWriter file;
    file.text("general.architecture", "llama");
    change(file);
    INFO(what);
    CHECK_THAT(refusal(file, folder), ContainsSubstring(what));
  };
  check("the key a appears twice", [](GgufWriter& f) { f.u8("a", 1), f.u8("a", 1); });
  check("a key without a name", [](GgufWriter& f) { f.u8("", 1); });
  check("a key of 65536 bytes; at most 65,535 are allowed", [](GgufWriter& f) { f.u8(std::string(65536, 'k'), 1); });
  check("a bool is 0 or 1, not 2", [](GgufWriter& f) { f.boolean("a", 2); });
  check("a bool is 0 or 1, not 3", [](GgufWriter& f) {
    std::string flags("\7\0\0\0\1\4\0\0\0\0\0\0", 12);
    f.raw_pair("a", 9, flags + std::string(1024, '\1') + "\3");
  });
  check("a: byte 78: unknown value type 13", [](GgufWriter& f) { f.raw_pair("a", 13, "0"); });
  check("not UTF-8", [](GgufWriter& f) { f.text("a", "\xC3"); });
  check("not UTF-8", [](GgufWriter& f) { f.u8("\xC3", 1); });
  check("not UTF-8", [](GgufWriter& f) { f.tensor("\xC3", {1}, kF32, 4); });
  check("a string of length 18446744073709551615, with 0 bytes left",
        [](GgufWriter& f) { f.raw_pair("a", 8, std::string(8, '\xFF')); });
  check("an array of length 18446744073709551615",
        [](GgufWriter& f) { f.raw_pair("a", 9, std::string("\4\0\0\0", 4) + std::string(8, '\xFF')); });
  check("arrays are nested more than 4 deep", [](GgufWriter& f) {
    std::string nested;
    for (int i = 0; i < 100; ++i) nested += std::string("\11\0\0\0\1\0\0\0\0\0\0\0", 12);
    f.raw_pair("a", 9, nested);
  });
  check("general.alignment: 24 is not a 32-bit power of two", [](GgufWriter& f) { f.u32("general.alignment", 24); });
  check("general.alignment: 0 is not a 32-bit power of two", [](GgufWriter& f) { f.u32("general.alignment", 0); });
  check("general.alignment: 8589934592 is not a 32-bit power of two",
        [](GgufWriter& f) { f.u64("general.alignment", 1ULL << 33U); });
  check("general.alignment: expected a whole number", [](GgufWriter& f) { f.text("general.alignment", "32"); });
  check("two tensors are called x", [](GgufWriter& f) { f.tensor("x", {1}, kF32, 4), f.tensor("x", {1}, kF32, 4); });
  check("a tensor without a name", [](GgufWriter& f) { f.tensor("", {1}, kF32, 4); });
  check("a tensor's name of 65536 bytes; at most 65,535 are allowed",
        [](GgufWriter& f) { f.tensor(std::string(65536, 'n'), {1}, kF32, 4); });
  check("5 dimensions", [](GgufWriter& f) { f.tensor("x", {1, 1, 1, 1, 1}, kF32, 4); });
  check("its number of elements exceeds 64 bits", [](GgufWriter& f) {
    f.tensor("x", {1ULL << 40U, 1ULL << 40U}, kF32, 4);
  });
  check("its number of elements exceeds 64 bits", [](GgufWriter& f) { f.tensor("x", {1ULL << 63U}, kF32, 4); });
  check("its size in bytes exceeds 64 bits", [](GgufWriter& f) { f.tensor("x", {1ULL << 62U, 2}, kF32, 4); });
  check("rows of 255 are not whole blocks of q4_k (256)", [](GgufWriter& f) { f.tensor("x", {255}, kQ4K, 144); });
  check("x: its offset 16 is not a multiple of the alignment 32",
        [](GgufWriter& f) { f.tensor_at("x", {1}, kF32, 16); });
  check("x: its 4096 bytes extend beyond the end of the file", [](GgufWriter& f) { f.tensor("x", {1024}, kF32, 32); });
  check("extend beyond the end of the file", [](GgufWriter& f) { f.tensor_at("x", {1}, kF32, UINT64_MAX - 31); });
  check("extend beyond the end of the file", [](GgufWriter& f) { f.tensor_at("x", {1024}, kF32, UINT64_MAX - 1023); });
  check("x and y: their bytes overlap", [](GgufWriter& f) {
    f.tensor("x", {32}, kF32, 128);
    f.tensor_at("y", {16}, kF32, 64);
  });
  check("split.count: expected a whole number", [](GgufWriter& f) { f.i32("split.count", -1); });
  check("part 1 of 2 by its metadata, which its name must reflect", [](GgufWriter& f) { f.u16("split.count", 2); });
}

TEST_CASE("anything but a GGUF of version 2 or 3 is named") {
  const TestFolder folder;
  const std::string path = folder / "file.gguf";
  const auto check = [&](const std::string& bytes, const char* what) {
    write(path, bytes);
    CHECK_THAT(gguf_refusal(path), ContainsSubstring(what));
  };
  check("", "does not begin with GGUF");
  check("GG", "does not begin with GGUF");
  check("{\"a\": 1}", "does not begin with GGUF");
  check(std::string("tjgg\3\0\0\0", 8), "a file in a GGML format older than GGUF");
  check("GGUF", "byte 4: 4 bytes declared, but only 0 left");
  check(std::string("GGUF\1\0\0\0", 8), "GGUF version 1");
  check(std::string("GGUF\0\0\0\1", 8), "GGUF version 1");
  check(std::string("GGUF\4\0\0\0", 8), "GGUF version 4; supported: 2 and 3");
  check(std::string("GGUF\0\0\0\0", 8), "GGUF version 0");
  CHECK_THAT(gguf_refusal(folder / "none.gguf"), ContainsSubstring("no such file"));
  CHECK_THAT(gguf_refusal("/"), ContainsSubstring("is a folder"));
  CHECK_THAT(gguf_refusal("/dev/zero"), ContainsSubstring("not a regular file"));
  CHECK(gguf_refusal(path + "/x.gguf") == path + "/x.gguf: Not a directory");
}

TEST_CASE("a GGUF that shrinks while it is read is an error with the byte it ends at") {
  const TestFolder folder;
  const std::string path = folder / "file.gguf";
  write(path, std::string(300'000, 'x'));
  const Source source = open_source(path);
  ByteReader reader(source);
  reader.skip(200'000);
  std::filesystem::resize_file(path, 250'000);
  std::string text;
  CHECK_THROWS_WITH(reader.append(text, 100'000), "byte 250000: the file shrank while it was being read");
}

TEST_CASE("counts and lengths no file could hold are refused at once, in little memory") {
  const TestFolder folder;
  const std::string path = folder / "hostile.gguf";
  const std::uint64_t most = UINT64_MAX;
  for (const std::uint64_t count : {std::uint64_t{1} << 31U, std::uint64_t{1} << 63U, most}) {
    for (const bool tensors : {true, false}) {
      for (const bool sparse : {true, false}) {
        INFO(count << tensors << sparse);
        GgufWriter writer;
        std::string bytes("GGUF\3\0\0\0", 8);
        writer.number(bytes, tensors ? count : 0);
        writer.number(bytes, tensors ? 0 : count);
        write(path, bytes);
        // A hole of a terabyte costs nothing, so the file's size does not make its claims credible.
        if (sparse) std::filesystem::resize_file(path, std::uint64_t{1} << 40U);
        const Finished run = run_shell(within_kib(60000) + "timeout 5 paramcount metadata " + path);
        CHECK(run.code == 1);
        CHECK_THAT(run.err, ContainsSubstring("declared"));
      }
    }
  }
  GgufWriter hole;
  hole.text("general.architecture", "llama");
  std::string array("\10\0\0\0", 4);
  hole.number(array, std::uint64_t{1} << 36U);
  hole.raw_pair("tokenizer.ggml.tokens", 9, array);
  write(path, hole.header());
  std::filesystem::resize_file(path, std::uint64_t{1} << 40U);
  const Finished run = run_shell(within_kib(60000) + "timeout 20 paramcount metadata " + path);
  CHECK(run.code == 1);
  CHECK_THAT(run.err, ContainsSubstring("left of the 128 MiB limit for headers"));
}

TEST_CASE("a GGUF cut off at any byte is refused, and never counted wrongly") {
  const TestFolder folder;
  const std::string path = folder / "whole.gguf";
  tiny_llama().write(path);
  CHECK(gguf_refusal(path).empty());
  const std::string bytes = read_file(path, 1U << 20U);
  const std::string cut = folder / "cut.gguf";
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    write(cut, bytes.substr(0, size));
    INFO(size);
    REQUIRE(gguf_refusal(cut).starts_with(cut + ": "));
  }
}

TEST_CASE("a GGUF with any bit turned is refused, or is another honest file") {
  const TestFolder folder;
  const std::string path = folder / "bit.gguf";
  tiny_llama().write(path);
  const std::string bytes = read_file(path, 1U << 20U);
  const std::size_t header = tiny_llama().header().size();
  // Every bit of magic, version and counts; of each byte after them one, drawn with a fixed seed: the bits of a byte
  // belong to the same name, length or number. PARAMCOUNT_EVERY_BIT set: all of them.
  constexpr std::size_t kPreamble = 24;
  const bool every_bit = std::getenv("PARAMCOUNT_EVERY_BIT") != nullptr;
  std::minstd_rand random(1);
  std::size_t tried = 0;
  std::size_t refused = 0;
  for (std::size_t byte = 0; byte < header; ++byte) {
    const std::size_t drawn = random() / 1024 % 8;
    for (std::size_t bit = 0; bit < 8; ++bit) {
      if (byte >= kPreamble && bit != drawn && !every_bit) continue;
      std::string turned = bytes;
      turned[byte] = static_cast<char>(turned[byte] ^ (1 << bit));
      write(path, turned);
      INFO(byte << " " << bit);
      ++tried;
      refused += gguf_refusal(path).empty() ? 0 : 1;
      // Aborts when sums disagree.
      REQUIRE_NOTHROW(fuzz_gguf_file(path));
    }
  }
  CHECK(tried >= 8 * kPreamble + header - kPreamble);
  // A file that still reads has another name, number or offset; all others are refused.
  CHECK(refused > tried / 8);
}

}  // namespace
}  // namespace paramcount
