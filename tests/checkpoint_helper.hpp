// Safetensors files made for tests: the header as the format's own writer puts it, the data a hole in the file.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "test_folder.hpp"

namespace paramcount {

struct NewTensor {
  std::string name;
  std::string dtype;
  std::vector<std::uint64_t> shape;
};

/// The header's JSON, tensors one after the other in the data.
[[nodiscard]] std::string header_of(const std::vector<NewTensor>& tensors);
[[nodiscard]] std::uint64_t data_bytes_of(const std::vector<NewTensor>& tensors);

/// A whole small file: length, header, zeros.
[[nodiscard]] std::string file_of(const std::string& header, std::uint64_t data_bytes);

/// Writes header and a hole.
void write_checkpoint(const std::string& path, const std::vector<NewTensor>& tensors);
void write_bytes(const std::string& path, const std::string& bytes);

/// The tensors of two layers of Llama that is `kv` wide where it keeps keys and values.
[[nodiscard]] std::vector<NewTensor> two_layers(std::uint64_t kv);
/// Those of 436 parameters; writes the config next to them.
[[nodiscard]] std::vector<NewTensor> tiny(const TestFolder& folder);

}  // namespace paramcount
