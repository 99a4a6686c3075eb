// The layout of a training run over devices, and everything else that determines memory per device: tensor, pipeline,
// context, expert and data parallelism, the micro-batch, recomputation, and the framework.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "paramcount/base/units.hpp"
#include "paramcount/catalog/device.hpp"
#include "paramcount/catalog/optimizer.hpp"
#include "paramcount/catalog/sharding.hpp"
#include "paramcount/count/inventory.hpp"
#include "paramcount/estimate/flops.hpp"
#include "paramcount/estimate/lora.hpp"
#include "paramcount/estimate/weights.hpp"

namespace paramcount {

struct TrainingLayout {
  std::uint64_t tensor{1};                      ///< tp: devices that every matrix of a layer is split across
  std::uint64_t pipeline{1};                    ///< pp: stages with some of the layers each
  std::uint64_t interleaved{1};                 ///< vpp: chunks of layers per stage, assigned round-robin
  std::uint64_t context{1};                     ///< cp: devices that each sequence is split across
  std::uint64_t expert{1};                      ///< ep: devices that whole routed experts are distributed over
  std::uint64_t expert_tensor{1};               ///< etp: devices that each expert's matrices are split across
  std::uint64_t data{1};                        ///< dp: replicas that each train on their own batches
  bool sequence_parallel{false};                ///< sp: what tp replicates (norms, dropout) is split along the sequence
  std::uint64_t zero{0};                        ///< ZeRO stage
  std::uint64_t micro_batch{1};                 ///< sequences processed together
  std::optional<std::uint64_t> global_batch{};  ///< sequences per step; nothing: enough to fill the pipeline
  Recompute recompute{Recompute::none};

  [[nodiscard]] std::uint64_t devices() const;
  /// Devices over which optimizer states are sharded: those of everything but experts, and those of experts.
  [[nodiscard]] std::uint64_t shard_group() const { return data * context; }
  [[nodiscard]] std::uint64_t expert_group() const;
  /// Micro-batches per data-parallel group and step; nothing: enough to fill the pipeline.
  [[nodiscard]] std::optional<std::uint64_t> micro_batches() const;
};

/// "tp 8 × pp 2 × dp 4, ep 8"; "one device".
[[nodiscard]] std::string layout_text(const TrainingLayout& layout);

/// What options say of a layout; what is left out follows from the rest (training_layout()).
struct TrainingLayoutChoice {
  std::optional<std::uint64_t> tensor, pipeline, interleaved, context, expert, expert_tensor, data;
  std::optional<std::uint64_t> micro_batch, global_batch;
  bool sequence_parallel{false};

