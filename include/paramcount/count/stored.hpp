// A summary of a checkpoint's files: number formats, what quantisers store next to the weights, and how far the
// architecture explains it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "paramcount/base/units.hpp"
#include "paramcount/read/checkpoint.hpp"

namespace paramcount {

/// Layers that files hold and the config next to them does not mention, or the other way round.
struct LayersHeld {
  std::uint64_t config{0};  ///< how many the config says
  std::uint64_t held{0};    ///< how many the files hold
  std::string numbers;      ///< which: "0–27"
  bool followed{true};      ///< dimensions and caches follow the files' layers
};

struct StoredSummary {
  struct Share {
    std::string name;  ///< of weights the number format: "bf16", "int4 (gptq)"; beside them what they are: "scales"
    std::uint64_t tensors{0};
    std::uint64_t elements{0};  ///< of packed weights the weights, not the words
    Bytes bytes;

    [[nodiscard]] double bits() const;  ///< per element; 0 when there is none
  };

  CheckpointFormat format{};
  std::uint64_t files{0}, tensors{0};
  std::uint64_t header_bytes{0}, file_bytes{0};
  std::uint64_t shard{0}, shards{0};  ///< of one file that its name numbers among more: which, of how many; else 0
  std::vector<Share> weights;         ///< most bytes first
  std::vector<Share> beside;          ///< scales, zero points, buffers, tied copies: not parameters
  Share together{};         ///< the weights and what is needed to read them; elements of weights alone, no tensors
  Share all{};              ///< all of `weights` and `beside`; no name
  std::uint64_t scales{0};  ///< elements

  // By the metadata of a GGUF; empty or 0 where it does not say.
  std::string architecture;     ///< general.architecture
  std::string file_type;        ///< general.file_type: "q4_k_m"; also empty for an unknown number
  std::string tokenizer;        ///< tokenizer.ggml.model
  std::uint64_t vocabulary{0};  ///< tokens of the tokenizer

  std::uint64_t by_family{0};      ///< tensors in an unknown packing: their shapes are the family's
  std::string by_family_first;     ///< the first of them: "model.layers.0.q_proj.Qidxs (QuIP#, I64, 2048×64)"
  std::vector<LayersHeld> layers;  ///< where the files hold other transformer layers than the config next to them says

  /// Parameters of biases of GPTQ weights if no family says whether the model has them: AutoGPTQ writes zeros.
  std::uint64_t doubtful_biases{0};

  std::string unexplained;      ///< why no family gives the roles; empty: one does, and the next four refer to it
  std::uint64_t missing{0};     ///< tensors of the family missing from the files
  std::uint64_t unexpected{0};  ///< tensors the files have and the family lacks, or in another shape
  std::string difference;       ///< the same in words, with the first names; empty: none
  std::string rivals;           ///< families that explain as much but have a different KV cache: "mistral, phi3"
  std::uint64_t unnamed{0};     ///< parameters whose role is not known

  /// Whether no family accounts for every tensor, or more than one does.
  [[nodiscard]] bool unverified() const {
    return !unexplained.empty() || !difference.empty() || !rivals.empty() || by_family > 0;
  }
};

}  // namespace paramcount
