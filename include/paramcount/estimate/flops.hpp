// FLOPs of one token, from the inventory: matrix multiplications, attention by kind of layer, recurrences; and training
// FLOPs under the usual conventions. Elementwise operations (norms, activations, softmax, residuals) are ignored
// throughout, as in the papers.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "paramcount/base/units.hpp"
#include "paramcount/count/inventory.hpp"
#include "paramcount/count/params.hpp"

namespace paramcount {

/// Layers whose attention does equal work. Forward, a query and a key that it sees cost 2·heads·(key_width +
/// value_width) FLOPs: the score and the weighted value.
struct AttentionWork {
  enum class Kind : std::uint8_t { full, window, bidirectional, cross };
  Kind kind{};
  std::uint64_t layers{0};
  std::uint64_t heads{0};
  std::uint64_t key_width{0};
  std::uint64_t value_width{0};
  std::uint64_t window{0};  ///< tokens; of kind window
  std::uint64_t every{1};   ///< tokens that a key stands for; more than 1 in a compressed cache
  double share{1};          ///< of the tokens that pass through these layers: 1/2 in either half of an encoder-decoder
  double keys{0};           ///< keys per query without a mask: the context length, or the window
  double visible{0};        ///< keys per query under a causal mask, mean over the sequence: half as many

  [[nodiscard]] double flops(double keys_each) const;  ///< forward, all layers
};

/// Forward work of one token of a training sequence.
struct TokenWork {
  double weights{0};  ///< parameters in matrix multiplications: one multiply-add each
  double head{0};     ///< of these, the head's
  double recurrent{
      0};  ///< FLOPs of recurrences and linear attention (4 per element of state) and of short convolutions
  std::vector<AttentionWork> attention;
  std::uint64_t sequence{0};
  double mtp_weights{0};  ///< as `weights`, of modules of multi-token prediction: their head too
  double mtp_layers{0};   ///< of these modules, as a share of the model's layers
  double stack_share{1};  ///< 1/2 for an encoder-decoder: a token passes through one of the two stacks
  /// Of a plain transformer, whose blocks hold 12·d_model² weights: what its closed form needs.
  struct Plain {
    double d_model{0}, layers{0}, vocab{0};
  };
  std::optional<Plain> plain;

  [[nodiscard]] double attention_flops(bool masked) const;
};

/// Towers for images and audio are left out: text does not pass through them. Multi-token prediction is counted apart.
[[nodiscard]] TokenWork token_work(const Inventory& inventory, std::uint64_t sequence);

enum class FlopsConvention : std::uint8_t { six_nd, matmul, palm, causal, megatron };
enum class Recompute : std::uint8_t { none, selective, full, ops };

struct ConventionInfo {
  FlopsConvention convention;
  std::string_view id;
  std::string_view text;
  std::string_view source;
};
inline constexpr std::array<ConventionInfo, 5> kConventions{{
    {FlopsConvention::six_nd, "6nd", "six FLOPs per active parameter and token, as most papers count",
     "Kaplan 2020, section 2.1; Hoffmann 2022, appendix F"},
    {FlopsConvention::matmul, "matmul",
     "the weights that a token is multiplied with, and attention over all keys of each kind of layer, unmasked",
     "the inventory"},
    {FlopsConvention::palm, "palm",
     "6·N + 12·L·H·Q·T, where N is the weights that a token is multiplied with and every layer attends to the whole "
     "context",
     "PaLM paper, appendix B"},
    {FlopsConvention::causal, "causal",
     "as matmul, but only over the keys that a causal mask leaves: half of the context, or a window short of its first "
     "tokens; includes multi-token prediction, as NVIDIA counts it",
     "FlashAttention 2, section 4.1; NVIDIA/Megatron-LM, megatron/training/training.py num_floating_point_operations"},
    {FlopsConvention::megatron, "megatron", "72·L·h²·(1 + s/6h + V/12hL), for blocks of 12·h² weights",
     "Narayanan 2021, equation 3; Korthikanti 2022, appendix A"},
}};
inline constexpr std::array<std::string_view, 4> kRecomputeNames{"none", "selective", "full", "ops"};

[[nodiscard]] const ConventionInfo& convention_info(FlopsConvention convention);
/// Throws Error with exit code usage.
[[nodiscard]] FlopsConvention parse_convention(const std::string& text);
[[nodiscard]] Recompute parse_recompute(const std::string& text);

/// FLOPs of training on one token.
struct TrainingWork {
  double model{0};     ///< forward and backward: what MFU counts
  double hardware{0};  ///< including recomputation: what HFU counts
};

/// Forward and backward is three times forward. Full recomputation repeats the forward pass except the head, selective
/// recomputation the attention cores, recomputation by operation every second matrix except the head; under `megatron`
/// selective recomputation follows the paper's equation (another 12·L·h·s, three forward passes of the cores), which
/// reproduces its tables. `6nd` has no attention to repeat. `frozen`: weights are not trained, so their gradients (a
/// third of the work) are omitted; adapters are added. Throws Error with exit code usage if the model has no such
/// closed form.
[[nodiscard]] TrainingWork training_work(FlopsConvention convention, Recompute recompute, const TokenWork& work,
                                         Params active, bool frozen = false);

/// MFU or HFU of a throughput.
[[nodiscard]] inline double utilisation(double flops_per_token, double tokens_per_second, double devices,
                                        FlopsPerSecond peak) {
  return flops_per_token * tokens_per_second / (devices * peak.value);
}

}  // namespace paramcount
