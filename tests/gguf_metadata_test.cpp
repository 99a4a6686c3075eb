// Keys that a GGUF's metadata lacks: nothing, not the default of the library's class.
#include "catch.hpp"
#include "gguf_writer.hpp"
#include "process.hpp"

namespace paramcount {
namespace {

bool has(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

/// The tensors of tiny_llama(), with those keys of its metadata alone.
GgufWriter llama_with(const std::vector<std::pair<std::string, std::uint32_t>>& keys) {
  GgufWriter file;
  file.text("general.architecture", "llama");
  for (const auto& [key, value] : keys) file.u32("llama." + key, value);
  const auto matrix = [&](const char* name, std::uint64_t rows, std::uint64_t columns) {
    file.tensor(name, {columns, rows}, 0, rows * columns * 4);
  };
  matrix("token_embd.weight", 16, 4);
  file.tensor("output_norm.weight", {4}, 0, 16);
  for (const char* block : {"blk.0.", "blk.1."}) {
    const auto in = [&](const char* name) { return std::string(block) + name; };
    file.tensor(in("attn_norm.weight"), {4}, 0, 16);
    file.tensor(in("ffn_norm.weight"), {4}, 0, 16);
    for (const char* name : {"attn_q.weight", "attn_k.weight", "attn_v.weight", "attn_output.weight"}) {
      matrix(in(name).c_str(), 4, 4);
    }
    matrix(in("ffn_gate.weight").c_str(), 8, 4);
    matrix(in("ffn_up.weight").c_str(), 8, 4);
    matrix(in("ffn_down.weight").c_str(), 4, 8);
  }
  return file;
}

TEST_CASE("a key that a GGUF lacks is a dash on the page and absent in JSON") {
  const TestFolder folder;
  const std::string path = folder / "x.gguf";
  llama_with({{"block_count", 2}, {"attention.head_count", 2}}).write(path);
  const std::string page = run_words({path}).out;
  CHECK(has(page, " context –"));
  CHECK(has(page, "vocabulary 16"));  // by the table's shape
  CHECK(has(page, "2 layers · d_model 4 · 2 heads × 2 · d_ff 8"));
  CHECK(has(page, "  not in the file: max_positions"));
  CHECK_FALSE(has(page, "2048"));  // LlamaConfig's
  const std::string json = run_words({path, "--format", "json"}).out;
  CHECK_FALSE(has(json, "max_positions\":"));
  CHECK(has(json, "\"vocab_size\": 16"));
}

TEST_CASE("llama.cpp's own rules stand for what a GGUF may leave out") {
  const TestFolder folder;
  const std::string path = folder / "x.gguf";
  // As many KV heads as heads, as many blocks as the names count.
  llama_with({{"attention.head_count", 2}, {"context_length", 32}}).write(path);
  const Finished ran = run_words({path, "--get", "dims.n_layers,dims.n_kv_heads,dims.max_positions,params.total"});
  CHECK(ran.out == "2\n2\n32\n" + std::to_string(64 + 4 + 2 * (8 + 64 + 96)) + "\n");
  CHECK_FALSE(has(run_words({path}).out, "not in the file"));
}

}  // namespace
}  // namespace paramcount
