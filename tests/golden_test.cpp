// Whole-program cases: each file of tests/golden holds a command, what it prints and how it ends.
//
//     $ paramcount lama --format json
//     (standard output, as it is)
//     --- stderr
//     paramcount: lama: no such model. ...
//     --- exit 1
//
// `# terminal 60` before the command runs it on a terminal of that width; other `#` lines there say what the case is
// for. UPDATE=1 rewrites what follows the command.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "catch.hpp"
#include "process.hpp"
#include "tests/paths.hpp"

namespace paramcount {
namespace {

namespace fs = std::filesystem;

std::vector<fs::path> cases() {
  std::vector<fs::path> paths;
  for (const auto& entry : fs::directory_iterator(fs::path(PARAMCOUNT_SOURCE_DIR) / "tests/golden")) {
    if (entry.path().extension() == ".txt") paths.push_back(entry.path());
  }
  std::sort(paths.begin(), paths.end());
  return paths;
}

std::string read(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

TEST_CASE("every golden command prints and returns what its file says") {
  const auto all = cases();
  REQUIRE(all.size() > 10);
  for (const auto& path : all) {
    const std::string text = read(path);
    std::size_t at = 0;
    std::size_t columns = 0;
    for (; text[at] == '#'; at = text.find('\n', at) + 1) {
      if (text.substr(at).starts_with("# terminal ")) columns = std::stoul(text.substr(at + 11));
    }
    REQUIRE(text.substr(at, 2) == "$ ");
    const auto end = text.find('\n', at);
    const std::string command = text.substr(at + 2, end - at - 2);
    const Finished finished = columns > 0 ? run_on_terminal(command, columns) : run_shell(command);
    std::string actual = text.substr(0, end + 1) + finished.out;
    if (!finished.err.empty()) actual += "--- stderr\n" + finished.err;
    actual += "--- exit " + std::to_string(finished.code) + "\n";
    if (updating()) {
      std::ofstream(path, std::ios::binary) << actual;
      continue;
    }
    INFO(path.filename().string() << ": " << command);
    CHECK(actual == text);
  }
}

}  // namespace
}  // namespace paramcount
