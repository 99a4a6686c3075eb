// Training frameworks and their differences, one row each.
#include <array>

#include "base/numbers.hpp"
#include "base/spelling.hpp"
#include "base/text.hpp"
#include "paramcount/base/error.hpp"
#include "paramcount/estimate/training_layout.hpp"

namespace paramcount {
namespace {

using Saves = TrainingFramework::Saves;

constexpr double kDeepSpeedBucket = 2 * 5e8;  ///< reduce_bucket_size, elements of 16 bits

// What a row leaves out is as the struct says: PyTorch's own cross-entropy, one operation after the other.
// Spreads: they contain nine in ten rows of tests/truth/training_memory.jsonl.
constexpr std::array<TrainingFramework, 7> kFrameworks{{
    {.id = "none",
     .text = "no framework's workspaces",
     .optimizer = "adamw",
     .saves = Saves::fused,
     .adapter_optimizer = "adamw",
     .source = "PyTorch: cross_entropy(logits.float()) holds logits, their log-softmax and its gradient, 4 B each"},
    {.id = "megatron",
     .text = "Megatron-LM and what builds on it (NeMo, Megatron-Bridge), with TransformerEngine",
     .optimizer = "adamw-fp32-gradients",
     .zero = 1,
     .saves = Saves::fused,
     .plain_logit = 6,
     .split_logit = 6,
     .fused_logit = 4,
     .workspaces = true,
     .vocab_multiple = 128,
     .adapter_optimizer = "adamw-fp32-gradients",
     .spread = 0.03,
     .source = "NVIDIA/Megatron-LM: docs/user-guide/features/dist_optimizer.md, megatron/core/tensor_parallel/"
               "cross_entropy.py, megatron/core/transformer/moe/experts.py; MooreThreads/SimuMax, simumax/core"},
    {.id = "torchtitan",
     .text = "torchtitan, and FSDP2 as it uses it",
     .optimizer = "adamw-fp32",
     .zero = 3,
     .saves = Saves::fused,
     .split_logit = 18,
     .selective_ops = true,
     .gathers_inputs = true,
     .adapter_optimizer = "adamw-fp32",
     .source = "pytorch/torchtitan: torchtitan/distributed/activation_checkpoint.py, torchtitan/models/llama3/infra/"
               "parallelize.py, torchtitan/components/loss.py"},
    {.id = "deepspeed",
     .text = "DeepSpeed",
     .optimizer = "adamw",
     .zero = 3,
     .bucket_bytes = kDeepSpeedBucket,
     .adapter_optimizer = "adamw",
     .source = "deepspeedai/DeepSpeed: deepspeed/runtime/zero/stage3.py, deepspeed/runtime/zero/config.py "
               "(reduce_bucket_size 5e8)"},
    {.id = "transformers",
     .text = "transformers' Trainer and PEFT, the model loaded in bf16",
     .optimizer = "adamw-bf16",
     .late_gradients = true,
     .adapter_optimizer = "adamw-fp32",
     .spread = 0.05,
     .source = "huggingface/transformers: src/transformers/loss/loss_utils.py; huggingface/peft: adapters in fp32 "
               "(autocast_adapter_dtype)"},
    {.id = "litgpt",
     .text = "LitGPT in bf16-true",
     .optimizer = "adamw-bf16",
     .late_gradients = true,
     .adapter_optimizer = "adamw-bf16",
     .quantises_head = true,
     .adapter_dropout = true,
     .spread = 0.05,
     .source = "Lightning-AI/litgpt: litgpt/lora.py, tutorials/resource-tables.md: adapters in the base's 16 bits; "
               "litgpt/finetune/lora.py: lora_dropout 0.05"},
    {.id = "torchtune",
     .text = "torchtune in bf16",
     .optimizer = "adamw-bf16",
     .late_gradients = true,
     .adapter_optimizer = "adamw-bf16",
     .source = "pytorch/torchtune: torchtune/modules/loss, docs/source/tutorials/memory_optimizations.rst"},
}};

}  // namespace

std::span<const TrainingFramework> training_frameworks() { return kFrameworks; }
const TrainingFramework& no_framework() { return kFrameworks.front(); }

const TrainingFramework& parse_framework(const std::string& text) {
  const std::string name = lower(text);
  Suggestions suggestions(name);
  std::string known;
  for (const auto& framework : kFrameworks) {
    if (framework.id == name) return framework;
    suggestions.consider(framework.id);
    known += (known.empty() ? "" : ", ") + std::string(framework.id);
  }
  throw usage_error("--framework " + printable(text) + ": no such framework." + suggestions.hint() +
                    " Known: " + known);
}

LossKind parse_loss(const std::string& text) {
  const std::string name = lower(text);
  using Kind = LossKind::Kind;
  if (name == "plain") return {};
  if (name == "fused") return {Kind::fused};
  if (name == "native") return {Kind::native};
  if (name == "cut") return {Kind::cut};
  if (name.starts_with("chunked:")) {
    constexpr double kMostChunks = 1'000'000;
    const double chunks = parse_number(std::string_view(name).substr(8), "--loss chunked", false, kMostChunks);
    if (chunks == static_cast<double>(static_cast<std::uint64_t>(chunks))) {
      return {Kind::chunked, static_cast<std::uint64_t>(chunks)};
    }
  }
  throw usage_error("--loss " + printable(text) + ": expected plain, fused, native, chunked:N or cut");
}

std::string loss_text(const LossKind& loss) {
  static constexpr std::array<std::string_view, 5> kNames{"plain", "fused", "native", "chunked", "cut"};
  std::string text(kNames[static_cast<std::size_t>(loss.kind)]);
  return loss.kind == LossKind::Kind::chunked ? text + ":" + std::to_string(loss.chunks) : text;
}

}  // namespace paramcount
