// Writes headers in the shape of the truth's listings, a file each, as safetensors_fuzz reads them: the bytes of data,
// then the header. Usage: safetensors_seeds CONFIGS.jsonl FOLDER
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>

#include "checkpoint_helper.hpp"

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  std::filesystem::create_directories(argv[2]);
  std::ifstream in(argv[1]);
  int count = 0;
  for (std::string line; std::getline(in, line);) {
    const auto row = nlohmann::json::parse(line);
    if (!row.contains("tensors")) continue;
    std::vector<paramcount::NewTensor> tensors;
    for (const auto& tensor : row["tensors"]) {
      std::string name = tensor[0];
      for (auto& c : name) {
        if (c == '*') c = '0';
      }
      tensors.push_back({name, "BF16", tensor[1]});
    }
    const auto data = paramcount::data_bytes_of(tensors);
    std::ofstream out(std::string(argv[2]) + "/" + std::to_string(++count), std::ios::binary);
    for (unsigned shift = 0; shift < 64; shift += 8) out.put(static_cast<char>(data >> shift));
    out << paramcount::header_of(tensors);
  }
  return count > 0 ? 0 : 1;
}
