// paramcount help hub: models that are elsewhere.
#include "cli/topics.hpp"

namespace paramcount {

Topic remote_topic(const Catalog&) {
  return {
      "hub",
      "Models over the network",
      {{"Names",
        {{"hf:org/name", "a model of Hugging Face's Hub; also hf.co/org/name and https://huggingface.co/org/name", ""},
         {"hf:org/name@REV", "of that commit, branch or tag", ""},
         {"hf:org/name/FILE", "one file of it, or a folder", ""},
         {"hf:org/name:Q4_K_M", "its GGUF file of that name; without one Q4_K_M, then Q8_0, then the first", ""},
         {"https://.../x.gguf", "a GGUF, safetensors or config.json at any address", ""},
         {"ms:org/name", "a model of ModelScope", ""},
         {"ollama:name:tag", "a model of Ollama's registry", ""}}},
       {"Options and variables",
        {{"--offline", "ask nothing: what an earlier call has kept, or the Hub's own cache; as HF_HUB_OFFLINE=1 does",
          ""},
         {"--no-cache", "keep nothing on disk, and look for nothing kept", ""},
         {"batch --online", "a line may name such a model; without it none does", ""},
         {"HF_TOKEN", "for gated and private models; else the file that 'hf auth login' writes", ""},
         {"HF_ENDPOINT, MS_ENDPOINT, OLLAMA_REGISTRY", "a mirror to ask instead", ""},
         {"HF_HUB_DOWNLOAD_TIMEOUT", "seconds without data before a server is given up; 10", ""},
         {"HTTPS_PROXY, SSL_CERT_FILE ...", "as curl reads them", ""}}}},
      {"Only headers are read: a config, an index, the beginning of each weights file. Nothing is downloaded whole.",
       "The program curl does the asking; without it nothing is. By hand: 'wget --header Range:bytes=0-16777215 -S "
       "URL' "
       "brings the header of a weights file, 'truncate -s SIZE FILE' gives it the size that Content-Range ends in, "
       "'paramcount FILE' counts it.",
       "What was read is kept in $XDG_CACHE_HOME/paramcount/remote by its commit. It can be deleted at any time."}};
}

}  // namespace paramcount
