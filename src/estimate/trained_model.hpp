// A model for training estimates: its layers in order, each of one of a few kinds with its widths and with the
// parameters that tp, ep or nothing shards.
#pragma once

#include <compare>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "paramcount/catalog/sharding.hpp"
#include "paramcount/count/inventory.hpp"

namespace paramcount {

/// Elements, or what else is measured, by what divides them over the devices of a stage.
struct Divided {
  std::uint64_t split{0};     ///< over tp
  std::uint64_t repeated{0};  ///< over nothing: every device has all
  std::uint64_t expert{0};    ///< over ep and etp

  [[nodiscard]] std::uint64_t total() const { return split + repeated + expert; }
  auto operator<=>(const Divided&) const = default;
};

/// Widths are numbers of a token, over all heads.
struct TrainedLayer {
  std::uint64_t query{0}, keys{0}, values{0}, output{0}, heads{0};
  std::uint64_t kv_heads{0};                             ///< 0: not shared by groups of heads
  std::uint64_t query_latent{0}, kv_latent{0}, rope{0};  ///< of MLA
  std::uint64_t ffn{0}, ffn_inputs{0};                   ///< inputs: matrices from the model's width, 2 when gated
  std::uint64_t experts{0}, per_token{0}, expert_ffn{0}, expert_inputs{0};
  std::uint64_t shared_ffn{0}, shared_inputs{0};
  std::uint64_t norms{0};  ///< over the model's width
  std::uint64_t norm_elements{0};
  bool layer_norm{false};  ///< mean and variance, not the latter alone
  bool unclear{false};     ///< a part of it has matrices of which the widths are not known
  bool head_norms{false};  ///< of queries and keys
  double passes{1};        ///< of a token through it: layers that share weights are one, passed several times
  std::uint64_t mixer{0};  ///< outputs of the matrices of a state-space model or the like
  Divided params;

  auto operator<=>(const TrainedLayer&) const = default;
};

struct TrainedModel {
  std::uint64_t width{0};  ///< d_model
  std::uint64_t vocabulary{0};
  std::vector<TrainedLayer> kinds;
  std::vector<std::uint32_t> layers;  ///< the kind of each, in order
  std::vector<TrainedLayer> mtp;      ///< of modules of multi-token prediction, without their tables: the model's own
  std::uint64_t table{0};             ///< elements of the input embedding over the vocabulary
  std::uint64_t head{0};              ///< of the output's over the vocabulary; 0 when tied, or when there is none
  bool tied{false};                   ///< the input embedding is the output's too
  std::uint64_t outputs{0};           ///< logits of a token: the vocabulary, a classifier's labels, or none
  Divided first, last;                ///< of other tensors: of the first stage and of the last
  bool towers{false};                 ///< pictures or sound: their activations are not counted
  bool too_deep{false};               ///< more layers than are looked at one by one
  bool two_stacks{false};             ///< an encoder and a decoder
};

/// Why the activations of its layers are not known; empty: they are.
[[nodiscard]] std::string unknown_activations(const TrainedModel& model);

/// What one copy of a tensor counts for.
using Measured = std::function<std::uint64_t(const Tensor& tensor)>;

/// Parameters are counted in elements, or in what `measured` says; widths are the same.
[[nodiscard]] TrainedModel trained_model(const Inventory& inventory, const Measured& measured = &Tensor::elements,
                                         const Sharding& sharding = builtin_sharding());

}  // namespace paramcount
