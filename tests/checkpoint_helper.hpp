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

}  // namespace paramcount
