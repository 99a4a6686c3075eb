// ONNX graphs written byte by byte, as onnx.proto numbers their fields.
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "catch.hpp"
#include "paramcount/base/error.hpp"
#include "paramcount/read/checkpoint.hpp"
#include "process.hpp"
#include "test_folder.hpp"

namespace paramcount {
namespace {

std::string varint(std::uint64_t value) {
  std::string bytes;
  for (; value > 127; value >>= 7U) bytes += static_cast<char>((value & 127U) | 128U);
  return bytes + static_cast<char>(value);
}
std::string number(unsigned field, std::uint64_t value) { return varint(field << 3U) + varint(value); }
std::string text(unsigned field, const std::string& bytes) {
  return varint(field << 3U | 2U) + varint(bytes.size()) + bytes;
}

struct Initializer {
  std::string name;
  unsigned type;  ///< TensorProto.DataType
  std::vector<std::uint64_t> shape;
  std::uint64_t raw_bytes{0};
  std::string location{};
};

std::string tensor(const Initializer& one) {
  std::string bytes;
  for (const auto size : one.shape) bytes += number(1, size);
  bytes += number(2, one.type) + text(8, one.name);
  if (one.location.empty()) return bytes + text(9, std::string(one.raw_bytes, '\0'));
  const auto entry = [](const std::string& key, const std::string& value) {
    return text(13, text(1, key) + text(2, value));
  };
  return bytes + entry("location", one.location) + entry("offset", "0") +
         entry("length", std::to_string(one.raw_bytes)) + number(14, 1);
}

std::string node(const std::string& op, const std::vector<std::string>& inputs,
                 const std::vector<std::pair<std::string, std::uint64_t>>& numbers = {}) {
  std::string bytes;
  for (const auto& input : inputs) bytes += text(1, input);
  bytes += text(2, "out") + text(4, op);
  for (const auto& [name, value] : numbers) bytes += text(5, text(1, name) + number(3, value) + number(20, 2));
  return bytes;
}

std::string model(const std::vector<Initializer>& initializers, const std::vector<std::string>& nodes = {}) {
  std::string graph;
  for (const auto& one : nodes) graph += text(1, one);
  for (const auto& one : initializers) graph += text(5, tensor(one));
  return number(1, 8) + text(2, "test") + text(7, graph);
}

std::string refusal_of(const TestFolder& folder, const std::string& bytes) {
  std::ofstream(folder / "bad.onnx", std::ios::binary) << bytes;
  try {
    static_cast<void>(read_onnx(folder / "bad.onnx"));
  } catch (const Error& error) {
    return error.what();
  }
  return "read";
}

TEST_CASE("numbers of four bits stand two to a byte, the last alone", "[onnx]") {
  const TestFolder folder;
  // INT4 is 22; onnx.proto: packed into bytes, so 9 of them take 5.
  std::ofstream(folder / "model.onnx", std::ios::binary) << model({{"w", 22, {3, 3}, 5}, {"v", 22, {2, 4}, 4}});
  const Checkpoint checkpoint = read_onnx(folder / "model.onnx");
  REQUIRE(checkpoint.tensors.size() == 2);
  CHECK(checkpoint.tensors[0].bytes == 5);
  CHECK(checkpoint.tensors[1].bytes == 4);
}

// BF16 is 16, INT64 7, FLOAT 1, UINT8 2, INT8 3 of TensorProto.DataType.
TEST_CASE("an ONNX graph's float initializers are its weights; shapes and single numbers are none", "[onnx]") {
  const TestFolder folder;
  std::ofstream(folder / "model.onnx", std::ios::binary) << model({{"model.embed_tokens.weight", 1, {100, 8}, 3200},
                                                                   {"onnx::MatMul_12", 16, {8, 24}, 384},
                                                                   {"bias", 10, {24}, 48},
                                                                   {"shape", 7, {4}, 32},
                                                                   {"half", 1, {}, 4},
                                                                   {"one", 1, {1}, 4}});
  const auto ran = run_shell("paramcount " + (folder / "model.onnx") + " --get params.total");
  CHECK(ran.err.empty());
  CHECK(ran.out == std::to_string(100 * 8 + 8 * 24 + 24) + "\n");
  const Checkpoint checkpoint = read_onnx(folder / "model.onnx");
  CHECK(checkpoint.tensors.size() == 4);
  CHECK(checkpoint.tensors[1].dtype == "BF16");
  CHECK(checkpoint.tensors[1].shape == std::vector<std::uint64_t>{8, 24});
  CHECK_THAT(run_shell("paramcount " + (folder / "model.onnx")).out, ContainsSubstring("ONNX"));
  // A folder with one graph is that graph.
  CHECK(run_shell("paramcount " + folder.path() + " --get params.total").out == ran.out);
}

TEST_CASE("external data of a graph may be missing, but must not end before its tensors", "[onnx]") {
  const TestFolder folder;
  const std::string bytes = model({{"w", 1, {1000, 1000}, 4'000'000, "model.onnx_data"}});
  std::ofstream(folder / "model.onnx", std::ios::binary) << bytes;
  CHECK(run_shell("paramcount " + (folder / "model.onnx") + " --get params.total").out == "1000000\n");
  std::ofstream(folder / "model.onnx_data") << "short";
  CHECK_THAT(refusal_of(folder, bytes), ContainsSubstring("beyond the end of the file at 5"));
  CHECK_THAT(refusal_of(folder, model({{"w", 1, {2}, 8, "../x"}})),
             ContainsSubstring("is not a file next to the model"));
  CHECK_THAT(refusal_of(folder, model({{"w", 1, {2}, 8, "/etc/passwd"}})),
             ContainsSubstring("is not a file next to the model"));
}

TEST_CASE("what a quantised operator takes for weights is counted, its scales and zero points are not", "[onnx]") {
  const TestFolder folder;
  // MatMulNBits of onnxruntime: 64 outputs, 256 inputs, 4 bits, blocks of 32: [64, 8, 16].
  std::ofstream(folder / "model.onnx", std::ios::binary)
      << model({{"proj.weight_Q4", 2, {64, 8, 16}, 8192},
                {"proj.weight_scales", 10, {512}, 1024},
                {"proj.weight_zero_points", 2, {256}, 256},
                {"embed", 2, {100, 128}, 12800},
                {"embed_scales", 10, {100, 8}, 1600},
                {"q.weight_quantized", 3, {16, 16}, 256},
                {"q.weight_scale", 1, {16}, 64},
                {"q.weight_zero_point", 3, {16}, 16},
                {"norm", 10, {256}, 512}},
               {node("MatMulNBits", {"x", "proj.weight_Q4", "proj.weight_scales", "proj.weight_zero_points"},
                     {{"K", 256}, {"N", 64}, {"bits", 4}, {"block_size", 32}}),
                node("GatherBlockQuantized", {"embed", "ids", "embed_scales"}, {{"bits", 4}, {"block_size", 32}}),
                node("MatMulInteger", {"x", "q.weight_quantized", "x_zero", "q.weight_zero_point"})});
  const auto ran = run_shell("paramcount " + (folder / "model.onnx") + " --get params.total");
  CHECK(ran.err.empty());
  CHECK(ran.out == std::to_string(64 * 256 + 100 * 256 + 16 * 16 + 256) + "\n");
  // Bytes and dimensions that contradict each other.
  CHECK_THAT(refusal_of(folder, model({{"w", 2, {64, 8, 16}, 8192}},
                                      {node("MatMulNBits", {"x", "w"}, {{"K", 4096}, {"N", 4096}, {"bits", 4}})})),
             ContainsSubstring("where MatMulNBits says"));
}

TEST_CASE("a damaged ONNX file ends in an error that names the byte", "[onnx]") {
  const TestFolder folder;
  const std::string whole = model({{"w", 1, {2, 3}, 24}, {"v", 16, {5}, 10}}, {node("MatMul", {"x", "w"})});
  CHECK(refusal_of(folder, whole) == "read");
  for (std::size_t length = 0; length < whole.size(); ++length) {
    CHECK_THAT(refusal_of(folder, whole.substr(0, length)), ContainsSubstring("bad.onnx: byte "));
  }
  for (std::size_t at = 0; at < whole.size(); ++at) {
    for (unsigned bit = 0; bit < 8; ++bit) {
      std::string flipped = whole;
      flipped[at] = static_cast<char>(static_cast<unsigned char>(flipped[at]) ^ (1U << bit));
      static_cast<void>(refusal_of(folder, flipped));  // read or refused, never worse
    }
  }
  CHECK_THAT(refusal_of(folder, model({{"w", 1, {UINT64_MAX}, 0}})), ContainsSubstring("a negative size"));
  CHECK_THAT(refusal_of(folder, model({{"w", 1, {1ULL << 62U, 1ULL << 62U}, 0}})),
             ContainsSubstring("has more than 2^64"));
  CHECK_THAT(refusal_of(folder, model({{"w", 99, {2}, 8}})), ContainsSubstring("data type 99 is not known"));
  CHECK_THAT(refusal_of(folder, model({{"w", 1, {2}, 9}})), ContainsSubstring("has 9 bytes"));
  CHECK_THAT(refusal_of(folder, number(1, 8)), ContainsSubstring("no graph"));
  // A length of 2^62 in a file of a few bytes.
  CHECK_THAT(refusal_of(folder, number(1, 8) + varint(7U << 3U | 2U) + varint(1ULL << 62U)),
             ContainsSubstring(" left in its message"));
  // Graphs in graphs: If in If in If.
  std::string graph = text(5, tensor({"w", 1, {2}, 8}));
  for (int i = 0; i < 40; ++i)
    graph = text(1, text(2, "o") + text(4, "If") + text(5, text(1, "then_branch") + text(6, graph)));
  CHECK_THAT(refusal_of(folder, number(1, 8) + text(7, graph)), ContainsSubstring("deeper than 16 levels"));
}

}  // namespace
}  // namespace paramcount
