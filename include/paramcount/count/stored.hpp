// What the files of a checkpoint hold, summed up: number formats, what quantisers keep beside the weights, and how far
// the architecture explains it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "paramcount/base/units.hpp"
#include "paramcount/read/checkpoint.hpp"

namespace paramcount {

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
  std::vector<Share> beside;          ///< scales, zero points, buffers, tied copies: no parameters
  Share together{};         ///< the weights and what is needed to read them; elements of weights alone, no tensors
  std::uint64_t scales{0};  ///< elements

  // By the metadata of a GGUF; empty or 0 where it does not say.
  std::string architecture;     ///< general.architecture
  std::string file_type;        ///< general.file_type: "q4_k_m"; empty also for a number nobody knows
  std::string tokenizer;        ///< tokenizer.ggml.model
  std::uint64_t vocabulary{0};  ///< tokens of the tokenizer

  std::string unexplained;      ///< why no family gives the roles; empty: one does, and the next four are by it
  std::uint64_t missing{0};     ///< tensors the family has and the files lack
  std::uint64_t unexpected{0};  ///< tensors the files have and the family lacks, or in another shape
  std::string difference;       ///< the same in words, with the first names; empty: none
  std::string rivals;           ///< families that explain as much, but have other caches: "mistral, phi3"
  std::uint64_t unnamed{0};     ///< parameters whose role is not known

  /// Whether no family accounts for every tensor, or more than one does.
  [[nodiscard]] bool unverified() const { return !unexplained.empty() || !difference.empty() || !rivals.empty(); }
};

}  // namespace paramcount
