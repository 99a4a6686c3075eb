#include "cli/option_hints.hpp"

#include <algorithm>
#include <array>

#include "base/text.hpp"
#include "cli/command.hpp"

namespace paramcount {
namespace {

struct ForeignOption {
  std::string_view theirs;
  std::string_view ours;  ///< with a value where it takes one to mean the same
};

/// Of vLLM, SGLang, llama.cpp, Ollama, transformers and common speech.
constexpr std::array<ForeignOption, 64> kForeign{{
    {"--gpu", "--device"},
    {"--gpu-type", "--device"},
    {"--card", "--device"},
    {"--accelerator", "--device"},
    {"--hardware", "--device"},
    {"--gpus", "--devices"},
    {"--num-gpus", "--devices"},
    {"--n-gpus", "--devices"},
    {"--gpu-count", "--devices"},
    {"--vram", "--device memory=24GiB"},
    {"--gpu-memory", "--device memory=24GiB"},
    {"--memory", "--device memory=24GiB"},
    {"--gpu-memory-utilization", "--utilization"},
    {"--mem-fraction-static", "--utilization"},
    {"--host-memory", "--ram"},
    {"--ctx", "--context"},
    {"--ctx-size", "--context"},
    {"-c", "--context"},
    {"--n-ctx", "--context"},
    {"--num-ctx", "--context"},
    {"--context-length", "--context"},
    {"--context-size", "--context"},
    {"--context-window", "--context"},
    {"--seq-len", "--context"},
    {"--seqlen", "--context"},
    {"--seq-length", "--context"},
    {"--sequence-length", "--context"},
    {"--max-seq-len", "--context"},
    {"--max-seq-length", "--context"},
    {"--max-model-len", "--context"},
    {"--max-length", "--context"},
    {"--tokens-context", "--context"},
    {"--quant", "--dtype"},
    {"--quants", "--dtype"},
    {"--quantization", "--dtype"},
    {"--quantize", "--dtype"},
    {"-q", "--dtype"},
    {"--precision", "--dtype"},
    {"--torch-dtype", "--dtype"},
    {"--bits", "--dtype int4"},
    {"--qlora", "--lora 16 --dtype nf4"},
    {"--load-in-4bit", "--dtype nf4"},
    {"--load-in-8bit", "--dtype bnb-int8"},
    {"--kv-cache-dtype", "--kv-dtype"},
    {"--cache-type-k", "--kv-dtype"},
    {"--kv-quant", "--kv-dtype"},
    {"--users", "--batch"},
    {"--concurrency", "--batch"},
    {"--concurrent", "--batch"},
    {"--sequences", "--batch"},
    {"--parallel", "--batch"},
    {"--batch-size", "--batch"},
    {"-b", "--batch"},
    {"--max-num-seqs", "--batch"},
    {"--max-running-requests", "--batch"},
    {"--tensor-parallel-size", "--tp"},
    {"--tensor-parallel", "--tp"},
    {"--tp-size", "--tp"},
    {"--pipeline-parallel-size", "--pp"},
    {"--n-gpu-layers", "--ngl"},
    {"--gpu-layers", "--ngl"},
    {"-v", "--version"},
    {"--json", "--format json"},
    {"--csv", "--format csv"},
}};

struct ForeignCommand {
  std::string_view words;  ///< with a space after each
  std::string_view ours;
};

constexpr std::array<ForeignCommand, 12> kForeignCommands{{
    {"compare vs versus ", "To compare models, name several: paramcount MODEL MODEL"},
    {"count info show params parameters about inspect ", "To count a model, name it alone: paramcount MODEL"},
    {"memory vram ram gpu-memory size serve run ", "Memory to run a model: paramcount fit MODEL"},
    {"speed bench benchmark tokens tps throughput latency ", "How fast it is: paramcount fit MODEL --device D"},
    {"cost price money flops compute hours energy ", "What training takes: paramcount train MODEL"},
    {"quantize quantise quant quants dtype ", "Sizes in other number formats: paramcount MODEL --dtype q4_k_m,awq"},
    {"finetune fine-tune lora qlora ", "paramcount train MODEL --lora 16"},
    {"models search find catalog catalogue ", "paramcount list, and paramcount list WORD"},
    {"devices gpus gpu cards hardware ", "paramcount list devices"},
    {"cache caches local ", "Models on this machine: paramcount scan --caches"},
    {"download pull get ", "Nothing is downloaded; paramcount hf:org/name reads headers over the network"},
    {"version ", "paramcount --version"},
}};

bool has_option(const CommandText& command, std::string_view name) {
  return std::any_of(command.options.begin(), command.options.end(),
                     [&](const OptionText& option) { return option.name.view() == name; });
}

}  // namespace

std::string foreign_option_hint(std::string_view typed, const CommandText& command) {
  std::string name = lower(typed);
  std::replace(name.begin() + std::min<std::ptrdiff_t>(2, static_cast<std::ptrdiff_t>(name.size())), name.end(), '_',
               '-');
  const auto* const found =
      std::find_if(kForeign.begin(), kForeign.end(), [&](const ForeignOption& one) { return one.theirs == name; });
  if (found == kForeign.end()) {
    constexpr std::size_t kMostNamed = 3;
    std::string others;
    std::size_t count = 0;
    for (const auto& other : commands()) {
      if (!name.starts_with("--") || !has_option(describe(other), name)) continue;
      others += joined({others.empty() ? " It is one of 'paramcount" : ", 'paramcount", other.name.empty() ? "" : " ",
                        other.name, "'"});
      ++count;
    }
    // What nearly all have says nothing.
    return count == 0 || count > kMostNamed ? std::string() : others + ".";
  }
  const auto option = found->ours.substr(0, found->ours.find(' '));
  if (has_option(command, option)) return joined({" It is ", found->ours, " here."});
  for (const auto& other : commands()) {
    if (!has_option(describe(other), option)) continue;
    return joined({" It is ", found->ours, " of 'paramcount", other.name.empty() ? "" : " ", other.name, "'."});
  }
  return {};
}

std::string foreign_command_hint(std::string_view word) {
  const std::string name = lower(word) + " ";
  if (name.find(' ') + 1 != name.size()) return {};
  for (const auto& [words, ours] : kForeignCommands) {
    const auto at = words.find(name);
    if (at != std::string_view::npos && (at == 0 || words[at - 1] == ' ')) return std::string(ours);
  }
  return {};
}

}  // namespace paramcount
