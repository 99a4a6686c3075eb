// How long the hot paths take, next to a general JSON parser on the same text.
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>

#include "catalog/json.hpp"
#include "catch.hpp"
#if __has_include(<catch2/benchmark/catch_benchmark.hpp>)
#include <catch2/benchmark/catch_benchmark.hpp>
#endif
#include "cli/batch_lines.hpp"
#include "count/expression.hpp"
#include "gguf_writer.hpp"
#include "paramcount/catalog/catalog.hpp"
#include "paramcount/count/expand.hpp"
#include "paramcount/count/params.hpp"
#include "paramcount/read/checkpoint.hpp"

namespace paramcount {
namespace {

std::string first_config() {
  std::ifstream in(PARAMCOUNT_SOURCE_DIR "/tests/truth/configs.jsonl");
  for (std::string line; std::getline(in, line);) {
    const auto model = nlohmann::json::parse(line);
    if (model["kind"] == "llm" && model["config"].value("model_type", "") == "llama") return model["config"].dump();
  }
  return {};
}

TEST_CASE("expressions") {
  const std::string text = "$layer_types ?? (is_moe ? d_ff_expert * (n_experts + 1) : $intermediate_size // 2)";
  BENCHMARK("parse an expression") { return parse_expression(text); };
}

TEST_CASE("models of the catalog") {
  const Catalog catalog;
  for (const auto* id : {"llama-3.1-405b", "deepseek-v3"}) {
    const Model model = catalog.model(id);
    BENCHMARK("expand " + std::string(id) + ", its family new") {
      Expander expander(catalog.families());
      return expander.expand(model);
    };
    Expander expander(catalog.families());
    BENCHMARK("expand " + std::string(id) + ", its family known") { return count_params(expander.expand(model)); };
  }
}

TEST_CASE("one config") {
  const std::string text = first_config();
  REQUIRE_FALSE(text.empty());
  BENCHMARK("nlohmann::json::parse") { return nlohmann::json::parse(text); };
  BENCHMARK("parse_json") { return parse_json(text); };
  const Scenario scenario;
  LineAnswerer answerer({}, scenario);
  BENCHMARK("a line of batch, its config known") {
    std::string out;
    answerer.answer_line(text, 1, out);
    return out;
  };
  int vocabulary = 0;
  BENCHMARK("a line of batch, its config new") {
    std::string out;
    answerer.answer_line(text.substr(0, text.size() - 1) + ",\"_\":" + std::to_string(++vocabulary) + "}", 1, out);
    return out;
  };
}

/// A checkpoint of that many tensors, all header.
std::filesystem::path write_safetensors(std::uint64_t tensors) {
  std::string header = "{";
  for (std::uint64_t i = 0; i < tensors; ++i) {
    header += (i == 0 ? "\"" : ",\"") + std::string("model.layers.") + std::to_string(i) +
              ".mlp.up_proj.weight\":{\"dtype\":\"BF16\",\"shape\":[1,1],\"data_offsets\":[" + std::to_string(2 * i) +
              "," + std::to_string(2 * i + 2) + "]}";
  }
  header += "}";
  auto path = std::filesystem::temp_directory_path() / ("paramcount_bench_" + std::to_string(tensors) + ".safetensors");
  std::ofstream out(path, std::ios::binary);
  for (std::uint64_t size = header.size(), i = 0; i < 8; ++i) out.put(static_cast<char>((size >> (8 * i)) & 0xFFU));
  out << header << std::string(2 * tensors, '\0');
  return path;
}

TEST_CASE("checkpoints") {
  for (const std::uint64_t tensors : {std::uint64_t{100}, std::uint64_t{10'000}, std::uint64_t{100'000}}) {
    const auto path = write_safetensors(tensors);
    BENCHMARK("read a header of " + std::to_string(tensors) + " tensors") { return read_safetensors(path.string()); };
    std::filesystem::remove(path);
  }
}

TEST_CASE("vocabularies") {
  GgufWriter file;
  file.text("general.architecture", "llama");
  file.texts("tokenizer.ggml.tokens", std::vector<std::string>(150'000, "a token"));
  file.i32s("tokenizer.ggml.token_type", std::vector<std::int32_t>(150'000, 1));
  file.texts("tokenizer.ggml.merges", std::vector<std::string>(150'000, "a merge"));
  file.tensor("output_norm.weight", {256}, 0, 1024);
  const auto path = std::filesystem::temp_directory_path() / "paramcount_bench.gguf";
  file.write(path.string());
  BENCHMARK("read the bytes of a GGUF") {
    std::ifstream in(path, std::ios::binary);
    std::string bytes(file.header().size(), '\0');
    in.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    return bytes;
  };
  BENCHMARK("read a GGUF with a vocabulary of 150,000 tokens") { return read_gguf(path.string()); };
  std::filesystem::remove(path);
}

}  // namespace
}  // namespace paramcount
