// The pictures of README.md are what the program draws. UPDATE=1 draws them again.
#include <fstream>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

#include "catch.hpp"
#include "process.hpp"
#include "tests/paths.hpp"

namespace paramcount {
namespace {

TEST_CASE("the pictures of the README are what the program draws", "[pictures]") {
  const std::vector<std::pair<std::string, std::string>> pictures{
      {"count", "paramcount layers deepseek-v3"},
      {"fit", "paramcount fit qwen3-32b --device rtx-4090 --context 16k"},
      {"train",
       "paramcount train llama-3.1-70b --devices 64 --tp 8 --sp --pp 4 --framework megatron --global-batch 128"},
      {"verify",
       "cd tests/golden/files/checkpoints && paramcount verify tiny-llama/config.json tiny-changed.safetensors"}};
  const std::string root = PARAMCOUNT_SOURCE_DIR;
  std::ifstream readme(root + "/README.md");
  const std::string text(std::istreambuf_iterator<char>(readme), {});
  for (const auto& [name, command] : pictures) {
    INFO(name);
    const std::string path = ".github/pictures/" + name + ".svg";
    CHECK(text.find("src=\"" + path + "\"") != std::string::npos);
    const std::string drawn = run_shell(command + " --format svg").out;
    CHECK(drawn.starts_with("<svg"));
    if (updating()) std::ofstream(root + "/" + path, std::ios::binary) << drawn;
    std::ifstream kept(root + "/" + path, std::ios::binary);
    CHECK(std::string(std::istreambuf_iterator<char>(kept), {}) == drawn);
  }
}

}  // namespace
}  // namespace paramcount
