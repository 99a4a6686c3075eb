// The console blocks of README.md, run as a reader would run them: on a terminal of 80 columns.
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "catch.hpp"
#include "process.hpp"
#include "tests/paths.hpp"

namespace paramcount {
namespace {

TEST_CASE("every console block of the README shows what the program prints") {
  const std::string path = std::string(PARAMCOUNT_SOURCE_DIR) + "/README.md";
  std::ifstream in(path);
  std::vector<std::string> lines;
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  std::string updated;
  int commands = 0;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    updated += lines[i] + "\n";
    if (lines[i] != "```console") continue;
    for (++i; i < lines.size() && lines[i] != "```";) {
      const std::string command = lines[i++];
      REQUIRE(command.starts_with("$ "));
      std::string shown;
      while (i < lines.size() && lines[i] != "```" && !lines[i].starts_with("$ ")) shown += lines[i++] + "\n";
      INFO("README.md, near line " << i << ": " << command);
      std::string printed = run_on_terminal(command.substr(2), 80).out;
      // A blank line before the next command belongs to the block's layout.
      if (i < lines.size() && lines[i].starts_with("$ ")) printed += "\n";
      ++commands;
      if (!updating()) CHECK(printed == shown);
      updated += command + "\n" + printed;
    }
    updated += "```\n";
  }
  CHECK(commands >= 4);
  if (updating()) std::ofstream(path) << updated;
}

TEST_CASE("the family that data/README.md shows is the one the golden case counts with") {
  const auto read = [](const std::string& path) {
    std::ifstream in(std::string(PARAMCOUNT_SOURCE_DIR) + "/" + path);
    return std::string(std::istreambuf_iterator<char>(in), {});
  };
  CHECK_THAT(read("data/README.md"), ContainsSubstring(read("tests/golden/files/own/families/toy.json")));
}

std::string file_text(const std::string& path) {
  std::ifstream in(std::string(PARAMCOUNT_SOURCE_DIR) + "/" + path);
  return {std::istreambuf_iterator<char>(in), {}};
}

TEST_CASE("every command of the README's table of questions answers") {
  const std::string readme = file_text("README.md");
  const auto from = readme.find("## How do I");
  const auto to = readme.find("\n## ", from + 1);
  REQUIRE(to != std::string::npos);
  const std::string begin = "`paramcount ";
  int commands = 0;
  for (auto at = readme.find(begin, from); at < to; at = readme.find(begin, at + 1)) {
    const std::string command = readme.substr(at + 1, readme.find('`', at + 1) - at - 1);
    // Those that want something of the reader's own are not run.
    bool own = false;
    for (const char* placeholder : {" DIR", " A B", "ADAPTER", "MODEL", "<", "./", "--caches"}) {
      own = own || command.find(placeholder) != std::string::npos;
    }
    if (own) continue;
    INFO(command);
    CHECK(run_shell(command).code == 0);
    ++commands;
  }
  CHECK(commands > 15);
}

TEST_CASE("the README's accuracy table is what scripts/accuracy prints") {
  const std::string begin = "<!-- scripts/accuracy -->\n";
  std::string readme = file_text("README.md");
  const auto from = readme.find(begin) + begin.size();
  const auto to = readme.find("<!-- end -->", from);
  REQUIRE(to != std::string::npos);
  const Finished table = run_shell("scripts/accuracy \"" + std::string(PARAMCOUNT_BUILD_DIR) + "\"");
  REQUIRE(table.code == 0);
  if (!updating()) CHECK(readme.substr(from, to - from) == table.out);
  readme.replace(from, to - from, table.out);
  if (updating()) std::ofstream(std::string(PARAMCOUNT_SOURCE_DIR) + "/README.md") << readme;
}

TEST_CASE("the README's library example is the one that is built against an installation") {
  CHECK_THAT(file_text("README.md"), ContainsSubstring("```cpp\n" + file_text("tests/package/main.cpp") + "```"));
}

}  // namespace
}  // namespace paramcount