  [[nodiscard]] bool given() const;
  [[nodiscard]] std::uint64_t model_parallel() const;  ///< tp × pp × cp
};

/// Why a layout cannot be trained, in words; empty: it can. Heads, KV heads, feed-forward widths and the vocabulary
/// must be divisible by tp, experts by ep, layers by the chunks of an interleaved pipeline, the sequence by cp, the
/// global batch by micro-batches. Sources: NVIDIA/Megatron-LM, megatron/training/arguments.py and
/// megatron/core/transformer/transformer_config.py; pytorch/torchtitan, torchtitan/distributed/parallel_dims.py.
[[nodiscard]] std::string not_trainable(const Inventory& inventory, const TrainingLayout& layout,
                                        std::uint64_t sequence);

/// How the loss and the gradient of the logits are computed.
struct LossKind {
  enum class Kind : std::uint8_t {
    plain,    ///< cross-entropy as the framework computes it
    fused,    ///< in one kernel that overwrites the logits
    native,   ///< Megatron's own fusion, by torch.compile
    chunked,  ///< the fp32 work in chunks of the sequence
    cut,      ///< fused with the head: no logits are stored
  };
  Kind kind{Kind::plain};
  std::uint64_t chunks{1};
};
/// plain, fused, native, chunked:N or cut. Throws Error with exit code usage.
[[nodiscard]] LossKind parse_loss(const std::string& text);
[[nodiscard]] std::string loss_text(const LossKind& loss);

/// A training framework and what is specific to it. A row of kTrainingFrameworks.
struct TrainingFramework {
  enum class Saves : std::uint8_t {
    fused,  ///< norm and linear in one kernel: Megatron with TransformerEngine
    eager,  ///< one operation after the other, each storing what its gradient needs: transformers, LitGPT
  };
  std::string_view id;
  std::string_view text;
  std::string_view optimizer;  ///< bytes of a parameter, where --optimizer says nothing: a row of data/optimizers.json
  std::uint64_t zero{0};       ///< ZeRO stage, where --zero says nothing and there are several devices
  Saves saves{Saves::eager};
  // Bytes of a logit that are alive when its gradient is computed.
  double plain_logit{12}, split_logit{12}, fused_logit{6};  ///< split_logit: plain, over a vocabulary that tp divides
  bool selective_ops{false};   ///< "selective" recomputes every second matrix multiplication
  bool gathers_inputs{false};  ///< under tp the gathered input of a column-parallel matrix is stored
  bool late_gradients{
      false};              ///< gradients are allocated during backward while activations are freed: never both in full
  bool workspaces{false};  ///< cuBLAS's and TransformerEngine's, which PyTorch's allocator holds
  double bucket_bytes{0};  ///< of gradients being communicated
  std::uint64_t vocab_multiple{1};     ///< the vocabulary is padded to a multiple of it times tp; 1: not padded
  std::string_view adapter_optimizer;  ///< as `optimizer`, of adapters
  bool quantises_head{false};          ///< of a base in 4 bits the head is too, and is unpacked to be used
  bool adapter_dropout{false};         ///< adapters drop a part of their inputs, and keep which
  double spread{0.10};                 ///< how far measured peaks are from these rules, on either side
  std::string_view source;
};
/// All of them; the first stands for no framework.
[[nodiscard]] std::span<const TrainingFramework> training_frameworks();
[[nodiscard]] const TrainingFramework& no_framework();
/// Throws Error with exit code usage.
[[nodiscard]] const TrainingFramework& parse_framework(const std::string& text);

/// Adapters on a frozen model.
struct TrainedAdapters {
  WeightFormat frozen;
  Params in_layers;
  Params outside;  ///< tables trained in full (modules_to_save)
  // Which of a layer's tensors adapters read and store for their own gradients.
  bool attention_input{false}, attention_output{false}, ffn_input{false}, ffn_output{false};
  double outputs{0};  ///< Σ outputs of a layer's adapted matrices
  bool dora{false};
};
[[nodiscard]] TrainedAdapters trained_adapters(const Lora& lora, const Inventory& inventory, const WeightFormat& frozen,
                                               bool dora);

/// What is offloaded to host memory.
enum class TrainingOffload : std::uint8_t {
  none,
  optimizer,   ///< DeepSpeed's offload_optimizer: gradients, master copy, states
  parameters,  ///< offload_param and FSDP's CPUOffload: weights too
};

/// Everything besides the model that determines memory per device.
struct TrainingSetup {
  TrainingLayout layout;
  const TrainingFramework* framework{&no_framework()};
  Optimizer optimizer;
  LossKind loss;
  bool unfused{false};   ///< attention scores are stored
  bool dropout{false};   ///< its masks are stored
  bool compiled{false};  ///< torch.compile: operations store 16-bit tensors, each one once
  std::optional<TrainedAdapters> adapters;
  TrainingOffload offload{TrainingOffload::none};
  bool mtp{false};  ///< multi-token-prediction modules are trained too
  /// Layers of each stage; empty: as even as they come, what does not divide with the first stages.
  std::vector<std::uint64_t> stage_layers;
  std::uint64_t optimizer_instances{1};  ///< copies of the optimizer's states, each spread over a part of the devices
  std::optional<Bytes> workspace;        ///< of the framework's libraries; nothing: its own
  std::uint64_t sequence{0};
  SharedDevice device;                ///< nullptr: not known
  const Sharding* sharding{nullptr};  ///< what tp splits; nullptr: as in the built-in catalog

  [[nodiscard]] const Sharding& axes() const { return sharding != nullptr ? *sharding : builtin_sharding(); }
};

}  // namespace paramcount
