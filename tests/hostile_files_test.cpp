// Files made to take time, memory or the program itself: holes of a tebibyte, one shard spelled two thousand ways,
// pipes without a writer, dangling links. Each ends soon, with an answer or one line.
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "base/budgets.hpp"
#include "base/symbols.hpp"
#include "base/text.hpp"
#include "catch.hpp"
#include "checkpoint_helper.hpp"
#include "gguf_writer.hpp"
#include "paramcount/base/error.hpp"
#include "process.hpp"
#include "read/source.hpp"

namespace paramcount {
namespace {

using Json = nlohmann::json;
namespace fs = std::filesystem;

const std::string kSoon = "timeout 20 ";

std::string le(std::uint64_t value, std::size_t bytes) {
  std::string text;
  for (std::size_t i = 0; i < bytes; ++i) text += static_cast<char>(value >> (8 * i) & 0xFFU);
  return text;
}

Finished soon(std::size_t mib, const std::string& command) {
  return run_shell("(" + within_kib(mib * 1024) + kSoon + "paramcount " + command + ")");
}

TEST_CASE("arrays in a hole of a tebibyte are not walked through") {
  const TestFolder folder;
  const std::string path = folder / "x.gguf";
  const std::string nested = le(9, 4) + le(9, 4) + le(1000, 8) + le(9, 4);
  for (const std::string& array : {
           le(7, 4) + le(std::uint64_t{1} << 39U, 8),          // bools
           le(7, 4) + le(kMostGgufHeaderBytes - 200, 8),       // as many as a header may have
           le(0, 4) + le(std::uint64_t{1} << 39U, 8),          // bytes
           le(10, 4) + le(std::uint64_t{1} << 36U, 8),         // of eight bytes
           le(8, 4) + le(std::uint64_t{1} << 35U, 8),          // strings
           le(8, 4) + le(kMostGgufHeaderBytes / 8 - 100, 8),   //
           le(9, 4) + le(std::uint64_t{1} << 34U, 8),          // arrays
           le(9, 4) + le(kMostGgufHeaderBytes / 12 - 100, 8),  //
           le(9, 4) + le(1000, 8) + nested + le(std::uint64_t{1} << 34U, 8),
       }) {
    GgufWriter file;
    file.text("general.architecture", "llama");
    file.raw_pair("x", 9, array);
    write_bytes(path, file.header());
    fs::resize_file(path, std::uint64_t{1} << 40U);
    const auto ran = soon(200, "metadata " + path);
    INFO(ran.err << ran.out);
    CHECK((ran.code == 0 || ran.code == 1));
  }
}

TEST_CASE("strings in holes are kept up to a sum") {
  const TestFolder folder;
  const std::string path = folder / "x.gguf";
  std::ofstream out(path, std::ios::binary);
  out << "GGUF" << le(3, 4) << le(0, 8) << le(25, 8);
  for (int i = 0; i < 25; ++i) {
    const std::string key = "k" + std::to_string(i);
    out << le(key.size(), 8) << key << le(8, 4) << le(kLongestKeptText, 8);
    out.seekp(static_cast<std::streamoff>(kLongestKeptText), std::ios::cur);
  }
  out << ' ';
  out.close();
  const auto ran = soon(200, "metadata " + path + " --format json");
  INFO(ran.err);
  CHECK(ran.code == 0);
  CHECK_THAT(ran.out, ContainsSubstring("1048576"));
}

TEST_CASE("one shard is read once, however many ways an index spells it") {
  const TestFolder folder;
  fs::create_directory(folder / "d");
  std::vector<NewTensor> tensors;
  for (int i = 0; i < 2048; ++i) tensors.push_back({"w" + std::to_string(i) + ".x", "F32", {4}});
  write_checkpoint(folder / "s.safetensors", tensors);
  fs::create_symlink("../s.safetensors", folder / "d/link.safetensors");
  fs::create_hard_link(folder / "s.safetensors", folder / "d/hard.safetensors");
  Json map;
  std::string dots;
  for (int i = 0; i < 2048; ++i) {
    dots += i % 2 == 0 ? "./" : "/";
    const std::string spelled = i % 3 == 0   ? "./" + dots + "s.safetensors"
                                : i % 3 == 1 ? "d" + std::string(static_cast<std::size_t>(i), '/') + "/link.safetensors"
                                             : "d/./" + dots + "/hard.safetensors";
    // Paths have to stay within what a system takes.
    map["w" + std::to_string(i) + ".x"] = spelled.size() < 4000 ? spelled : "s.safetensors";
  }
  write_bytes(folder / "model.safetensors.index.json", Json{{"weight_map", map}}.dump());
  const auto ran = soon(200, folder.path() + " --format json");
  INFO(ran.err);
  REQUIRE(ran.code == 0);
  const auto answer = Json::parse(ran.out)["models"][0];
  CHECK(answer["params"]["total"] == 2048 * 4);
  CHECK(answer["checkpoint"]["files"] == 1);
  // A tensor that the file does not have is still missed.
  map["other"] = "./s.safetensors";
  write_bytes(folder / "model.safetensors.index.json", Json{{"weight_map", map}}.dump());
  CHECK_THAT(soon(200, folder.path()).err, ContainsSubstring("/weight_map: other is not in"));
}

TEST_CASE("a list of parts names each folder once") {
  const TestFolder folder;
  fs::create_directories(folder / "unet");
  fs::create_symlink("unet", folder / "link");
  write_checkpoint(folder / "unet/model.safetensors", {{"w", "F32", {4}}});
  for (const std::string other : {"./unet", "unet//.", "link"}) {
    write_bytes(folder / "model_index.json", R"({"_class_name": "X", "unet": ["diffusers", "UNet2DModel"], ")" + other +
                                                 R"(": ["diffusers", "UNet2DModel"]})");
    const auto ran = soon(200, folder.path());
    CHECK(ran.code == 1);
    CHECK_THAT(ran.err, ContainsSubstring("lists one folder as unet and as " + other));
  }
}

