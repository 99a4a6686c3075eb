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
constexpr std::array<ForeignOption, 62> kForeign{{
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
    {"--json", "--format json"},
    {"--csv", "--format csv"},
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
  if (found == kForeign.end()) return {};
  const auto option = found->ours.substr(0, found->ours.find(' '));
  if (has_option(command, option)) return joined({" It is ", found->ours, " here."});
  for (const auto& other : commands()) {
    if (!has_option(describe(other), option)) continue;
    return joined({" It is ", found->ours, " of 'paramcount", other.name.empty() ? "" : " ", other.name, "'."});
  }
  return {};
}

}  // namespace paramcount
