// paramcount help names: how a model is named.
#include <string>

#include "base/numbers.hpp"
#include "cli/topics.hpp"

namespace paramcount {

Topic names_topic(const Catalog& catalog) {
  Topic topic{"names", "Names of models, in the order in which they are tried", {}, {}};
  std::uint64_t ollama = 0;
  catalog.each_name(Catalog::Kind::name_rule, [&](std::string_view name, bool) {
    if (!name.starts_with('-') && !name.ends_with('/')) ++ollama;
  });
  topic.sections.push_back(
      {"Paths",
       {{"./folder, model.gguf, config.json", "what is there wins; a name without a slash is the catalog's first", ""},
        {"models--org--name", "a folder of the Hub's cache: the snapshot that its refs/main names", ""},
        {"Ollama's files", "a blob (sha256-...), a manifest, or the folder of models where it has one model", ""}}});
  topic.sections.push_back(
      {"The catalog",
       {{"llama-3.1-8b", "an id, or a name of the Hub: meta-llama/Llama-3.1-8B ('paramcount list' shows the ids)", ""},
        {"Llama 3.1 8B, llama-3-1-8b",
         "the same: letter case, spaces, '_', '-' and '.' do not count, but between digits", ""},
        {"Llama-3.1-8B-Instruct", "without its organisation, where one model is called so", ""},
        {"-Instruct, -it, -2507, -Base", "belong to a name: none is cut off to find one", ""}}});
  topic.sections.push_back(
      {"This machine, without network",
       {{"org/name, org/name:Q8_0",
         "of the caches of the Hub, llama.cpp, LM Studio and ModelScope; without a quant Q4_K_M, then Q8_0", ""},
        {"ollama:name:tag", "of Ollama's models", ""},
        {"HF_HUB_CACHE, HF_HOME, ...",
         "HUGGINGFACE_HUB_CACHE, LLAMA_CACHE, OLLAMA_MODELS, MODELSCOPE_CACHE and XDG_CACHE_HOME say where they are",
         ""},
        {"paramcount scan --caches", "lists what there is", ""}}});
  topic.sections.push_back(
      {"What a name says",
       {{"llama3, deepseek-r1:70b", "Ollama's library, " + grouped(ollama) + " names: without a tag its latest", ""},
        {"Qwen/Qwen3-8B-AWQ", "that model with --dtype awq; so -FP8, -GPTQ-Int4, -bnb-4bit, -NVFP4, -q4_k_m ...", ""},
        {"unsloth/Qwen3-8B-GGUF:Q5_K_M", "the same with --dtype q5_k_m; without a quant q4_k_m, as llama.cpp takes it",
         ""},
        {"llama, qwen", "the newest of the family, and of those of one day the largest", ""},
        {"ernie-4.5-300b", "the newest of the models of one shape whose ids begin so", ""}}});
  topic.notes.push_back("A page says what was read out of a name; --dtype wins over it.");
  return topic;
}

}  // namespace paramcount
