// An adapter: small matrices trained on top of a frozen model, in files of their own (a GGUF of convert_lora_to_gguf, a
// PEFT folder). It names its base model; it has no layers, vocabulary or KV cache of its own.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "paramcount/base/units.hpp"
#include "paramcount/base/value.hpp"
#include "paramcount/read/checkpoint.hpp"

namespace paramcount {

struct AdapterSummary {
  /// One kind of module that the adapter adapts, in all layers.
  struct Target {
    std::string name;            ///< "attn_q", "q_proj"
    std::uint64_t modules{0};    ///< how many it changes
    std::uint64_t rank_low{0};   ///< of its low-rank matrices
    std::uint64_t rank_high{0};  ///< equal where all have one rank
    Params parameters;
  };

  std::string base;           ///< the base model as the files name it; empty: they do not
  std::string type;           ///< "lora"; empty: not said
  std::uint64_t rank_low{0};  ///< of all low-rank matrices; 0: there are none
  std::uint64_t rank_high{0};
  std::optional<double> alpha;               ///< updates are scaled by alpha / rank; nothing: not said
  std::vector<Target> targets;               ///< in the order of the files
  std::vector<std::string> modules_to_save;  ///< modules stored whole, not as low-rank matrices
  std::vector<std::string> variants;         ///< what the config switches on: "DoRA", "rsLoRA"
  Params parameters;                         ///< trainable parameters
  Params frozen;                             ///< stored but not trained: copies of the base model's weights
  Bytes bytes;                               ///< of the tensors; 0 without weights
  bool from_config{false};                   ///< there are no weights: counted by the config on the base model
  std::string base_model;                    ///< id of the base model used; empty: unknown
  Params base_parameters;                    ///< of that model
  std::optional<Params> by_config;           ///< if there are weights too: what the config trains on that model
  std::vector<std::string> remarks;          ///< remarks for the page, one sentence each
  std::string problem;  ///< why programs would refuse the adapter, such as a matrix without its partner; else empty
};

/// The parts of the summary that come from the tensors: ranks, targets, modules stored whole, parameters, bytes.
/// Low-rank matrices are recognised by their name suffixes, llama.cpp's (".lora_a") and PEFT's (".lora_A.weight").
[[nodiscard]] AdapterSummary count_adapter(const Checkpoint& checkpoint);

/// The same for a GGUF whose metadata says that it is an adapter, with the base model, type and alpha that it names.
/// Source: llama.cpp, convert_lora_to_gguf.py and src/llama-adapter.cpp.
[[nodiscard]] AdapterSummary read_gguf_adapter(const Checkpoint& checkpoint);

/// The same for a PEFT adapter, with its adapter_config.json (null: there is none). Source: peft 0.18,
/// src/peft/utils/save_and_load.py, get_peft_model_state_dict.
[[nodiscard]] AdapterSummary read_peft_adapter(const Checkpoint& checkpoint, const Value& config);

}  // namespace paramcount
