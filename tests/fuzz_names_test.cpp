// Names and addresses, damaged as fuzzing does it: tests/fuzz/name_fuzz.cpp searches on from here.
#include <cstdlib>
#include <random>
#include <string>
#include <vector>

#include "catch.hpp"
#include "fuzz/name_targets.hpp"

namespace paramcount {
namespace {

std::vector<std::string> names() {
  return {"llama-3.1-8b",
          "unsloth/Qwen3-30B-A3B-GGUF:Q4_K_M",
          "hf:org/name@refs/pr/1/a/b.gguf",
          "hf.co/org/name#main:Q8_0",
          "https://huggingface.co/org/name/resolve/main/a%20b.json?download=true",
          "https://example.org:8443/m-00001-of-00002.gguf?signature=1",
          "http://127.0.0.1:80/x.safetensors",
          "https://[::1]:1/x.index.json",
          "//example.org/x",
          "../../x?y#z",
          "ms:org/name",
          "ollama:host.org/space/name:tag",
          "2 x GeForce RTX 4090",
          "m4-max:64GB",
          "memory=48GiB,bandwidth=864GB/s",
          "GGUF\3" + std::string(19, '\0') + "tokenizer.ggml.tokens\x9" + std::string(3, '\0') + "\x8" +
              std::string(3, '\0') + std::string(8, '\xFF')};
}

TEST_CASE("names and addresses that are damaged end in an answer or an error", "[fuzz-names]") {
  constexpr std::string_view kBytes =
      "/:@#?%.-_*x ~\\\"\xFF\x1B"
      "09aAgGbBQ=";
  for (const auto& name : names()) fuzz_name(name);
  std::mt19937 random(7);  // NOLINT(cert-msc51-cpp): the same each time
  // PARAMCOUNT_ROUNDS=100000 runs for an hour, as that of fuzz_regression_test.cpp does.
  const char* const asked = std::getenv("PARAMCOUNT_ROUNDS");
  const int rounds = asked != nullptr ? std::atoi(asked) : 150;
  for (int round = 0; round < rounds; ++round) {
    for (auto name : names()) {
      for (auto times = 1 + random() % 4; times > 0 && !name.empty(); --times) {
        const std::size_t at = random() % name.size();
        const char byte = kBytes[random() % kBytes.size()];
        switch (random() % 5) {
          case 0:
            name[at] = byte;
            break;
          case 1:
            name.insert(at, 1 + random() % 3, byte);
            break;
          case 2:
            name.erase(at, 1 + random() % 8);
            break;
          case 3:
            name.insert(at, name.substr(random() % name.size(), 12));
            break;
          default:
            name.resize(at);
        }
      }
      INFO(name);
      CHECK_NOTHROW(fuzz_name(name));
    }
  }
}

}  // namespace
}  // namespace paramcount
