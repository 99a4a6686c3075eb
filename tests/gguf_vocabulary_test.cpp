// Vocabularies in GGUFs: stepped over, and read as others read them.
#include <algorithm>
#include <array>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <limits>
#include <random>

#include "base/budgets.hpp"
#include "base/file.hpp"
#include "catch.hpp"
#include "fuzz/targets.hpp"
#include "gguf_writer.hpp"
#include "paramcount/base/error.hpp"
#include "paramcount/catalog/catalog.hpp"
#include "paramcount/read/checkpoint.hpp"
#include "process.hpp"
#include "read/byte_reader.hpp"
#include "read/ggml_type.hpp"
#include "tests/paths.hpp"

namespace paramcount {
namespace {

TEST_CASE("a vocabulary of 150,000 tokens is stepped over, not kept") {
  const TestFolder folder;
  constexpr std::size_t kTokens = 150'000;
  std::vector<std::string> tokens;
  std::vector<std::string> merges;
  for (std::size_t i = 0; i < kTokens; ++i) {
    tokens.push_back("token" + std::to_string(i * 7919 % kTokens));
    merges.push_back("tok en" + std::to_string(i));
  }
  GgufWriter file = tiny_llama();
  file.texts("tokenizer.tokens", tokens);
  file.i32s("tokenizer.token_type", std::vector<std::int32_t>(kTokens, 1));
  file.texts("tokenizer.merges", merges);
  const std::string path = folder / "vocabulary.gguf";
  file.write(path);
  // Kept, these 300,000 strings would not fit.
  const Finished run = run_shell(within_kib(program_kib() + 9000) + "paramcount metadata " + path);
  CHECK(run.code == 0);
  CHECK_THAT(run.out, ContainsSubstring("[string × 150000]"));
}

TEST_CASE("the real vocabulary files of llama.cpp are read as others read them") {
  // Counted with Python's struct module and with npm's @huggingface/gguf 0.4.6, which agree.
  struct Truth {
    const char *file, *architecture, *tokenizer;
    int pairs;
    std::int64_t tokens, merges;
  };
  constexpr std::array<Truth, 3> kTruths{{{"gpt-2", "gpt2", "gpt2", 16, 50257, 50000},
                                          {"llama-spm", "llama", "llama", 22, 32000, 0},
                                          {"phi-3", "phi3", "llama", 26, 32064, 0}}};
  const std::string folder = std::string(PARAMCOUNT_SOURCE_DIR) + "/../shared/truth/gguf/";
  if (!std::filesystem::exists(folder)) {
    std::cerr << "SKIPPED: " << folder << " is not there, so no real GGUF file was read\n";
    return;
  }
  for (const auto& truth : kTruths) {
    INFO(truth.file);
    const Checkpoint checkpoint = read_gguf(folder + "ggml-vocab-" + truth.file + ".gguf");
    const auto& m = checkpoint.metadata;
    CHECK(m.as<Value::Object>()->size() == static_cast<std::size_t>(truth.pairs));
    CHECK(*m.find("general.architecture") == Value(truth.architecture));
    CHECK(*m.find("tokenizer.ggml.model") == Value(truth.tokenizer));
    CHECK(*m.find("tokenizer.ggml.tokens")->find("length") == Value(truth.tokens));
    const auto* merges = m.find("tokenizer.ggml.merges");
    CHECK((merges != nullptr ? *merges->find("length") : Value(0)) == Value(truth.merges));
    CHECK(checkpoint.tensors.empty());
    CHECK(checkpoint.header_bytes == checkpoint.file_bytes);
  }
}

}  // namespace
}  // namespace paramcount
