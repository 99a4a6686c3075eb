// What counts as a checkpoint, its name, and the config next to it.

#include "catch.hpp"
#include "checkpoint_helper.hpp"
#include "paramcount/catalog/catalog.hpp"
#include "process.hpp"
#include "read/checkpoint_model.hpp"

namespace paramcount {
namespace {

using Tensors = std::vector<NewTensor>;

TEST_CASE("a checkpoint is recognised by its name or its first bytes, next to a config only by its name") {
  const TestFolder folder;
  const auto is = [&](const std::string& name, const std::string& bytes) {
    write_bytes(folder / name, bytes);
    return is_checkpoint(folder / name);
  };
  CHECK(is("x.safetensors", ""));
  CHECK(is("blob", file_of(header_of({{"a", "F32", {1}}}), 4)));
  CHECK(is("blob", "GGUF and more"));
  CHECK(is("blob", "PK\x03\x04 and more"));
  CHECK(is("blob", "\x80\x02 and more"));
  CHECK_FALSE(is("blob", "GGUF"));
  CHECK_FALSE(is("blob", "neither this nor that"));
  CHECK_FALSE(is("blob", "12345678{\"a\": 1}"));
  CHECK_FALSE(is("x.json", "GGUF and more"));
  CHECK_FALSE(is_checkpoint(folder / "absent"));
  CHECK_FALSE(is_checkpoint("/dev/zero"));

  const TestFolder model;
  CHECK_FALSE(is_checkpoint(model.path()));
  write_bytes(model / "best.ckpt", "x");
  CHECK(is_checkpoint(model.path()));
  write_bytes(model / "config.json", "{}");
  CHECK_FALSE(is_checkpoint(model.path()));
  write_bytes(model / "pytorch_model.bin", "x");
  CHECK(is_checkpoint(model.path()));
  std::filesystem::remove(model / "pytorch_model.bin");
  write_bytes(model / "x.safetensors.index.json", "{}");
  CHECK(is_checkpoint(model.path() + "/"));
}

TEST_CASE("a model is called as its folder is, or its file, however its path is written") {
  const TestFolder folder;
  const std::string inner = folder / "mine";
  std::filesystem::create_directories(inner + "/deeper");
  write_bytes(inner + "/config.json", R"({"model_type": "gpt2"})");
  write_bytes(inner + "/other.json", R"({"model_type": "gpt2"})");
  write_checkpoint(inner + "/deeper/x.safetensors", {{"a", "F32", {2}}});
  const auto name = [&](const std::string& from, const std::string& path) {
    return run_shell("cd " + inner + from + " && paramcount " + path + " --get name").out;
  };
  CHECK(name("/..", "mine/config.json") == "mine\n");
  CHECK(name("/..", "./mine/") == "mine\n");
  CHECK(name("/..", "mine//./config.json") == "mine\n");
  CHECK(name("", "./other.json") == "other.json\n");
  CHECK(name("", "config.json") == "config.json\n");
  CHECK(name("/deeper", "../config.json") == "config.json\n");
  CHECK(name("/deeper", "x.safetensors") == "x.safetensors\n");
  CHECK(name("", "deeper/../deeper/.") == "deeper\n");
}

TEST_CASE("an unreadable config next to a checkpoint is an error with its place") {
  const TestFolder folder;
  const Catalog catalog;
  write_checkpoint(folder / "model.safetensors", tiny(folder));
  write_bytes(folder / "config.json", "{");
  CHECK_THROWS_WITH(read_checkpoint_model(folder.path(), catalog),
                    ContainsSubstring("/config.json: line 1, column 1: not valid JSON"));
  write_bytes(folder / "config.json", "{}");
  CHECK(read_checkpoint_model(folder.path(), catalog).config_problem == "it has no model_type");
  write_bytes(folder / "config.json", R"({"model_type": 5})");
  CHECK(read_checkpoint_model(folder.path(), catalog).config_problem == "its model_type is not a string: 5");
  write_bytes(folder / "config.json", R"({"model_type": "lama"})");
  CHECK(read_checkpoint_model(folder.path(), catalog).config_problem == "no family covers model type lama");
}

TEST_CASE("a checkpoint without tensors is not a model") {
  const TestFolder folder;
  const Catalog catalog;
  write_checkpoint(folder / "empty.safetensors", {});
  CHECK_THROWS_WITH(read_checkpoint_model(folder / "empty.safetensors", catalog),
                    ContainsSubstring("empty.safetensors: holds no tensors"));
}

}  // namespace
}  // namespace paramcount
