// A model whose weights lie in a checkpoint: what the file holds, under the roles of the family it fits. The file's own
// tensors are the truth; what the family would have expected otherwise is said in notes.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "paramcount/base/units.hpp"
#include "paramcount/catalog/catalog.hpp"
#include "paramcount/catalog/model.hpp"
#include "paramcount/count/gguf.hpp"
#include "paramcount/count/inventory.hpp"
#include "paramcount/read/checkpoint.hpp"

namespace paramcount {

struct StoredModel {
  /// The tensors of one type.
  struct Share {
    std::string type;
    std::uint64_t tensors{0};
    std::uint64_t elements{0};
    Bytes bytes;
  };

  Inventory inventory;                ///< the file's tensors under their own names; dimensions and caches of the family
  std::optional<GgufInventory> gguf;  ///< the same as llama.cpp sees it
  std::shared_ptr<const Model> described;  ///< the model its metadata make of a family; null where they make none
  std::string format;                      ///< "gguf"
  std::string arch;                        ///< general.architecture
  std::string file_type;                   ///< of a GGUF: "q4_k_m"; empty: it does not say, or a number nobody knows
  std::vector<Share> shares;               ///< most bytes first
  std::uint64_t tensors{0};
  std::uint64_t elements{0};
  Bytes tensor_bytes, header_bytes, file_bytes;
  std::size_t files{1};
  std::string tokenizer;        ///< tokenizer.ggml.model
  std::uint64_t vocabulary{0};  ///< tokens of the tokenizer; 0: there is none in the file
  bool unverified{false};       ///< no family accounts for every tensor
  std::vector<std::string> notes;

  [[nodiscard]] double bits_per_weight() const;
};

/// The model in a GGUF checkpoint. Throws Error when its metadata contradicts itself.
[[nodiscard]] Model model_of_gguf(const Checkpoint& checkpoint, const Catalog& catalog);

}  // namespace paramcount
