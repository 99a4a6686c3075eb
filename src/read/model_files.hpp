// Finds the models below a folder by file name: config.json files and checkpoints. Their contents are not read here.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace paramcount {

struct ModelFile {
  enum class Kind : std::uint8_t { config, safetensors, gguf, pytorch, onnx, nemo, folder } kind{};
  std::string path;     ///< of the index where there is one, of the folder where shards have none, or of one of parts
  std::string problem;  ///< of a folder that cannot be read, or of what leads to no file: why
};

/// What a config is called, in the order in which one is looked for: Hugging Face's; Meta's and Mistral's own.
inline constexpr std::array<std::string_view, 2> kConfigNames{"config.json", "params.json"};

/// Sorted by path. Links are followed, and each folder is looked into once however many links lead to it. `seen` is
/// called for each folder. Throws Error when `folder` itself is none or cannot be read.
[[nodiscard]] std::vector<ModelFile> find_model_files(const std::string& folder,
                                                      const std::function<void(const std::string& path)>& seen);

/// What the model at a path is called: "llama-8b" for "models/llama-8b/config.json", the last name of any other path.
[[nodiscard]] std::string title_of(const std::string& path);

}  // namespace paramcount
