// GGUFs in several parts.
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

GgufWriter part(std::uint16_t number, std::uint16_t count, std::int32_t tensors) {
  GgufWriter file;
  if (number == 0) file.text("general.architecture", "llama");
  file.u16("split.no", number);
  file.u16("split.count", count);
  file.i32("split.tensors.count", tensors);
  file.tensor("x" + std::to_string(number), {16, number + std::uint64_t{1}}, kF32, 64 * (number + std::uint64_t{1}));
  return file;
}

TEST_CASE("the parts of a split GGUF are one checkpoint, whichever is named") {
  const TestFolder folder;
  const auto path = [&](int number) { return folder / ("m-0000" + std::to_string(number) + "-of-00003.gguf"); };
  for (int i = 0; i < 3; ++i) part(static_cast<std::uint16_t>(i), 3, 3).write(path(i + 1));
  for (int named = 1; named <= 3; ++named) {
    const Checkpoint checkpoint = read_gguf(path(named));
    REQUIRE(checkpoint.tensors.size() == 3);
    CHECK(checkpoint.files == std::vector<std::string>{path(1), path(2), path(3)});
    CHECK(checkpoint.metadata.find("general.architecture") != nullptr);
    CHECK(checkpoint.tensors[2].name == "x2");
    CHECK(checkpoint.tensors[2].file == 2);
    CHECK(checkpoint.tensors[2].elements == 48);
    std::uint64_t bytes = 0;
    for (const auto& file : checkpoint.files) bytes += std::filesystem::file_size(file);
    CHECK(checkpoint.file_bytes == bytes);
  }
  for (const char* name : {"m.gguf", "m-00002-of-00003.gguf.gguf", "m-0000x-of-00003.gguf", "m_00001-of-00003.gguf",
                           "m-00001-of-00004.gguf", "other-00002-of-00003.gguf"}) {
    part(0, 3, 3).write(folder / name);
    CHECK(gguf_refusal(folder / name) ==
          (folder / name) + ": part 1 of 3 by its metadata, which its name must reflect: NAME-NNNNN-of-NNNNN.gguf");
  }
  part(0, 3, 3).write(folder / "m.gguf");
  CHECK_THAT(run_shell("cd " + folder.path() + " && paramcount metadata m.gguf").err,
             ContainsSubstring("m.gguf: part 1 of 3 by its metadata, which its name must reflect"));
  std::filesystem::remove(path(2));
  CHECK(gguf_refusal(path(1)) == path(2) + ": no such file");
  part(1, 4, 3).write(path(2));
  CHECK_THAT(gguf_refusal(path(1)), ContainsSubstring("part 2 of 4 by its metadata, but 2 of 3 by its name"));
  part(0, 3, 3).write(path(2));
  CHECK_THAT(gguf_refusal(path(1)), ContainsSubstring("part 1 of 3 by its metadata, but 2 of 3 by its name"));
  part(1, 3, 3).write(path(2));
  part(0, 3, 4).write(path(1));
  CHECK_THAT(gguf_refusal(path(1)), ContainsSubstring("split.tensors.count is 4, but the parts hold 3"));
}

TEST_CASE("a folder with the parts of one GGUF is that GGUF, whatever their number of tensors is said to be") {
  const TestFolder folder;
  for (const char* name : {"m-00001-of-00002.gguf", "m-00002-of-00002.gguf"}) {
    GgufWriter file;
    file.u16("split.no", name[6] == '1' ? 0 : 1);
    file.u16("split.count", 2);
    file.tensor(name, {4}, kF32, 16);
    file.write(folder / name);
  }
  const Checkpoint checkpoint = read_checkpoint(folder.path());
  CHECK(checkpoint.format == CheckpointFormat::gguf);
  CHECK(checkpoint.files.size() == 2);
  CHECK(checkpoint.tensors.size() == 2);
  std::filesystem::rename(folder / "m-00001-of-00002.gguf", folder / "blob");
  CHECK_THAT(gguf_refusal(folder / "blob"),
             ContainsSubstring("part 1 of 2 by its metadata, which its name must reflect"));
}

TEST_CASE("parts that hold more tensors together than one may are refused") {
  const TestFolder folder;
  for (std::uint16_t number = 0; number < 2; ++number) {
    GgufWriter file;
    file.u16("split.no", number);
    file.u16("split.count", 2);
    for (int i = 0; i < 500'001; ++i) file.tensor_at("x", {0}, kF32, 0);
    file.write(folder / ("m-0000" + std::to_string(number + 1) + "-of-00002.gguf"));
  }
  const std::string first = folder / "m-00001-of-00002.gguf";
  CHECK(gguf_refusal(first) == first + ": more than 1000000 tensors in all parts are refused");
}

}  // namespace
}  // namespace paramcount
