// paramcount scan over folders made for the test: what is found, what is left out, what cannot be read.
#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>

#include "catch.hpp"
#include "process.hpp"
#include "test_folder.hpp"

namespace paramcount {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;

/// A folder to be scanned, with subfolders; one that a test closed is opened again, so that it can go.
class Folder {
 public:
  Folder() = default;
  ~Folder() {
    std::error_code ignored;
    fs::permissions(path / "closed", fs::perms::all, ignored);
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;

  void write(const std::string& name, const std::string& content) const {
    fs::create_directories((path / name).parent_path());
    std::ofstream(path / name, std::ios::binary) << content;
  }

 private:
  TestFolder folder_;

 public:
  fs::path path{folder_.path()};
};

/// A safetensors file of one matrix.
std::string safetensors(const std::string& name) {
  const std::string header = "{\"" + name + R"(":{"dtype":"BF16","shape":[2,3],"data_offsets":[0,12]}})";
  std::string text(1, static_cast<char>(header.size()));
  return text + std::string(7, '\0') + header + std::string(12, '\0');
}

Json scan(const Folder& folder, int code) {
  const auto finished = run_shell("paramcount scan " + folder.path.string() + " --format json");
  INFO(finished.err);
  CHECK(finished.code == code);
  return Json::parse(finished.out)["models"];
}

TEST_CASE("a scan finds configs and checkpoints at any depth, sorted, shards once") {
  const Folder folder;
  folder.write("b/config.json", R"({"model_type": "gpt2", "torch_dtype": "float16"})");
  folder.write("a/deep/er/one.safetensors", safetensors("x.weight"));
  folder.write("c/model-00001-of-00002.safetensors", safetensors("x.weight"));
  folder.write("c/model-00002-of-00002.safetensors", safetensors("y.weight"));
  folder.write("c/model.safetensors.index.json", R"({"weight_map": {"x.weight": "model-00001-of-00002.safetensors",
    "y.weight": "model-00002-of-00002.safetensors"}})");
  folder.write("d/model-00001-of-00002.safetensors", safetensors("x.weight"));
  folder.write("d/model-00002-of-00002.safetensors", safetensors("y.weight"));
  folder.write("e/README.md", "config.json");
  folder.write("e/tokenizer.json", "{}");
  const auto models = scan(folder, 0);
  REQUIRE(models.size() == 4);
  const auto is = [&](std::size_t i, const std::string& path, const std::string& kind, std::uint64_t total) {
    CHECK(models[i]["path"] == (folder.path / path).string());
    CHECK(models[i]["kind"] == kind);
    CHECK(models[i]["params"]["total"] == total);
  };
  is(0, "a/deep/er/one.safetensors", "safetensors", 6);
  is(1, "b/config.json", "config", 124439808);
  is(2, "c/model.safetensors.index.json", "safetensors", 12);
  is(3, "d/", "safetensors", 12);
  CHECK(models[1]["family"] == "gpt2");
  CHECK(models[1]["dtype"] == "float16");
  CHECK(models[1]["bytes"].is_null());
  CHECK(models[2]["dtype"] == "bf16");
  CHECK(models[2]["bytes"] == 2 * safetensors("x.weight").size());
}

TEST_CASE("what a scan cannot read is a row with the reason, and the rest is counted") {
  const Folder folder;
  folder.write("good/config.json", R"({"model_type": "gpt2"})");
  folder.write("broken/config.json", "{");
  folder.write("other/config.json", R"({"name": "no model"})");
  folder.write("short/model.safetensors", "\xFF");
  const auto models = scan(folder, 1);
  REQUIRE(models.size() == 4);
  CHECK(models[0]["error"].get<std::string>().find("not valid JSON") != std::string::npos);
  CHECK(models[1]["params"]["total"] == 124439808);
  CHECK(models[2]["error"].get<std::string>().find("/model_type: missing") == 0);
  CHECK(models[3].contains("error"));
}

TEST_CASE("links that lead in circles or nowhere are named in a scan, and links to files are followed") {
  const Folder folder;
  folder.write("blobs/1234", R"({"model_type": "gpt2"})");
  fs::create_directories(folder.path / "snapshots/main");
  fs::create_symlink("../../blobs/1234", folder.path / "snapshots/main/config.json");
  fs::create_directory_symlink("..", folder.path / "snapshots/up");
  fs::create_directory_symlink("main", folder.path / "snapshots/also");
  fs::create_symlink("itself", folder.path / "itself");
  fs::create_symlink("nowhere", folder.path / "config.json");
  const auto models = scan(folder, 1);
  REQUIRE(models.size() == 3);
  CHECK(models[0]["error"] == "a broken link");
  CHECK(models[1]["error"] == "Too many levels of symbolic links");
  CHECK(models[2]["params"]["total"] == 124439808);
}

