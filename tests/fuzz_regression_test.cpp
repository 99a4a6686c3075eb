// Inputs that once broke something, replayed: files of tests/fuzz/crashes, named for their target: config-* and so on.
#include <filesystem>
#include <fstream>
#include <iterator>

#include "catch.hpp"
#include "fuzz/targets.hpp"

namespace paramcount {
namespace {

TEST_CASE("inputs that once broke something no longer do") {
  namespace fs = std::filesystem;
  for (const auto& entry : fs::directory_iterator(fs::path(PARAMCOUNT_SOURCE_DIR) / "tests/fuzz/crashes")) {
    std::ifstream in(entry.path(), std::ios::binary);
    const std::string bytes(std::istreambuf_iterator<char>(in), {});
    const std::string name = entry.path().filename().string();
    INFO(name);
    if (name.starts_with("config-")) CHECK_NOTHROW(fuzz_config(bytes));
    if (name.starts_with("gguf-")) CHECK_NOTHROW(fuzz_gguf(bytes));
    if (name.starts_with("expression-")) CHECK_NOTHROW(fuzz_expression(bytes));
    if (name.starts_with("safetensors-")) CHECK_NOTHROW(fuzz_safetensors(bytes));
    if (name.starts_with("scanner-")) CHECK_NOTHROW(fuzz_scanner(bytes));
  }
}

TEST_CASE("the fuzz targets take every truth config") {
  std::ifstream in(std::string(PARAMCOUNT_SOURCE_DIR) + "/tests/truth/variations.jsonl");
  int lines = 0;
  for (std::string line; std::getline(in, line) && lines < 100; ++lines) {
    CHECK_NOTHROW(fuzz_config(line.substr(line.find("\"config\":") + 9, line.size() - line.find("\"config\":") - 10)));
  }
  CHECK(lines == 100);
}

}  // namespace
}  // namespace paramcount
