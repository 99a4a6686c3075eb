// Blocks of multi-token prediction in a GGUF (nextn_predict_layers): apart from the layers, and outside the main
// context's cache.
#include "count/gguf_mtp.hpp"
#include "catch.hpp"
#include "gguf_writer.hpp"
#include "process.hpp"

namespace paramcount {
namespace {

constexpr std::uint32_t kF32 = 0;
constexpr std::uint32_t kQ8 = 8;

bool has(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

std::string get(const std::string& path, const std::string& keys, std::vector<std::string> more = {}) {
  more.insert(more.begin(), {path, "--get", keys});
  const Finished ran = run_words(more);
  return ran.out + ran.err;
}

void put(GgufWriter& file, const std::string& name, const std::vector<std::uint64_t>& sizes, std::uint32_t type) {
  std::uint64_t elements = 1;
  for (const auto size : sizes) elements *= size;
  file.tensor(name, sizes, type, type == kF32 ? elements * 4 : elements / 32 * 34);
}

/// Qwen3.6-35B-A3B as llama.cpp has it, 40 layers of which every fourth has attention, with or without its MTP block.
GgufWriter qwen(bool declares_mtp, bool stores_mtp) {
  constexpr std::uint64_t kWidth = 2048;
  constexpr std::uint64_t kExperts = 256;
  constexpr std::uint64_t kInner = 512;
  GgufWriter file;
  const auto key = [&](const char* name, std::uint32_t value) { file.u32(std::string("qwen35moe.") + name, value); };
  file.text("general.architecture", "qwen35moe");
  key("block_count", declares_mtp ? 41 : 40);
  if (declares_mtp) key("nextn_predict_layers", 1);
  key("context_length", 262144);
  key("embedding_length", 2048);
  key("attention.head_count", 16);
  key("attention.head_count_kv", 2);
  key("attention.key_length", 256);
  key("attention.value_length", 256);
  key("expert_count", 256);
  key("expert_used_count", 8);
  key("expert_feed_forward_length", 512);
  key("expert_shared_feed_forward_length", 512);
  key("ssm.conv_kernel", 4);
  key("ssm.state_size", 128);
  key("ssm.group_count", 16);
  key("ssm.time_step_rank", 32);
  key("ssm.inner_size", 4096);
  key("full_attention_interval", 4);
  key("vocab_size", 248320);
  put(file, "token_embd.weight", {kWidth, 248320}, kQ8);
  put(file, "output_norm.weight", {kWidth}, kF32);
  put(file, "output.weight", {kWidth, 248320}, kQ8);
  for (int layer = 0; layer < (stores_mtp ? 41 : 40); ++layer) {
    const std::string block = "blk." + std::to_string(layer) + ".";
    const auto matrix = [&](const char* name, std::uint64_t row, std::uint64_t rows) {
      put(file, block + name, {row, rows}, kQ8);
    };
    const auto vector = [&](const char* name, std::uint64_t size) { put(file, block + name, {size}, kF32); };
    vector("attn_norm.weight", kWidth);
    vector("post_attention_norm.weight", kWidth);
    if (layer % 4 == 3 || layer == 40) {
      matrix("attn_q.weight", kWidth, 8192);
      matrix("attn_k.weight", kWidth, 512);
      matrix("attn_v.weight", kWidth, 512);
      matrix("attn_output.weight", 4096, kWidth);
      vector("attn_q_norm.weight", 256);
      vector("attn_k_norm.weight", 256);
    } else {
      matrix("attn_qkv.weight", kWidth, 8192);
      matrix("attn_gate.weight", kWidth, 4096);
      put(file, block + "ssm_conv1d.weight", {4, 8192}, kF32);
      vector("ssm_dt.bias", 32);
      vector("ssm_a", 32);
      matrix("ssm_beta.weight", kWidth, 32);
      matrix("ssm_alpha.weight", kWidth, 32);
      vector("ssm_norm.weight", 128);
      matrix("ssm_out.weight", 4096, kWidth);
    }
    put(file, block + "ffn_gate_inp.weight", {kWidth, kExperts}, kF32);
    put(file, block + "ffn_gate_exps.weight", {kWidth, kInner, kExperts}, kQ8);
    put(file, block + "ffn_up_exps.weight", {kWidth, kInner, kExperts}, kQ8);
    put(file, block + "ffn_down_exps.weight", {kInner, kWidth, kExperts}, kQ8);
    vector("ffn_gate_inp_shexp.weight", kWidth);
    matrix("ffn_gate_shexp.weight", kWidth, kInner);
    matrix("ffn_up_shexp.weight", kWidth, kInner);
    matrix("ffn_down_shexp.weight", kInner, kWidth);
    if (layer < 40) continue;
    matrix("nextn.eh_proj.weight", 2 * kWidth, kWidth);
    vector("nextn.enorm.weight", kWidth);
    vector("nextn.hnorm.weight", kWidth);
    vector("nextn.shared_head_norm.weight", kWidth);
  }
  return file;
}

TEST_CASE("a GGUF's MTP block is not a layer, and llama.cpp's main context does not cache it") {
  const TestFolder folder;
  const std::string path = folder / "x.gguf";
  qwen(true, true).write(path);
  // The log in https://github.com/ggml-org/llama.cpp/pull/23269: "size = 1280.00 MiB (65536 cells, 10 layers)",
  // "RS buffer size = 188.44 MiB" of three states (n_rs_seq = 2): R 8.44 MiB, S 180 MiB.
  const std::string keys = "memory.kv_cache.full_bytes,memory.kv_cache.draft_bytes,memory.kv_cache.state_bytes";
  CHECK(get(path, keys, {"--context", "65536", "--runtime", "llama.cpp:draft=2"}) ==
        "1342177280\n134217728\n197591040\n");
  CHECK(get(path, keys, {"--context", "65536", "--runtime", "llama.cpp"}) == "1342177280\n134217728\n65863680\n");
  CHECK(get(path, keys, {"--context", "65536"}) == "1342177280\n134217728\n65863680\n");
  CHECK(get(path, "dims.n_layers,dims.n_mtp,params.total,params.mtp,checkpoint.unverified") ==
        "40\n1\n34660610688\n844640768\nfalse\n");
  const std::string page = run_words({path, "--notes"}).out;
  CHECK(has(page, "  40 layers + 1 MTP block · d_model 2048"));
  CHECK(has(page, "experts, 256 × 40"));
  CHECK(has(page, "MTP: the cache is that of the layers; llama.cpp gives an MTP block its own context"));
  CHECK_FALSE(has(page, " dense, "));
  CHECK(run_words({"verify", path}).code == 0);
}

TEST_CASE("the same file without its MTP block counts and caches the same") {
  const TestFolder folder;
  const std::string path = folder / "x.gguf";
  for (const bool declared : {false, true}) {
    qwen(declared, false).write(path);
    CHECK(get(path, "memory.kv_cache.full_bytes,dims.n_layers,params.total,params.mtp,checkpoint.unverified",
              {"--context", "65536", "--runtime", "llama.cpp"}) == "1342177280\n40\n34660610688\n0\nfalse\n");
    const std::string page = run_words({path}).out;
    CHECK(has(page, "  40 layers · "));
    CHECK_FALSE(has(page, "MTP"));
  }
}

TEST_CASE("an unknown architecture has MTP blocks too, and their cache by the shapes of MLA") {
  const TestFolder folder;
  const std::string path = folder / "x.gguf";
  GgufWriter file;
  file.text("general.architecture", "unheard-of");
  file.u32("unheard-of.block_count", 4);
  file.u32("unheard-of.nextn_predict_layers", 2);
  for (int layer = 0; layer < 4; ++layer) {
    const std::string block = "blk." + std::to_string(layer) + ".";
    put(file, block + "attn_kv_a_mqa.weight", {1024, 576}, kF32);
    put(file, block + "ffn_up.weight", {1024, 2048}, kF32);
    if (layer >= 2) put(file, block + "nextn.eh_proj.weight", {2048, 1024}, kF32);
  }
  file.write(path);
  CHECK(get(path, "dims.n_layers,dims.n_mtp,params.total,params.mtp") ==
        "2\n2\n" + std::to_string(2 * 1024 * (576 + 2048)) + "\n" + std::to_string(2 * 1024 * (576 + 2048 + 2048)) +
            "\n");
  CHECK(has(run_words({path}).out, "2 layers + 2 MTP blocks"));
}

TEST_CASE("impossible numbers of MTP blocks count as none") {
  const TestFolder folder;
  const std::string path = folder / "x.gguf";
  for (const std::uint32_t mtp : {1U, 2U, UINT32_MAX}) {
    GgufWriter file = tiny_llama();
    file.u32("llama.nextn_predict_layers", mtp);
    file.write(path);
    CHECK(get(path, "dims.n_layers,params.total,params.mtp") == "1\n284\n0\n");
  }
}

TEST_CASE("a module's cache is as wide as its own keys and values") {
  // Two heads: keys of 512 rows are 256 each, values of 256 are 128.
  const auto matrix = [](const char* name, std::uint64_t rows) {
    Tensor tensor;
    tensor.name = TensorName(name);
    tensor.shape = {rows, 1024};
    tensor.mtp = true;
    tensor.copies = 1;
    return tensor;
  };
  const auto state = mtp_state({matrix("blk.9.attn_k.weight", 512), matrix("blk.9.attn_v.weight", 256)}, 2);
  REQUIRE(state.size() == 1);
  CHECK(state.front().shape == std::vector<std::uint64_t>{2, 256, 128});
}

}  // namespace
}  // namespace paramcount
