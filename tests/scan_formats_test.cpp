// paramcount scan over ONNX graphs and NeMo archives, which are one file each, whatever is next to them.
// Field numbers of ONNX: onnx.proto; NeMo's config: tests/nemo_helper.hpp.
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>

#include "catch.hpp"
#include "nemo_helper.hpp"
#include "process.hpp"
#include "test_folder.hpp"

namespace paramcount {
namespace {

using Json = nlohmann::json;

void write(const TestFolder& folder, const std::string& name, const std::string& bytes) {
  const std::filesystem::path path = folder / name;
  std::filesystem::create_directories(path.parent_path());
  std::ofstream(path, std::ios::binary) << bytes;
}

/// A field of fewer than 128 bytes, or a number below 128.
std::string field(unsigned number, const std::string& bytes) {
  return std::string{static_cast<char>(number << 3U | 2U), static_cast<char>(bytes.size())} + bytes;
}
std::string field(unsigned number, unsigned value) {
  return {static_cast<char>(number << 3U), static_cast<char>(value)};
}

/// A graph with one matrix of floats.
std::string onnx(unsigned rows, unsigned columns) {
  const std::string tensor = field(1, rows) + field(1, columns) + field(2, 1) + field(8, "fc.weight") +
                             field(9, std::string(std::size_t{4} * rows * columns, '\0'));
  return field(1, 8) + field(7, field(5, tensor));
}

Json scan(const TestFolder& folder, int code) {
  const auto finished = run_shell("paramcount scan " + folder.path() + " --format json");
  INFO(finished.err);
  REQUIRE(finished.code == code);
  return Json::parse(finished.out)["models"];
}

TEST_CASE("a scan finds ONNX graphs and NeMo archives", "[scan]") {
  const TestFolder folder;
  write(folder, "a/onnx/model.onnx", onnx(2, 3));
  write(folder, "a/onnx/model_fp16.onnx", onnx(3, 4));
  write(folder, "a/onnx/model.onnx_data", "no graph");
  write(folder, "a/onnx/notes.onnx.txt", "no graph");
  write(folder, "b/llama.nemo", tar_of("./model_config.yaml", kNemoYaml));
  const auto models = scan(folder, 0);
  REQUIRE(models.size() == 3);
  CHECK(models[0]["kind"] == "onnx");
  CHECK(models[0]["params"]["total"] == 6);
  CHECK(models[1]["params"]["total"] == 12);
  CHECK(models[2]["kind"] == "nemo");
  CHECK(models[2]["path"] == folder.path() + "/b/llama.nemo");
  CHECK(models[2]["params"]["total"] == 6'738'415'616);  // Llama 2 7B
}

TEST_CASE("a graph or an archive that cannot be read is a row that says why", "[scan]") {
  const TestFolder folder;
  write(folder, "cut.onnx", onnx(2, 3).substr(0, 20));
  write(folder, "packed.nemo", "\x1f\x8b\x08 and more");
  write(folder, "speech.nemo", tar_of("./model_config.yaml", "sample_rate: 16000\nencoder: {d_model: 512}\n"));
  std::filesystem::create_symlink("nowhere.onnx", folder / "link.onnx");
  const auto models = scan(folder, 1);
  REQUIRE(models.size() == 4);
  for (const auto& model : models) REQUIRE(model.contains("error"));
  CHECK(models[1]["error"] == "a broken link");
  CHECK_THAT(models[2]["error"].get<std::string>(), ContainsSubstring("gzip-compressed"));
}

}  // namespace
}  // namespace paramcount