TEST_CASE("a scan counts a GGUF, and of a split one only the first part is a row") {
  const Folder folder;
  const std::string tensor = std::string("\x06\0\0\0\0\0\0\0", 8) + "weight" + std::string("\2\0\0\0", 4) +
                             std::string("\x20\0\0\0\0\0\0\0\2\0\0\0\0\0\0\0", 16) + std::string(12, '\0');
  std::string file = std::string("GGUF\3\0\0\0\1\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 24) + tensor;
  file.resize((file.size() + 31) / 32 * 32);
  file += std::string(256, '\0');
  folder.write("one.gguf", file);
  folder.write("broken-00001-of-00002.gguf", "GGUF");
  folder.write("broken-00002-of-00002.gguf", "GGUF");
  const auto models = scan(folder, 1);
  REQUIRE(models.size() == 2);
  CHECK(models[0]["path"] == (folder.path / "broken-00001-of-00002.gguf").string());
  CHECK(models[0].contains("error"));
  CHECK(models[1]["kind"] == "gguf");
  CHECK(models[1]["params"]["total"] == 64);
  CHECK(models[1]["bytes"] == file.size());
}

TEST_CASE("names that no terminal should see are shown harmlessly") {
  const Folder folder;
  folder.write("\x1B[31m\xFF/config.json", R"({"model_type": "gpt2", "torch_dtype": "\u001b[2J"})");
  for (const auto* format : {"text", "json", "csv", "html"}) {
    const auto finished = run_shell("paramcount scan " + folder.path.string() + " --format " + format);
    CHECK(finished.code == 0);
    CHECK(finished.out.find('\x1B') == std::string::npos);
    CHECK(finished.out.find('\xFF') == std::string::npos);
  }
}

TEST_CASE("a folder without rights is a row, and asked for itself an error") {
  const Folder folder;
  folder.write("closed/config.json", R"({"model_type": "gpt2"})");
  folder.write("open/config.json", R"({"model_type": "gpt2"})");
  fs::permissions(folder.path / "closed", fs::perms::none);
  fs::permissions(folder.path, fs::perms::all);
  // Root may read everything: it becomes someone who may not.
  const std::string as = ::geteuid() == 0 ? "setpriv --reuid=65534 --clear-groups " : "";
  const std::string program = "$(command -v paramcount) scan ";
  if (!as.empty() && run_shell(as + "$(command -v paramcount) --version").code != 0) {
    WARN("SKIPPED: no setpriv, or the program is where others may not run it");
    return;
  }
  const auto some = run_shell(as + program + folder.path.string() + " --format json");
  CHECK(some.code == 1);
  const auto models = Json::parse(some.out)["models"];
  REQUIRE(models.size() == 2);
  CHECK(models[0]["error"] == "Permission denied");
  CHECK(models[1]["params"]["total"] == 124439808);
  const auto none = run_shell(as + program + (folder.path / "closed").string());
  CHECK(none.code == 1);
  CHECK(none.out.empty());
  CHECK(none.err.find("closed: Permission denied") != std::string::npos);
}

TEST_CASE("a long scan on a terminal says how far it is, and takes that back") {
  const Folder folder;
  for (int i = 0; i < 600; ++i) folder.write(std::to_string(i) + "/config.json", R"({"model_type": "llama"})");
  const std::string scan = "paramcount scan " + folder.path.string() + " > /dev/null";
  CHECK(run_shell(scan).err.empty());
  // However fast it is, it is made to take long: halted now and then.
  const auto shown = run_on_terminal(
      scan +
          " & for part in 0.002 0.005 0.01 0.02 0.05 0.1; do"
          " kill -STOP $! 2> /dev/null; sleep 0.35; kill -CONT $! 2> /dev/null; sleep $part; done; wait $!",
      60);
  CHECK(shown.code == 0);
  CHECK_THAT(shown.out, ContainsSubstring("reading: ") || ContainsSubstring("looking: "));
  CHECK(shown.out.ends_with("\x1B[K"));
  // A line is never wider than the terminal.
  for (std::size_t at = 0; at < shown.out.size();) {
    const auto end = std::min(shown.out.find("\x1B[K", at), shown.out.size());
    CHECK(end - at < 60);
    at = end + 3;
  }
}

TEST_CASE("an empty name is not a folder, least of all the root of all folders") {
  const auto finished = run_shell("paramcount scan ''");
  CHECK(finished.code == 2);
  CHECK(finished.err == "paramcount: scan: name one folder, or --caches\n");
}

}  // namespace
}  // namespace paramcount
