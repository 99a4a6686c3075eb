// Checkpoints in several files, their indexes, and folders that hold them.
#include <sys/stat.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <sstream>

#include "base/json_scanner.hpp"
#include "catch.hpp"
#include "checkpoint_helper.hpp"
#include "gguf_writer.hpp"
#include "paramcount/base/error.hpp"
#include "paramcount/read/checkpoint.hpp"
#include "process.hpp"
#include "read/safetensors.hpp"
#include "read/shards.hpp"
#include "read/source.hpp"

#include "refusal.hpp"

namespace paramcount {
namespace {

TEST_CASE("shards are read through their index, and what does not agree with it is named") {
  const TestFolder folder;
  const std::string index = folder / "model.safetensors.index.json";
  write_checkpoint(folder / "model-00001-of-00002.safetensors", {{"a", "F32", {2}}, {"b", "F32", {3}}});
  write_checkpoint(folder / "model-00002-of-00002.safetensors", {{"c", "BF16", {5}}});
  const auto map = [&](const std::string& entries) {
    write_bytes(index, R"({"metadata":{"total_size":30,"more":[null,true,-1.5e3]},"weight_map":{)" + entries + "}}");
  };
  const std::string one = "\"model-00001-of-00002.safetensors\"";
  const std::string two = "\"model-00002-of-00002.safetensors\"";
  map("\"a\":" + one + ",\"b\":" + one + ",\"c\":" + two);
  for (const auto& path : {folder.path(), folder.path() + "/", index}) {
    const auto checkpoint = read_checkpoint(path);
    CHECK(checkpoint.files.size() == 2);
    REQUIRE(checkpoint.tensors.size() == 3);
    CHECK(checkpoint.tensors[2].name == "c");
    CHECK(checkpoint.tensors[2].file == 1);
  }
  map("\"a\":" + one + ",\"c\":" + two + ",\"b\":" + one);
  CHECK(read_checkpoint(index).files.size() == 2);
  map("\"a\":" + one + ",\"c\":" + two + ",\"d\":" + two);
  CHECK_THAT(checkpoint_refusal(index), ContainsSubstring("/weight_map: d is not in model-00002-of-00002.safetensors"));
  map("\"a\":" + one + ",\"c\":" + one);
  CHECK_THAT(checkpoint_refusal(index), ContainsSubstring("/weight_map: c is not in model-00001-of-00002.safetensors"));
  map("\"a\":" + one + ",\"c\":\"../x.safetensors\"");
  CHECK_THAT(checkpoint_refusal(index), ContainsSubstring("../x.safetensors is not a file next to the index"));
  map("\"a\":" + one + ",\"c\":\"model-00003-of-00003.safetensors\"");
  CHECK_THAT(checkpoint_refusal(index),
             ContainsSubstring("/model-00003-of-00003.safetensors: named in the index, missing"));
  write_checkpoint(folder / "model-00002-of-00002.safetensors", {{"a", "BF16", {5}}});
  map("\"a\":" + one + ",\"b\":" + one);
  CHECK(checkpoint_refusal(index) == "read");
  map("\"a\":" + one + ",\"b\":" + two);
  CHECK_THAT(checkpoint_refusal(index), ContainsSubstring("model-00002-of-00002.safetensors: a: also in "));
  write_bytes(index, "{\"metadata\":{}}");
  CHECK_THAT(checkpoint_refusal(index), ContainsSubstring("no weight_map"));
  std::filesystem::remove(index);
  CHECK_THAT(checkpoint_refusal(folder.path()), ContainsSubstring("a: also in"));
  write_checkpoint(folder / "model-00002-of-00002.safetensors", {{"c", "BF16", {5}}});
  CHECK(checkpoint_refusal(folder.path()) == "read");
  std::filesystem::remove(folder / "model-00001-of-00002.safetensors");
  CHECK_THAT(checkpoint_refusal(folder.path()),
             ContainsSubstring("model-00001-of-00002.safetensors: missing, and no index"));
}

TEST_CASE("what an index holds next to its map is skipped when it is JSON, and refused when it is not") {
  const TestFolder folder;
  const std::string index = folder / "x.safetensors.index.json";
  write_checkpoint(folder / "x.safetensors", {{"a", "F32", {2}}});
  const auto with = [&](const std::string& value) {
    write_bytes(index, "{\"more\": " + value + R"(, "weight_map": {"a": "x.safetensors"}})");
    return checkpoint_refusal(index);
  };
  for (const char* value : {"{}", "[]", "true", "false", "null", "0", "-0.5e+10", "2E-3", "1e5", R"("\u20ac\t€")",
                            R"({"a": {"b": [1, [], {}]}, "c": ""})"}) {
    INFO(value);
    CHECK(with(value) == "read");
  }
  const std::vector<std::pair<std::string, std::string>> wrong{
      {"01", "byte 9: a number with a leading zero"},
      {"-", "byte 9: not a JSON value"},
      {"1.", "byte 9: not a JSON value"},
      {"1e+", "byte 9: not a JSON value"},
      {"tru", "byte 9: not a JSON value"},
      {"folse", "byte 9: not a JSON value"},
      {"[1 2]", "byte 12: expected ']', got '2'"},
      {R"({"b" 1})", "byte 14: expected ':', got '1'"},
      {"{1: 2}", "byte 10: expected a string, got '1'"},
      {R"({"b": 1 "c"})", "byte 17: expected '}', got '\"'"},
      {std::string(65, '['), "byte 73: nested deeper than 64 levels"}};
  for (const auto& [value, said] : wrong) CHECK(with(value) == index + ": " + said);
  const auto whole = [&](const std::string& text) {
    write_bytes(index, text);
    return checkpoint_refusal(index);
  };
  CHECK(whole(R"({"more": [1,)") == index + ": byte 12: expected a value, and the header ends");
  CHECK(whole(R"({"more)") == index + ": byte 6: an unterminated string");
  CHECK(whole("{}") == index + ": byte 2: no weight_map: not a checkpoint index");
  CHECK(whole(R"({"weight_map": {}, "weight_map": {}})") == index + ": byte 32: weight_map twice");
  CHECK(whole(R"({"weight_map": {"a": ""}})") == index + ": byte 23: /weight_map: an empty file name");
  CHECK(whole(R"({"weight_map": {"a": "/x"}})") ==
        index + ": byte 25: /weight_map: /x is not a file next to the index");
  CHECK(whole(R"({"weight_map": {}})") == "read");
  std::filesystem::resize_file(index, 100'000'001);
  CHECK(checkpoint_refusal(index) == index + ": larger than 100 MB: not a checkpoint index");
}

TEST_CASE("an index names more files than any checkpoint has, and is refused") {
  const TestFolder folder;
  std::string index = R"({"weight_map":{)";
  for (int i = 0; i <= 100'000; ++i) {
    const std::string name = std::to_string(i);
    index += (i > 0 ? ",\"" : "\"") + name + "\":\"" + name + "\"";
  }
  write_bytes(folder / "x.safetensors.index.json", index + "}}");
  CHECK_THAT(checkpoint_refusal(folder / "x.safetensors.index.json"),
             ContainsSubstring("/weight_map: more than 100,000 files"));
}

TEST_CASE("a folder is the one checkpoint in it, or an error that says what it holds") {
  const TestFolder folder;
  const std::string& path = folder.path();
  const std::vector<NewTensor> one{{"a", "F32", {2}}};
  const auto files = [&] {
    const auto checkpoint = read_checkpoint(path);
    std::string names;
    for (const auto& file : checkpoint.files) names += file.substr(path.size());
    return names;
  };
  CHECK(checkpoint_refusal(path) ==
        path + ": a folder without a checkpoint (.safetensors, .gguf, .onnx, .bin, .pt, .pth, .ckpt)");
  CHECK_THROWS_WITH(read_safetensors(path), path + ": a folder without a safetensors file");
  write_bytes(folder / "pytorch_model.bin", "x");
  CHECK_THAT(checkpoint_refusal(path), ContainsSubstring("/pytorch_model.bin: byte 0: not a PyTorch checkpoint"));
  GgufWriter gguf;
  gguf.tensor("a", {2}, 0, 8);
  gguf.write(folder / "a.gguf");
  CHECK(files() == "/a.gguf");
  gguf.write(folder / "b.gguf");
  CHECK(checkpoint_refusal(path) == path + ": several GGUF files, including a.gguf and b.gguf. Name one");
  write_checkpoint(folder / "b.safetensors", one);
  CHECK(files() == "/b.safetensors");
  write_checkpoint(folder / "c.safetensors", one);
  CHECK(checkpoint_refusal(path) ==
        path + ": several checkpoints, including b.safetensors and c.safetensors. Name one of the files");
  write_checkpoint(folder / "model.safetensors", one);
  CHECK(files() == "/model.safetensors");
  write_bytes(folder / "c.safetensors.index.json", R"({"weight_map": {"a": "c.safetensors"}})");
  CHECK(files() == "/c.safetensors");
  write_bytes(folder / "model.safetensors.index.json", R"({"weight_map": {"a": "b.safetensors"}})");
  CHECK(files() == "/b.safetensors");
}

TEST_CASE("a shard's name gives its number and the total, and other names are not shards") {
  const auto shard = shard_of("model-00002-of-00003.safetensors");
  REQUIRE(shard.has_value());
  CHECK(shard->stem == "model");
  CHECK(shard->number == 2);
  CHECK(shard->count == 3);
  CHECK(shard_name("a-of-b", 12345, 99999, ".gguf") == "a-of-b-12345-of-99999.gguf");
  CHECK(shard_of("a-of-b-12345-of-99999.gguf")->stem == "a-of-b");
  for (const char* name : {"model.safetensors", "-of-00003.safetensors", "00002-of-00003.gguf",
                           "model_00002-of-00003.gguf", "model-0002-of-00003.gguf", "model-0000x-of-00003.gguf",
                           "model-00002-of-0003.gguf", "model-00002-of-000/3.gguf", "model-00002-of-00003",
                           "model-00002-of-000034.gguf", "model-00000-of-00003.gguf", "model-00004-of-00003.gguf"}) {
    INFO(name);
    CHECK_FALSE(shard_of(name).has_value());
  }
}

TEST_CASE("shards of two checkpoints in one folder are not joined") {
  for (const char* other : {"b-00002-of-00002", "a-00002-of-00003", "b"}) {
    const TestFolder folder;
    INFO(other);
    write_checkpoint(folder / "a-00001-of-00002.safetensors", {{"a", "F32", {2}}});
    write_checkpoint(folder / (std::string(other) + ".safetensors"), {{"b", "F32", {2}}});
    CHECK_THAT(checkpoint_refusal(folder.path()),
               ContainsSubstring("several checkpoints, including a-00001-of-00002.safetensors and "));
  }
}

TEST_CASE("a file without a telling name is what it holds, and a pipe is not a file") {
  const TestFolder folder;
  const std::vector<NewTensor> one{{"a", "F32", {2}}};
  write_bytes(folder / "blob", file_of(header_of(one), data_bytes_of(one)));
  CHECK(read_checkpoint(folder / "blob").tensors.size() == 1);
  write_bytes(folder / "short.safetensors", "1234567");
  CHECK(checkpoint_refusal(folder / "short.safetensors") ==
        (folder / "short.safetensors") + ": byte 7: too short for a safetensors file");
  REQUIRE(::mkfifo((folder / "pipe").c_str(), 0600) == 0);
  CHECK(checkpoint_refusal(folder / "pipe") == (folder / "pipe") + ": not a regular file; save it first");
  CHECK(checkpoint_refusal((folder / "blob") + "/x") == (folder / "blob") + "/x: Not a directory");
  const Source file = open_source(folder / "blob");
  std::filesystem::resize_file(folder / "blob", 10);
  std::string bytes(20, '\0');
  CHECK_THROWS_WITH(file.read(0, bytes.data(), bytes.size()), "byte 10: the file shrank while it was being read");
}

TEST_CASE("PyTorch files are known by their names or their first bytes") {
  const TestFolder folder;
  const auto refused = [&](const std::string& name, const std::string& bytes, const std::string& why) {
    write_bytes(folder / name, bytes);
    CHECK_THAT(checkpoint_refusal(folder / name), ContainsSubstring("/" + name + ": " + why));
  };
  for (const char* name : {"pytorch_model.bin", "consolidated.00.pth", "x.pt", "x.ckpt"}) {
    refused(name, "anything at all", "byte 0: not a PyTorch checkpoint");
  }
  refused("noname", "PK\x03\x04 and more of it", "byte 19: a zip archive that ends without its directory");
  refused("bare", "\x80\x02}q\x01X and more of it", "byte ");
  write_bytes(folder / "text", "neither this nor that");
  CHECK_THAT(checkpoint_refusal(folder / "text"), ContainsSubstring("text: not a checkpoint"));
  CHECK_THAT(checkpoint_refusal(folder / "absent.safetensors"), ContainsSubstring("absent.safetensors: no such file"));
}

}  // namespace
}  // namespace paramcount
