// GGUF files for tests, put together byte by byte from the format's description, without any code of the reader. The
// weights are a hole in the file.
#pragma once

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

#include "test_folder.hpp"

namespace paramcount {

class GgufWriter {
 public:
  explicit GgufWriter(std::uint32_t version = 3, bool big_endian = false) : version_(version), big_(big_endian) {}

  void u8(std::string_view key, std::uint8_t value) { pair(key, 0) += static_cast<char>(value); }
  void u16(std::string_view key, std::uint16_t value) { number(pair(key, 2), value); }
  void u32(std::string_view key, std::uint32_t value) { number(pair(key, 4), value); }
  void i32(std::string_view key, std::int32_t value) { number(pair(key, 5), static_cast<std::uint32_t>(value)); }
  void f32(std::string_view key, float value) { number(pair(key, 6), __builtin_bit_cast(std::uint32_t, value)); }
  void boolean(std::string_view key, std::uint8_t value) { pair(key, 7) += static_cast<char>(value); }
  void text(std::string_view key, std::string_view value) { sized(pair(key, 8), value); }
  void u64(std::string_view key, std::uint64_t value) { number(pair(key, 10), value); }
  void i64(std::string_view key, std::int64_t value) { number(pair(key, 11), static_cast<std::uint64_t>(value)); }
  void f64(std::string_view key, double value) { number(pair(key, 12), __builtin_bit_cast(std::uint64_t, value)); }
  void texts(std::string_view key, const std::vector<std::string>& values) {
    auto& out = array(key, 8, values.size());
    for (const auto& value : values) sized(out, value);
  }
  void i32s(std::string_view key, const std::vector<std::int32_t>& values) {
    auto& out = array(key, 5, values.size());
    for (const auto value : values) number(out, static_cast<std::uint32_t>(value));
  }
  void booleans(std::string_view key, const std::vector<bool>& values) {
    auto& out = array(key, 7, values.size());
    for (const bool value : values) out += static_cast<char>(value ? 1 : 0);
  }
  /// Bytes of a pair as they are.
  void raw_pair(std::string_view key, std::uint32_t type, std::string_view bytes) { pair(key, type) += bytes; }

  /// `sizes` as the file has them, the row first; `bytes` is what the tensor takes of the data.
  void tensor(std::string_view name, const std::vector<std::uint64_t>& sizes, std::uint32_t type, std::uint64_t bytes) {
    tensor_at(name, sizes, type, data_);
    data_ = (data_ + bytes + 31) / 32 * 32;
  }
  void tensor_at(std::string_view name, const std::vector<std::uint64_t>& sizes, std::uint32_t type,
                 std::uint64_t offset) {
    sized(infos_, name);
    number(infos_, static_cast<std::uint32_t>(sizes.size()));
    for (const auto size : sizes) number(infos_, size);
    number(infos_, type);
    number(infos_, offset);
    ++tensors_;
  }

  [[nodiscard]] std::string header() const {
    std::string bytes = "GGUF";
    number(bytes, version_);
    number(bytes, tensors_);
    number(bytes, pair_count_);
    return bytes + pairs_ + infos_;
  }
  /// Header, padding and a hole of the size of the data.
  void write(const std::string& path) const {
    const std::string bytes = header();
    std::ofstream(path, std::ios::binary) << bytes;
    if (tensors_ > 0) std::filesystem::resize_file(path, (bytes.size() + 31) / 32 * 32 + data_);
  }

  template <class T>
  void number(std::string& out, T value) const {
    for (std::size_t i = 0; i < sizeof(T); ++i) {
      out += static_cast<char>(value >> (8 * (big_ ? sizeof(T) - 1 - i : i)) & 0xFFU);
    }
  }
  void sized(std::string& out, std::string_view value) const {
    number(out, static_cast<std::uint64_t>(value.size()));
    out += value;
  }

 private:
  std::string& pair(std::string_view key, std::uint32_t type) {
    ++pair_count_;
    sized(pairs_, key);
    number(pairs_, type);
    return pairs_;
  }
  std::string& array(std::string_view key, std::uint32_t type, std::uint64_t length) {
    auto& out = pair(key, 9);
    number(out, type);
    number(out, length);
    return out;
  }

  std::uint32_t version_;
  bool big_;
  std::string pairs_, infos_;
  std::uint64_t pair_count_{0}, tensors_{0}, data_{0};
};

/// A whole model of one layer, 284 parameters.
inline GgufWriter tiny_llama() {
  GgufWriter file;
  file.text("general.architecture", "llama");
  file.text("general.name", "tiny");
  file.u32("general.file_type", 0);
  file.u32("llama.block_count", 1);
  file.u32("llama.context_length", 16);
  file.u32("llama.embedding_length", 4);
  file.u32("llama.feed_forward_length", 8);
  file.u32("llama.attention.head_count", 2);
  file.u32("llama.attention.head_count_kv", 1);
  file.u32("llama.vocab_size", 16);
  file.texts("tokenizer.ggml.tokens", {"<s>", "</s>", "a"});
  const auto matrix = [&](const char* name, std::uint64_t rows, std::uint64_t columns) {
    file.tensor(name, {columns, rows}, 0, rows * columns * 4);
  };
  matrix("token_embd.weight", 16, 4);
  file.tensor("output_norm.weight", {4}, 0, 16);
  matrix("output.weight", 16, 4);
  file.tensor("blk.0.attn_norm.weight", {4}, 0, 16);
  file.tensor("blk.0.ffn_norm.weight", {4}, 0, 16);
  matrix("blk.0.attn_q.weight", 4, 4);
  matrix("blk.0.attn_k.weight", 2, 4);
  matrix("blk.0.attn_v.weight", 2, 4);
  matrix("blk.0.attn_output.weight", 4, 4);
  matrix("blk.0.ffn_gate.weight", 8, 4);
  matrix("blk.0.ffn_up.weight", 8, 4);
  matrix("blk.0.ffn_down.weight", 4, 8);
  return file;
}

}  // namespace paramcount