TEST_CASE("a long name makes its own line of a page longer, not all of them") {
  const TestFolder folder;
  std::vector<NewTensor> tensors{{std::string(50'000, 'x'), "F32", {4}}};
  for (int i = 0; i < 1000; ++i) tensors.push_back({"a" + std::to_string(i) + "b", "F32", {4}});
  write_checkpoint(folder / "x.safetensors", tensors);
  for (const std::string format : {"text", "json", "csv", "markdown", "latex", "html"}) {
    CHECK(soon(200, "tensors " + (folder / "x.safetensors") + " --format " + format).out.size() < 1'500'000);
  }
}

TEST_CASE("headers of a checkpoint's files have a sum") {
  const TestFolder folder;
  Json map;
  for (int i = 0; i < 3; ++i) {
    const std::string name = std::to_string(i) + ".safetensors";
    // A header of spaces except for its end.
    const std::string body = "{}" + std::string(99'000'000 - 2, ' ');
    write_bytes(folder / name, le(body.size(), 8) + body);
    map["w" + std::to_string(i)] = name;
  }
  write_bytes(folder / "model.safetensors.index.json", Json{{"weight_map", map}}.dump());
  const auto ran = soon(600, folder / "model.safetensors.index.json");
  CHECK(ran.code == 1);
  CHECK_THAT(ran.err, ContainsSubstring("the limit for all files together is 256,000,000"));
}

TEST_CASE("a pipe, a socket or a device called like a model's file is not opened") {
  const TestFolder folder;
  const std::string link = std::string("model.safetensors.index.json");
  for (const std::string name : {"config.json", "params.json", "model.safetensors", "x.gguf", "adapter_config.json",
                                 "model.safetensors.index.json", "modules.json", "model_index.json",
                                 "generation_config.json", "adapter_model.safetensors"}) {
    for (const std::string kind : {"pipe", "socket", "zero"}) {
      const std::string path = folder / name;
      if (kind == "pipe") REQUIRE(::mkfifo(path.c_str(), 0600) == 0);
      if (kind == "zero") fs::create_symlink("/dev/zero", path);
      const int socket = ::socket(AF_UNIX, SOCK_STREAM, 0);
      if (kind == "socket") {
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        path.copy(static_cast<char*>(address.sun_path), sizeof address.sun_path - 1);
        REQUIRE(::bind(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
      }
      // Somebody holds the pipe open for writing and says nothing.
      const std::string writer = kind == "pipe" ? "exec 9<>" + path + "; " : "";
      for (const std::string& command : {path, folder.path(), "scan " + folder.path(), "metadata " + path,
                                         "verify " + path, "verify " + folder.path(), "tensors " + folder.path(),
                                         "diff " + path + " " + path, "gpt-2 --lora 8 --catalog " + folder.path()}) {
        const auto ran = run_shell(writer + "timeout 5 paramcount " + command);
        INFO(kind << " " << command << "\n" << ran.err << ran.out);
        CHECK(ran.code != 124);
        CHECK(ran.code < 126);
        if (command == path) CHECK(ran.code == 1);
      }
      ::close(socket);
      fs::remove(path);
    }
  }
}

TEST_CASE("an index names no pipe and no device") {
  const TestFolder folder;
  REQUIRE(::mkfifo((folder / "a.safetensors").c_str(), 0600) == 0);
  fs::create_symlink("/dev/zero", folder / "b.safetensors");
  for (const std::string shard : {"a.safetensors", "b.safetensors"}) {
    write_bytes(folder / "model.safetensors.index.json", Json{{"weight_map", {{"w", shard}}}}.dump());
    const auto ran = run_shell("exec 9<>" + (folder / "a.safetensors") + "; timeout 5 paramcount " +
                               (folder / "model.safetensors.index.json"));
    CHECK(ran.code == 1);
    CHECK_THAT(ran.err, ContainsSubstring(shard + ": not a regular file"));
  }
}

TEST_CASE("a config comes through a shell's process substitution or standard input") {
  const TestFolder folder;
  write_bytes(folder / "c.json", R"({"model_type": "gpt2"})");
  const auto plain = run_shell("paramcount " + (folder / "c.json") + " --get params.total");
  REQUIRE(plain.code == 0);
  for (const std::string& command : {"bash -c 'paramcount <(cat " + (folder / "c.json") + ") --get params.total'",
                                     "cat " + (folder / "c.json") + " | paramcount - --get params.total",
                                     "cat " + (folder / "c.json") + " | paramcount /dev/stdin --get params.total",
                                     "paramcount /dev/stdin --get params.total < " + (folder / "c.json")}) {
    const auto ran = run_shell(command);
    INFO(command << ran.err);
    CHECK(ran.code == 0);
    CHECK(ran.out == plain.out);
  }
  const auto batch = run_shell("printf '/dev/stdin\\n/dev/fd/0\\n-\\n' | timeout 5 paramcount batch");
  CHECK(batch.code == 1);
  CHECK_THAT(batch.out, ContainsSubstring("/dev/fd/0: standard input is already used for the lines"));
}

TEST_CASE("a scan names dangling links, paths that are too long and special files") {
  const TestFolder folder;
  const std::string root = folder / "root";
  fs::create_directories(root + "/good");
  write_bytes(root + "/good/config.json", R"({"model_type": "gpt2"})");
  const auto scan = [&] {
    const auto ran = run_shell("timeout 20 paramcount scan " + root + " --format json");
    INFO(ran.err);
    const auto report = Json::parse(ran.out);
    std::vector<std::string> failed;
    for (const auto& model : report["models"]) {
      if (model.contains("error"))
        failed.push_back(model["path"].get<std::string>() + ": " + model["error"].get<std::string>());
    }
    CHECK(ran.code == (failed.empty() ? 0 : 1));
    return failed;
  };
  CHECK(scan().empty());
  fs::create_symlink("nowhere", root + "/readme.md");
  CHECK(scan().empty());
  fs::create_symlink("nowhere", root + "/config.json");
  fs::create_symlink("nowhere", root + "/model.safetensors");
  fs::create_symlink("nowhere", root + "/models");
  fs::create_symlink("loop.gguf", root + "/loop.gguf");
  REQUIRE(::mkfifo((root + "/pipe.gguf").c_str(), 0600) == 0);
  const auto failed = scan();
  REQUIRE(failed.size() == 5);
  const auto all = Json(failed).dump();
  CHECK_THAT(all, ContainsSubstring("/config.json: a broken link"));
  CHECK_THAT(all, ContainsSubstring("/model.safetensors: a broken link"));
  CHECK_THAT(all, ContainsSubstring("/models: a broken link"));
  CHECK_THAT(all, ContainsSubstring("/pipe.gguf: not a regular file"));
  CHECK_THAT(all, ContainsSubstring("/loop.gguf: Too many levels"));
  fs::remove(root + "/pipe.gguf");
  for (const char* name : {"config.json", "model.safetensors", "models", "loop.gguf"}) fs::remove(root + "/" + name);
  // Made from within, for no path of that length can be named.
  const std::string piece(250, 'd');
  REQUIRE(run_shell("cd " + root + "; for i in $(seq 20); do mkdir " + piece + " && cd -P " + piece +
                    " || exit 1; done; echo '{\"model_type\": \"gpt2\"}' > config.json")
              .code == 0);
  const auto deep = scan();
  REQUIRE(deep.size() == 1);
  CHECK_THAT(deep.front(), ContainsSubstring("File name too long"));
  REQUIRE(run_shell("rm -r " + root).code == 0);
}

TEST_CASE("replacing characters of a long text takes one pass") {
  std::string text;
  for (int i = 0; i < 1'000'000; ++i) text += "×";
  const auto start = std::chrono::steady_clock::now();
  CHECK(in_ascii(text) == std::string(1'000'000, 'x'));
  CHECK(respelled(text, &Symbol::latex).size() == 8'000'000);
  std::string commas(2'000'000, ',');
  replace_all(commas, ",", "");
  CHECK(commas.empty());
  CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds(5));
  CHECK(in_ascii("a · b·c × d … é–É") == "a | b*c x d ... e-?");
}

TEST_CASE("a source is trusted neither with its size nor with its answers") {
  const auto failure = [](const Source& source) -> std::string {
    try {
      char bytes[8];
      source.read(0, bytes, sizeof bytes);
    } catch (const Error& error) {
      return error.what();
    }
    return "read";
  };
  std::size_t asked = 0;
  const Source generous("x", 1000, [](std::uint64_t, char*, std::size_t count) { return count + 1; });
  CHECK(failure(generous) == "byte 0: more bytes than were requested");
  const Source short_of("x", 1000, [&](std::uint64_t offset, char*, std::size_t count) {
    asked = count;
    return offset == 0 ? std::size_t{3} : std::size_t{0};
  });
  CHECK(failure(short_of) == "byte 3: the file shrank while it was being read");
  CHECK(asked == 5);
  const Source slow(
      "x", 1000,
      [](std::uint64_t, char* to, std::size_t) {
        *to = 0;
        return std::size_t{1};
      },
      Source::Clock::now() - std::chrono::seconds(1));
  CHECK(failure(slow) == "byte 0: reading took too long");
}

}  // namespace
}  // namespace paramcount
