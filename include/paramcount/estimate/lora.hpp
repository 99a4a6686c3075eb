// Low-rank adapters (LoRA, arXiv:2106.09685): which matrices are adapted, and how many parameters that trains. Names
// mean what they mean in PEFT 0.18 (src/peft/tuners/lora) for the classes of transformers 5.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "paramcount/base/units.hpp"
#include "paramcount/count/class_parameters.hpp"
#include "paramcount/count/inventory.hpp"

namespace paramcount {

/// PEFT's LoraConfig, as far as it decides what is trained; the fields have its names where they differ from ours.
struct LoraConfig {
  std::uint64_t rank{0};             ///< r
  std::vector<std::string> modules;  ///< target_modules: ends of paths
  std::string pattern;               ///< target_modules as a regular expression; empty: none
  bool all_linear{false};
  std::vector<std::string> parameters;   ///< target_parameters: ends of the paths of bare parameters
  std::vector<std::string> saved;        ///< modules_to_save: trained in full, in a copy
  std::vector<std::string> excluded;     ///< exclude_modules
  std::string excluded_pattern;          ///< exclude_modules as a regular expression; empty: none
  std::vector<std::uint64_t> layers;     ///< layers_to_transform; empty: all
  std::vector<std::string> layer_lists;  ///< layers_pattern: what stands before the number of a layer
  std::vector<std::pair<std::string, std::uint64_t>> ranks;   ///< rank_pattern: regular expression and rank
  std::vector<std::pair<std::string, std::uint64_t>> tokens;  ///< trainable_token_indices: module and how many
  bool dora{false};                                           ///< use_dora: a magnitude for each output
  bool adapter_bias{false};                                   ///< lora_bias: a bias for each output
  enum class Bias : std::uint8_t { none, all, adapted } bias{Bias::none};  ///< biases of the model trained too
};

/// RANK[:TARGET,...[,modules_to_save=NAME,...][,target_parameters=NAME,...]]. A target is a role (`attention`, `ffn`,
/// `expert` ...: all matrices of that role in the layers), an attention projection (q, k, v, o, however they are
/// stored), `all-linear`, or the end of a module's path. No target: every matrix of the layers except routers.
struct LoraRequest {
  std::uint64_t rank{0};
  std::vector<std::string> targets;
  std::vector<std::string> parameters;
  std::vector<std::string> saved;
  bool dora{false};  ///< a magnitude for each output (DoRA, arXiv:2402.09353)
};
/// Throws Error with exit code usage.
[[nodiscard]] LoraRequest parse_lora(const std::string& text);

struct LoraTarget {
  enum class Kind : std::uint8_t { linear, embedding, convolution, parameter, saved, tokens, bias };
  TensorName name;  ///< of the tensors, the module or the projection
  Kind kind{Kind::linear};
  std::uint64_t rank{0};    ///< 0 where nothing is of low rank
  std::uint64_t copies{0};  ///< matrices: of fused experts each one
  std::uint64_t inputs{0};  ///< of a convolution times its kernel
  std::uint64_t outputs{0};
  std::uint64_t extra{0};  ///< parameters of a copy that are not of the two factors: magnitudes, biases, what is saved
  Params trained;          ///< copies × (rank × (inputs + outputs) + extra)
};

struct Lora {
  std::uint64_t rank{0};
  std::vector<LoraTarget> targets;
  Params trained;
  std::vector<std::string> unmatched;  ///< names that match nothing in the model
  std::vector<std::string> refused;    ///< names that also match modules PEFT has no adapter for
};

/// What PEFT trains; names that match nothing are listed. Throws Error for an invalid pattern, or for a module that
/// PEFT has no adapter for.
[[nodiscard]] Lora count_lora(const std::vector<ClassParameter>& parameters, const LoraConfig& config);

/// Throws Error with exit code usage when a target names nothing.
[[nodiscard]] Lora count_lora(const Inventory& inventory, const std::vector<ClassParameter>& parameters,
                              const LoraRequest& request);

}  // namespace paramcount
