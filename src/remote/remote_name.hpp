// Parses the names of remote models. Makes no requests.
#pragma once

#include <string>
#include <string_view>

namespace paramcount {

/// Whether a name says by itself that the network is meant: "hf:org/name", "hf.co/org/name", "https://...",
/// "ms:org/name", "ollama:name". Other schemes ("s3://") count too: reading them is refused by name.
[[nodiscard]] bool is_remote(std::string_view name);

struct RemoteName {
  enum class Kind {
    hub,         ///< Hugging Face, or what $HF_ENDPOINT names
    modelscope,  ///< ModelScope, or what $MS_ENDPOINT names
    ollama,      ///< a registry of Ollama
    url,         ///< one file at an address
  };
  Kind kind{Kind::hub};
  std::string endpoint;  ///< "https://huggingface.co"; of a url empty
  std::string repo;      ///< "org/name"; of Ollama "library/llama3.1"
  std::string revision;  ///< commit, branch or tag; of Ollama the tag; empty: the usual one
  std::string path;      ///< of a file or a folder in it; may be empty
  std::string tag;       ///< "Q4_K_M": which of its GGUF files; may be empty
  std::string url;       ///< of a url: as it is asked for
};

/// Throws Error "<name>: what" when it is none that can be read.
[[nodiscard]] RemoteName parse_remote_name(std::string_view name);

}  // namespace paramcount
