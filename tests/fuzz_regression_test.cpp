// Inputs that once broke something, replayed: files of tests/fuzz/crashes, named for their target: config-* and so on.
#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "catch.hpp"
#include "fuzz/commands.hpp"
#include "fuzz/name_targets.hpp"
#include "fuzz/targets.hpp"
#include "fuzz/torch_targets.hpp"
#include "tests/paths.hpp"

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
    if (name.starts_with("pickle-")) CHECK_NOTHROW(fuzz_pickle(bytes));
    if (name.starts_with("torch-")) CHECK_NOTHROW(fuzz_torch(bytes));
    if (name.starts_with("zip-")) CHECK_NOTHROW(fuzz_zip(bytes));
    if (name.starts_with("command-")) CHECK_NOTHROW(fuzz_command(bytes));
    if (name.starts_with("catalog-")) CHECK_NOTHROW(fuzz_catalog(bytes));
    if (name.starts_with("option-")) CHECK_NOTHROW(fuzz_options(bytes));
    if (name.starts_with("name-")) CHECK_NOTHROW(fuzz_name(bytes));
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

/// What fuzzing does, without its search: bytes are turned, cut out, doubled and moved, and numbers become extreme
/// ones.
class Mutator {
 public:
  explicit Mutator(std::uint32_t seed) : random_(seed) {}

  std::string mutated(std::string bytes) {
    for (auto times = 1 + below(4); times > 0 && !bytes.empty(); --times) {
      const auto at = below(bytes.size());
      const auto length = 1 + below(std::min<std::size_t>(bytes.size() - at, 16));
      switch (below(6)) {
        case 0:
          bytes[at] = static_cast<char>(below(256));
          break;
        case 1:
          bytes.erase(at, length);
          break;
        case 2:
          bytes.insert(at, bytes.substr(below(bytes.size()), length));
          break;
        case 3:
          bytes.insert(at, kTexts[below(kTexts.size())]);
          break;
        case 4:
          number(bytes, at);
          break;
        default:
          bytes.resize(at);
      }
    }
    return bytes;
  }

 private:
  static constexpr std::array<std::string_view, 12> kTexts{
      "\x1b[2J", "\xE2\x80\xAE",     "\xFF", "{",       "[[[[",  "\"", "null",
      "-1",      "9007199254740993", "1e30", "\\u0000", "\n%%\n"};

  std::size_t below(std::size_t bound) { return random_() % bound; }

  void number(std::string& bytes, std::size_t at) {
    const auto digit = bytes.find_first_of("0123456789", at);
    if (digit == std::string::npos) return;
    const auto end = std::min(bytes.find_first_not_of("0123456789", digit), bytes.size());
    constexpr std::array<std::string_view, 6> kNumbers{"0", "1", "-5", "4294967296", "18446744073709551615", "99999"};
    bytes.replace(digit, end - digit, kNumbers[below(kNumbers.size())]);
  }

  std::mt19937 random_;
};

/// Files of each kind, as tests/fuzz/commands.hpp describes them.
std::vector<std::string> small_inputs() {
  const auto read = [](const std::string& path) {
    std::ifstream in(std::string(PARAMCOUNT_SOURCE_DIR) + "/tests/golden/files/" + path, std::ios::binary);
    return std::string(std::istreambuf_iterator<char>(in), {});
  };
  const std::string part(kPart);
  const std::string tiny = R"({"a.weight": {"dtype": "F32", "shape": [2, 3], "data_offsets": [0, 24]}})";
  const std::string lora =
      R"({"peft_type": "LORA", "base_model_name_or_path": "gpt2", "r": 8, "target_modules": ["c_attn"]})";
  const std::string bert = R"({"model_type": "bert", "num_hidden_layers": 2})";
  return {
      std::string(1, '\0') + "##" + read("config.json"),
      std::string("\1##") + tiny,
      std::string("\2#\x41") + read("tiny.gguf"),
      std::string("\3##") + R"({"weight_map": {"a.weight": "model-00001-of-00002.safetensors"}})" + part + tiny,
      std::string("\4##") + read("config.json") + part + tiny,
      std::string("\5##") + lora + part + tiny,
      std::string("\6##") + R"([{"path": "", "type": "sentence_transformers.models.Transformer"}])" + part + bert,
      std::string("\7##") + R"({"dim": 64, "n_layers": 2, "n_heads": 4, "vocab_size": 100, "norm_eps": 1e-5})",
      std::string("\x08##") + R"({"_class_name": "P", "unet": ["diffusers", "UNet2DConditionModel"]})" + part + bert,
      std::string("\x0A##") + read("checkpoints/tiny-mlx.safetensors"),
      std::string("\x0B#\x41") + bert + part + read("tiny.gguf"),
      std::string("\x0C##") + lora,
      std::string("\x0F##") + tiny + part + tiny,
      std::string("\x10##") + R"({"id": "x", "config": {"model_type": "gpt2"}})"};
}

TEST_CASE("whole commands take damaged files, catalogs and options") {
  // PARAMCOUNT_ROUNDS=100000 runs for an hour, otherwise every time.
  const char* const asked = std::getenv("PARAMCOUNT_ROUNDS");
  const int rounds = asked != nullptr ? std::atoi(asked) : 60;
  Mutator mutator(asked != nullptr ? std::random_device()() : 1);
  const std::string family =
      R"({"family": "fuzz", "source": "x", "keys": {"n": 3}, "dims": {"n": "$n"}, "indices": {"layer": "n"},
                                "tensors": [["ffn", "w.{layer}", ["n", "n"]]]})";
  const std::string line = "train\ngpt-2\n--tokens\n1T\n--device\nh100-sxm\n--format\njson" + std::string(kPart) +
                           "dtype = \"bf16\"\n" + std::string(kPart) + "CONTEXT=8k";
  for (int round = 0; round < rounds; ++round) {
    for (auto input : small_inputs()) {
      input[1] = static_cast<char>(round % 28);
      input[2] = static_cast<char>((static_cast<unsigned char>(input[2]) & 0x40U) | static_cast<unsigned>(round % 64));
      fuzz_command(round == 0 ? input : mutator.mutated(input));
    }
    fuzz_catalog(mutator.mutated({static_cast<char>(0), static_cast<char>(round % 15), static_cast<char>(round)}) +
                 family);
    fuzz_catalog(std::string({'\0', static_cast<char>(round % 15), static_cast<char>(round)}) +
                 mutator.mutated(family));
    fuzz_options(round == 0 ? line : mutator.mutated(line));
  }
}

}  // namespace
}  // namespace paramcount
