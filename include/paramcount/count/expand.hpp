// From a family and a model to its inventory: the only place where tensors come from.
#pragma once

#include <array>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "paramcount/catalog/family.hpp"
#include "paramcount/catalog/model.hpp"
#include "paramcount/catalog/spellings.hpp"
#include "paramcount/count/class_parameters.hpp"
#include "paramcount/count/gguf.hpp"
#include "paramcount/count/inventory.hpp"
#include "paramcount/count/verify.hpp"

namespace paramcount {

class ReadKeys;  // count/read_keys.hpp

/// Names of dimensions that code relies on and that output shows, in the order of the output.
inline constexpr std::array<std::string_view, 34> kStandardDims{"d_model",
                                                                "n_layers",
                                                                "n_encoder_layers",
                                                                "n_heads",
                                                                "n_kv_heads",
                                                                "head_dim",
                                                                "v_head_dim",
                                                                "d_ff",
                                                                "vocab_size",
                                                                "max_positions",
                                                                "window",
                                                                "tied_embeddings",
                                                                "norm_type",
                                                                "n_experts",
                                                                "experts_per_token",
                                                                "n_shared_experts",
                                                                "d_ff_expert",
                                                                "d_ff_shared",
                                                                "q_lora_rank",
                                                                "kv_lora_rank",
                                                                "qk_nope_head_dim",
                                                                "qk_rope_head_dim",
                                                                "d_inner",
                                                                "d_state",
                                                                "d_conv",
                                                                "dt_rank",
                                                                "state_dtype",
                                                                "encoder_decoder",
                                                                "n_mtp",
                                                                "draft_vocab_size",
                                                                "drafts_for",
                                                                "shared_with_target",
                                                                "shared_parts",
                                                                "shared_stored"};

[[nodiscard]] constexpr bool is_standard_dim(std::string_view name) {
  for (const auto known : kStandardDims) {
    if (known == name) return true;
  }
  return false;
}

/// What errors say of a checkpoint without a family, and of a model of parts alone.
[[nodiscard]] std::string unknown_architecture(const Model& model);

/// Expands models; keeps what it learned about a family for the next model. Not thread-safe: one per thread.
class Expander {
 public:
  /// `gguf_families` gives families with their `gguf` section, its rows among their tensors; only GGUF needs it, and
  /// only checkpoints need `names`.
  explicit Expander(FamilyLookup families, FamilyLookup gguf_families = {}, NameLookup names = {},
                    PackedLookup known = {});
  ~Expander();
  Expander(const Expander&) = delete;
  Expander& operator=(const Expander&) = delete;

  /// From now on expanding throws Error where a config from outside has keys that nobody reads or leaves a dimension to
  /// a default, or the family was never checked.
  void refuse_guesses(bool refuse);

  /// Throws Error when the config lacks a key, holds one of the wrong kind, or fails a requirement of the family; the
  /// message names the key as a JSON pointer. Its parts are in it; a part that cannot be expanded is named there with
  /// its problem. Of a checkpoint the tensors are the files', whatever the family says; of a GGUF without a family it
  /// is the one that its metadata and tensors fit best.
  [[nodiscard]] Inventory expand(const Model& model);
  /// The model's checkpoint against the tensors its family has: the same comparison that expand() counts by. Throws
  /// Error when no family is known.
  [[nodiscard]] Verification verify(const Model& model);

  /// The tensors and caches of the model as llama.cpp has them. Throws Error as above, and when the converter does not
  /// know the architecture.
  [[nodiscard]] GgufInventory expand_gguf(const Model& model);
  /// Of a model that has been expanded: of a GGUF checkpoint what the file holds.
  [[nodiscard]] GgufInventory expand_gguf(const Model& model, const Inventory& inventory);

  /// What the class of transformers 5 holds of a model that has been expanded; of a checkpoint without a family what
  /// its files hold. Throws Error as above.
  [[nodiscard]] std::vector<ClassParameter> class_parameters(const Model& model, const Inventory& inventory);

  /// Which keys of a config can make a difference to what the family, by id or model_type, makes of it.
  [[nodiscard]] const ReadKeys& read_keys(std::string_view family);

  /// Throws Error naming the first thing that is wrong with the family itself: an expression that does not parse, a
  /// name or config key nobody declares, a row that depends on an index its name lacks, a cycle.
  void check(const Family& family);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace paramcount
