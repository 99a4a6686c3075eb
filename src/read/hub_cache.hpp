// The Hub's cache on disk: models--org--name/{refs/main, snapshots/<commit>/..., blobs/<hash>}.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace paramcount {

/// "models--Qwen--Qwen3-8B" of Qwen/Qwen3-8B, and back; back is empty for any other name.
[[nodiscard]] std::string hub_folder(std::string_view repository);
[[nodiscard]] std::string repository_of(std::string_view folder);

/// Whether a text can be an organisation's and a repository's name, "org/name", and so leads nowhere else.
[[nodiscard]] bool is_repository(std::string_view text);

/// Whether the folder is one of those, whatever it is called.
[[nodiscard]] bool is_hub_folder(const std::string& folder);

struct HubSnapshot {
  std::string folder;
  std::string commit;
};
/// The snapshot that refs/main names; without that file the only one there is. Throws Error where the file is no commit
/// or there is no such snapshot: only 40 or 64 hexadecimal digits in it are followed.
[[nodiscard]] HubSnapshot hub_snapshot(const std::string& folder);

/// The models among the GGUF files of a folder and of the folders in it, by their paths from it, sorted. Of a split
/// file the first part; projectors, drafts and importance matrices are none.
[[nodiscard]] std::vector<std::string> gguf_models(const std::string& folder);

/// What of a GGUF file's name says its quant: "Q8_0" of "model-Q8_0-00001-of-00002.gguf"; empty where nothing does.
[[nodiscard]] std::string quant_of(std::string_view file);

/// The GGUF file in a folder that the quant names ("Q4_K_M", any letter case), or the one llama.cpp would take without:
/// Q4_K_M, Q8_0, the first. Empty: there are no GGUF files. Throws Error where there are some and none is of that
/// quant.
[[nodiscard]] std::string choose_gguf(const std::string& folder, std::string_view quant);

}  // namespace paramcount
