#include "checkpoint_helper.hpp"

#include <filesystem>
#include <fstream>
#include <map>

namespace paramcount {
namespace {

std::uint64_t bytes_of(const NewTensor& tensor) {
  static const std::map<std::string, std::uint64_t> kBits{
      {"BF16", 16}, {"F16", 16}, {"F32", 32}, {"F8_E4M3", 8}, {"F8_E8M0", 8}, {"F4", 4},   {"U8", 8},     {"I8", 8},
      {"I16", 16},  {"I32", 32}, {"I64", 64}, {"BOOL", 8},    {"U32", 32},    {"C64", 64}, {"F6_E2M3", 6}};
  std::uint64_t bits = kBits.at(tensor.dtype);
  for (const auto size : tensor.shape) bits *= size;
  return bits / 8;
}

}  // namespace

std::string header_of(const std::vector<NewTensor>& tensors) {
  std::string text = R"({"__metadata__":{"format":"pt"})";
  std::uint64_t at = 0;
  for (const auto& tensor : tensors) {
    text += ",\"" + tensor.name + R"(":{"dtype":")" + tensor.dtype + R"(","shape":[)";
    for (std::size_t i = 0; i < tensor.shape.size(); ++i) text += (i > 0 ? "," : "") + std::to_string(tensor.shape[i]);
    const auto end = at + bytes_of(tensor);
    text += "],\"data_offsets\":[" + std::to_string(at) + "," + std::to_string(end) + "]}";
    at = end;
  }
  text += "}";
  text.append((8 - text.size() % 8) % 8, ' ');
  return text;
}

std::uint64_t data_bytes_of(const std::vector<NewTensor>& tensors) {
  std::uint64_t bytes = 0;
  for (const auto& tensor : tensors) bytes += bytes_of(tensor);
  return bytes;
}

std::string file_of(const std::string& header, std::uint64_t data_bytes) {
  std::string bytes;
  for (unsigned shift = 0; shift < 64; shift += 8) bytes += static_cast<char>(header.size() >> shift);
  return bytes + header + std::string(data_bytes, '\0');
}

void write_bytes(const std::string& path, const std::string& bytes) {
  // A new file: some file systems flush one that is overwritten.
  std::filesystem::remove(path);
  std::ofstream(path, std::ios::binary) << bytes;
}

void write_checkpoint(const std::string& path, const std::vector<NewTensor>& tensors) {
  const std::string bytes = file_of(header_of(tensors), 0);
  write_bytes(path, bytes);
  std::filesystem::resize_file(path, bytes.size() + data_bytes_of(tensors));
}

std::vector<NewTensor> two_layers(std::uint64_t kv) {
  std::vector<NewTensor> tensors{{"model.embed_tokens.weight", "BF16", {16, 4}},
                                 {"model.norm.weight", "BF16", {4}},
                                 {"lm_head.weight", "BF16", {16, 4}}};
  for (const std::string layer : {"model.layers.0.", "model.layers.1."}) {
    const std::vector<NewTensor> of_layer{
        {"input_layernorm", "BF16", {4}},      {"post_attention_layernorm", "BF16", {4}},
        {"self_attn.q_proj", "BF16", {4, 4}},  {"self_attn.k_proj", "BF16", {kv, 4}},
        {"self_attn.v_proj", "BF16", {kv, 4}}, {"self_attn.o_proj", "BF16", {4, 4}},
        {"mlp.gate_proj", "BF16", {8, 4}},     {"mlp.up_proj", "BF16", {8, 4}},
        {"mlp.down_proj", "BF16", {4, 8}}};
    for (const auto& tensor : of_layer) tensors.push_back({layer + tensor.name + ".weight", "BF16", tensor.shape});
  }
  return tensors;
}

std::vector<NewTensor> tiny(const TestFolder& folder) {
  write_bytes(folder / "config.json",
              R"({"model_type": "llama", "hidden_size": 4, "num_hidden_layers": 2, "num_attention_heads": 2,
                  "num_key_value_heads": 1, "intermediate_size": 8, "vocab_size": 16, "tie_word_embeddings": false})");
  return two_layers(2);
}

}  // namespace paramcount
