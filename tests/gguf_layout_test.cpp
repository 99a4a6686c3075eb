// Tensor types that llama.cpp does not have: parameters by the shapes, bytes by the offsets.
#include <filesystem>
#include <functional>

#include "catch.hpp"
#include "gguf_writer.hpp"
#include "paramcount/base/error.hpp"
#include "paramcount/read/checkpoint.hpp"
#include "process.hpp"

namespace paramcount {
namespace {

constexpr std::uint32_t kF32 = 0;
constexpr std::uint32_t kQ4K = 12;

bool has(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

/// What reading the header says, the path left out; empty: it is read.
std::string refusal(const GgufWriter& file, const TestFolder& folder) {
  const std::string path = folder / "file.gguf";
  file.write(path);
  try {
    static_cast<void>(read_gguf(path));
  } catch (const Error& error) {
    const std::string text = error.what();
    return text.starts_with(path + ": ") ? text.substr(path.size() + 2) : text;
  }
  return {};
}

/// The tensors of Llama 3.1 8B, all matrices but the head in one type.
GgufWriter llama(std::uint32_t type, const std::function<std::uint64_t(std::uint64_t row, std::uint64_t rows)>& bytes) {
  GgufWriter file;
  file.text("general.architecture", "llama");
  file.u32("llama.block_count", 32);
  file.u32("llama.context_length", 131072);
  file.u32("llama.embedding_length", 4096);
  file.u32("llama.feed_forward_length", 14336);
  file.u32("llama.attention.head_count", 32);
  file.u32("llama.attention.head_count_kv", 8);
  file.u32("llama.vocab_size", 128256);
  const auto matrix = [&](const std::string& name, std::uint64_t row, std::uint64_t rows) {
    file.tensor(name, {row, rows}, type, bytes(row, rows));
  };
  matrix("token_embd.weight", 4096, 128256);
  file.tensor("output_norm.weight", {4096}, kF32, 16384);
  file.tensor("output.weight", {4096, 128256}, 14, std::uint64_t{4096} * 128256 / 256 * 210);
  for (int layer = 0; layer < 32; ++layer) {
    const std::string block = "blk." + std::to_string(layer) + ".";
    file.tensor(block + "attn_norm.weight", {4096}, kF32, 16384);
    file.tensor(block + "ffn_norm.weight", {4096}, kF32, 16384);
    matrix(block + "attn_q.weight", 4096, 4096);
    matrix(block + "attn_k.weight", 4096, 1024);
    matrix(block + "attn_v.weight", 4096, 1024);
    matrix(block + "attn_output.weight", 4096, 4096);
    matrix(block + "ffn_gate.weight", 4096, 14336);
    matrix(block + "ffn_up.weight", 4096, 14336);
    matrix(block + "ffn_down.weight", 14336, 4096);
  }
  return file;
}

auto blocks_of(std::uint64_t block, std::uint64_t bytes, std::uint64_t row_bytes = 0) {
  return [=](std::uint64_t row, std::uint64_t rows) { return (row / block * bytes + row_bytes) * rows; };
}

TEST_CASE("a tensor type that is not known gives parameters by shapes and bytes by offsets") {
  const TestFolder folder;
  const std::string path = folder / "x.gguf";
  llama(156, blocks_of(256, 102)).write(path);
  const Finished values = run_words({path, "--get",
                                     "params.total,checkpoint.weights.0.dtype,checkpoint.weights.0.bytes,"
                                     "checkpoint.weight_bytes,checkpoint.unverified"});
  // 7,504,658,432 elements of 102 bytes for 256, the head in q6_k, the norms in f32.
  CHECK(values.out == "8030261248\ntype 156\n2990137344\n3422142464\nfalse\n");
  const std::string page = run_words({path}).out;
  CHECK(has(page, "  weights, type 156 "));
  CHECK(has(page,
            "  type 156: not a llama.cpp tensor type. 225 tensors: parameters follow the shapes, bytes the offsets, "
            "including padding."));
  CHECK(has(run_words({path, "--format", "json"}).out, "\"type\": \"type 156\""));
}

TEST_CASE("where offsets contradict llama.cpp's type of a number, bytes are the offsets' and a note says so") {
  const TestFolder folder;
  const std::string path = folder / "x.gguf";
  // https://github.com/ggml-org/llama.cpp/issues/11975: a fork's 42 of 10 bytes for 32, which is not q2_0.
  llama(42, blocks_of(32, 10)).write(path);
  CHECK(run_words({path, "--get", "params.total,checkpoint.weights.0.dtype,checkpoint.weights.0.bytes"}).out ==
        "8030261248\ntype 42\n2345205760\n");
  CHECK(has(run_words({path}).out,
            "  type 42: q2_0 in llama.cpp, which takes 2110685184 bytes; the offsets leave "
            "2345205760: a different program's type with that number."));
  // Smaller than q2_0 as well, which the sizes of the type would take for an overlap.
  llama(42, blocks_of(32, 8)).write(path);
  CHECK(run_words({path, "--get", "checkpoint.weights.0.dtype,checkpoint.weights.0.bytes"}).out ==
        "type 42\n1876164608\n");
  llama(42, blocks_of(64, 18)).write(path);
  CHECK(run_words({path, "--get", "checkpoint.weights.0.dtype"}).out == "q2_0\n");
  CHECK_FALSE(has(run_words({path}).out, "type 42"));
}

TEST_CASE("a fork's type has its name where its block sizes are those of the offsets") {
  const TestFolder folder;
  const std::string path = folder / "x.gguf";
  const auto type = [&](std::uint32_t number, const auto& bytes) {
    llama(number, bytes).write(path);
    return run_words({path, "--get", "checkpoint.weights.0.dtype"}).out;
  };
  // ik_llama.cpp keeps two or four bytes of scale for each row of these.
  CHECK(type(156, blocks_of(256, 102, 2)) == "iq3_ks\n");
  CHECK(type(144, blocks_of(256, 136, 4)) == "iq4_ks\n");
  CHECK(type(144, blocks_of(256, 136)) == "type 144\n");
  CHECK(type(36, [](std::uint64_t row, std::uint64_t rows) { return row * rows / 4 + 32; }) == "i2_s\n");
  CHECK(type(36, [](std::uint64_t row, std::uint64_t rows) { return row * rows / 4; }) == "type 36\n");
  CHECK(type(31, blocks_of(32, 18)) == "q4_0_4_4\n");
  CHECK_FALSE(has(run_words({path}).out, "offsets"));
}

TEST_CASE("offsets that make no sense are refused, whatever the type") {
  const TestFolder folder;
  const auto with = [&](const std::function<void(GgufWriter&)>& add) {
    GgufWriter file;
    add(file);
    return refusal(file, folder);
  };
  CHECK(with([](GgufWriter& f) {
          f.tensor_at("x", {64}, 200, 0);
          f.tensor("y", {64}, 200, 64);
        }) == "x: tensor type 200 is unknown, and its offset leaves no bytes for it");
  CHECK(has(with([](GgufWriter& f) { f.tensor_at("x", {64}, 200, 4096); }), "extend beyond the end of the file"));
  CHECK(has(with([](GgufWriter& f) { f.tensor_at("x", {64}, 200, UINT64_MAX - 31); }),
            "extend beyond the end of the file"));
  CHECK(with([](GgufWriter& f) { f.tensor("x", {64}, UINT32_MAX, 64); }).empty());
  CHECK(with([](GgufWriter& f) { f.tensor("x", {0, 64}, 200, 0); }).empty());
  // Old numbers mean what they always meant.
  CHECK(has(with([](GgufWriter& f) {
              f.tensor("x", {512}, kQ4K, 256);
              f.tensor("y", {256}, kQ4K, 144);
            }),
            "x and y: their bytes overlap"));
  // The last of three equal tensors is cut off.
  CHECK(has(with([](GgufWriter& f) {
              f.tensor("x", {4096}, 200, 4096);
              f.tensor("y", {4096}, 200, 4096);
              f.tensor("z", {4096}, 200, 1024);
            }),
            "z: its 4096 bytes extend beyond the end of the file"));
}

TEST_CASE("tensors of an unknown type may stand in any order, and what follows the last is not all its own") {
  const TestFolder folder;
  const std::string path = folder / "x.gguf";
  GgufWriter file;
  file.text("general.architecture", "unheard-of");
  file.tensor_at("blk.1.ffn_up.weight", {64, 8}, 200, 512);
  file.tensor("blk.0.ffn_up.weight", {64, 8}, 200, 256);
  file.tensor("blk.2.ffn_up.weight", {64, 8}, 200, 256);
  file.write(path);
  std::filesystem::resize_file(path, std::filesystem::file_size(path) + 1280);
  for (const auto& tensor : read_gguf(path).tensors) CHECK(tensor.bytes == 256);
}

TEST_CASE("bytes between tensors that belong to none are reported") {
  const TestFolder folder;
  const std::string path = folder / "x.gguf";
  GgufWriter file;
  file.text("general.architecture", "unheard-of");
  file.tensor("blk.0.ffn_up.weight", {64, 8}, kF32, 4096);
  file.tensor("blk.1.ffn_up.weight", {64, 8}, kF32, 2048);
  file.write(path);
  CHECK(has(run_words({path}).out, "  gaps: 2048 bytes between tensors belong to no tensor."));
}

TEST_CASE("an unknown type in parts of a split GGUF is one type") {
  const TestFolder folder;
  for (int part = 0; part < 2; ++part) {
    GgufWriter file;
    if (part == 0) file.text("general.architecture", "unheard-of");
    file.u16("split.no", static_cast<std::uint16_t>(part));
    file.u16("split.count", 2);
    file.i32("split.tensors.count", 4);
    for (int i = 0; i < 2; ++i) {
      file.tensor("blk." + std::to_string(2 * part + i) + ".ffn_up.weight", {256, 8}, 200, 1024);
    }
    file.write(folder / ("a-0000" + std::to_string(part + 1) + "-of-00002.gguf"));
  }
  const Checkpoint checkpoint = read_gguf(folder / "a-00002-of-00002.gguf");
  REQUIRE(checkpoint.foreign_types.size() == 1);
  CHECK(checkpoint.foreign_types[0].tensors == 4);
  CHECK(checkpoint.foreign_types[0].bytes == 4096);
  for (const auto& tensor : checkpoint.tensors) CHECK(tensor.dtype == "type 200");
  CHECK(run_words({folder.path(), "--get", "params.total,checkpoint.weight_bytes"}).out == "8192\n4096\n");
}

TEST_CASE("what follows a file's only tensor of a fork's type may be its own, and padding is no gap") {
  const TestFolder folder;
  const std::string path = folder / "x.gguf";
  GgufWriter file;
  file.text("general.architecture", "unheard-of");
  file.tensor("x", {256, 4}, 156, (102 + 2) * 4);  // iq3_ks of ik_llama.cpp: blocks of 102 bytes, two for a row
  file.write(path);
  CHECK(read_gguf(path).tensors.front().dtype == "iq3_ks");
  std::filesystem::resize_file(path, std::filesystem::file_size(path) + 1280);
  CHECK(read_gguf(path).tensors.front().dtype == "type 156");
  // 20 bytes, padded to 32, in a room of 96.
  GgufWriter gap;
  gap.text("general.architecture", "unheard-of");
  gap.tensor("x", {5}, kF32, 96);
  gap.tensor("y", {8}, kF32, 32);
  gap.write(path);
  CHECK(read_gguf(path).unclaimed_bytes == 64);
}

}  // namespace
}  // namespace paramcount
