// Archives, YAML and files of other tools: read where they are sound, refused by name where they are not, never a
// crash.
#include <array>
#include <fstream>
#include <string>

#include "catalog/json.hpp"
#include "catch.hpp"
#include "nemo_helper.hpp"
#include "paramcount/base/error.hpp"
#include "paramcount/base/value.hpp"
#include "process.hpp"
#include "read/source.hpp"
#include "read/tar.hpp"
#include "read/yaml.hpp"
#include "test_folder.hpp"

namespace paramcount {
namespace {

std::string refusal_of_yaml(const std::string& text) {
  try {
    static_cast<void>(parse_yaml(text));
  } catch (const Error& error) {
    return error.what();
  }
  return "read";
}

TEST_CASE("damaged archives and YAML that exceeds a config are refused where they are", "[foreign_config]") {
  const TestFolder folder;
  const std::string whole = tar_of("model_config.yaml", kNemoYaml);
  const auto refusal = [&](const std::string& bytes) {
    std::ofstream(folder / "a.nemo") << bytes;
    const auto ran = run_words({(folder / "a.nemo"), "--get", "params.total"});
    CHECK(ran.code == 1);
    return ran.err;
  };
  CHECK_THAT(refusal(whole.substr(0, 700)), ContainsSubstring("beyond the end of the file"));
  CHECK_THAT(refusal(tar_of("weights", "x")), ContainsSubstring("the archive ends without model_config.yaml"));
  std::string damaged = whole;
  damaged[0] = 'M';
  CHECK_THAT(refusal(damaged), ContainsSubstring("not a tar header"));
  std::string huge = tar_of("x", "y");
  huge.replace(124, 11, "77777777777");
  CHECK_THAT(refusal(huge), ContainsSubstring("a.nemo: byte 0: "));
  CHECK_THAT(refusal("\x1f\x8b\x08"), ContainsSubstring("gzip"));

  CHECK_THAT(refusal_of_yaml("a: &x 1\nb: *x\n"), ContainsSubstring("line 1: an anchor or alias"));
  CHECK_THAT(refusal_of_yaml("a: 1\nb: !!python/object:os.system {}\n"), ContainsSubstring("line 2: a tag"));
  CHECK_THAT(refusal_of_yaml("a: 1\na: 2\n"), ContainsSubstring("a twice"));
  CHECK_THAT(refusal_of_yaml("a: 1\n---\nb: 2\n"), ContainsSubstring("more than one document"));
  CHECK_THAT(refusal_of_yaml("a: [1, 2\n"), ContainsSubstring("unterminated"));
  CHECK_THAT(refusal_of_yaml("a: 'x\n"), ContainsSubstring("closing quote"));
  std::string deep;
  for (int i = 0; i < 100; ++i) deep += std::string(static_cast<std::size_t>(i), ' ') + "a:\n";
  CHECK_THAT(refusal_of_yaml(deep + std::string(100, ' ') + "b: 1\n"), ContainsSubstring("nested deeper"));
  CHECK_THAT(refusal_of_yaml(std::string(200'000, '[')), ContainsSubstring("nested deeper"));
}

TEST_CASE("any cut of NeMo's YAML, and any bit of its archive turned, is read or refused", "[foreign_config]") {
  for (std::size_t length = 0; length < kNemoYaml.size(); ++length) {
    static_cast<void>(refusal_of_yaml(kNemoYaml.substr(0, length)));
  }
  const std::string whole = tar_of("./model_config.yaml", kNemoYaml.substr(0, 300));
  constexpr std::array<std::string_view, 1> kName{"model_config.yaml"};
  int read = 0;
  for (std::size_t bit = 0; bit < whole.size() * 8; ++bit) {
    std::string turned = whole;
    turned[bit / 8] = static_cast<char>(static_cast<unsigned char>(turned[bit / 8]) ^ (1U << (bit % 8)));
    const Source source("turned", turned.size(), [&](std::uint64_t offset, char* to, std::size_t count) {
      count = std::min<std::size_t>(count, turned.size() - static_cast<std::size_t>(offset));
      std::copy_n(turned.data() + offset, count, to);
      return count;
    });
    try {
      static_cast<void>(parse_yaml(read_tar_entry(source, kName, kNemoYaml.size()).second));
      ++read;
    } catch (const Error&) {
      continue;
    }
  }
  CHECK(read > 0);
}

TEST_CASE("the YAML of configs is read as PyYAML reads it", "[foreign_config]") {
  const Value value = parse_yaml(
      "---\n# comment\na: 1\nb: [1, 2.5, 'x, y', {c: null}]\nlist:\n- p: 1\n  q: yes\n- 'it''s'\nlong: one\n  two # "
      "no\n"
      "text: |\n  several\n  lines\n\"quoted key\": \"a\\tb\"\nempty:\nnumber: 1e-5\nref: ${.a}\nurl: http://x:8\n");
  CHECK(value == parse_json(R"({"a": 1, "b": [1, 2.5, "x, y", {"c": null}], "list": [{"p": 1, "q": true}, "it's"],
    "long": "one two", "text": "  several\n  lines\n", "quoted key": "a\tb", "empty": null, "number": 1e-5, "ref": 1,
    "url": "http://x:8"})"));
  CHECK(parse_yaml("{ \"num-layers\": 12, # of GPT-NeoX\n  \"x\": [1,\n 2] }") ==
        parse_json(R"({"num-layers": 12, "x": [1, 2]})"));
}

TEST_CASE("files and folders of other tools say what they are and what to give instead", "[foreign_config]") {
  const TestFolder folder;
  const auto refusal = [&](const std::string& name, const std::string& bytes) {
    std::ofstream(folder / name) << bytes;
    const auto ran = run_words({folder / name});
    CHECK(ran.code == 1);
    CHECK(ran.out.empty());
    return ran.err;
  };
  CHECK_THAT(refusal("model.safetensors", "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n"),
             ContainsSubstring("a pointer of Git LFS"));
  CHECK_THAT(refusal("config.json", "<!DOCTYPE html><html>"), ContainsSubstring("a web page"));
  CHECK_THAT(refusal("tf_model.h5", "\x89HDF\r\n\x1a\n"), ContainsSubstring("HDF5"));
  CHECK_THAT(refusal("weights", "\x89HDF\r\n\x1a\n"), ContainsSubstring("HDF5"));
  CHECK_THAT(refusal("model.ggml.bin", "tjgg\x03"), ContainsSubstring("a ggml file (ggjt)"));
  CHECK_THAT(refusal("flax_model.msgpack", "\x82"), ContainsSubstring("Flax"));
  CHECK_THAT(refusal("model.tflite", ""), ContainsSubstring("LiteRT"));
  CHECK_THAT(refusal("x", std::string("\0\0\0\0ET12", 8)), ContainsSubstring("ExecuTorch"));
  CHECK_THAT(refusal("rank0.engine", "ptrt"), ContainsSubstring("TensorRT"));
  CHECK_THAT(refusal("model_state.pdparams", "\x80\x04"), ContainsSubstring("PaddlePaddle"));
  CHECK_THAT(refusal("a.npz", "PK\x03\x04"), ContainsSubstring("NumPy"));
  CHECK_THAT(refusal("model.mlmodel", "\x08"), ContainsSubstring("Core ML"));
  CHECK_THAT(refusal("tokenizer.json", "{}"), ContainsSubstring("a tokenizer, not a model"));
  for (const auto& [inside, what] : {std::pair<std::string, std::string>{"saved_model.pb", "TensorFlow"},
                                     {"_CHECKPOINT_METADATA", "Orbax"},
                                     {"__0_0.distcp", "distcp"}}) {
    const TestFolder other;
    std::ofstream(other / inside) << "x";
    const auto ran = run_words({other.path()});
    CHECK(ran.code == 1);
    CHECK_THAT(ran.err, ContainsSubstring(what));
  }
  // With a config next to them, the model is counted by that.
  const TestFolder both;
  std::ofstream(both / "flax_model.msgpack") << "\x82";
  std::ofstream(both / "config.json") << R"({"model_type": "gpt2"})";
  CHECK(run_words({both.path(), "--get", "params.total"}).out == "124439808\n");
}

}  // namespace
}  // namespace paramcount
