// Expands a model of a family into its inventory: the only source of tensors.
#pragma once

#include <array>
#include <cstdint>
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
#include "paramcount/count/media.hpp"
#include "paramcount/count/verify.hpp"

namespace paramcount {

class ReadKeys;  // count/read_keys.hpp

/// The type of a standard dimension, if not null: a count of at least 0 or at least 1, a flag, a string, or anything. A
/// number used in a tensor's shape is never 0.
enum class DimKind : std::uint8_t { count, size, flag, text, any };

struct StandardDim {
  std::string_view name;
  DimKind kind{};
};

/// Dimensions that code relies on and that output shows, in the order of the output.
inline constexpr std::array<StandardDim, 34> kStandardDims{{
    {"d_model", DimKind::size},
    {"n_layers", DimKind::count},
    {"n_encoder_layers", DimKind::count},
    {"n_heads", DimKind::count},
    {"n_kv_heads", DimKind::count},
    {"head_dim", DimKind::count},
    {"v_head_dim", DimKind::count},
    {"d_ff", DimKind::count},
    {"vocab_size", DimKind::size},
    {"max_positions", DimKind::size},
    {"window", DimKind::count},
    {"tied_embeddings", DimKind::flag},
    {"norm_type", DimKind::text},
    {"n_experts", DimKind::count},
    {"experts_per_token", DimKind::count},
    {"n_shared_experts", DimKind::count},
    {"d_ff_expert", DimKind::count},
    {"d_ff_shared", DimKind::count},
    {"q_lora_rank", DimKind::count},
    {"kv_lora_rank", DimKind::count},
    {"qk_nope_head_dim", DimKind::count},
    {"qk_rope_head_dim", DimKind::count},
    {"d_inner", DimKind::count},
    {"d_state", DimKind::count},
    {"d_conv", DimKind::count},
    {"dt_rank", DimKind::count},
    {"state_dtype", DimKind::text},
    {"encoder_decoder", DimKind::flag},
    {"n_mtp", DimKind::count},
    {"draft_vocab_size", DimKind::count},
    {"drafts_for", DimKind::any},
    {"shared_with_target", DimKind::any},
    {"shared_parts", DimKind::any},
    {"shared_stored", DimKind::any},
}};

[[nodiscard]] constexpr bool is_standard_dim(std::string_view name) {
  for (const auto& known : kStandardDims) {
    if (known.name == name) return true;
  }
  return false;
}

/// The error text for a checkpoint without a family, and for a model of parts only.
[[nodiscard]] std::string unknown_architecture(const Model& model);

/// Expands models; caches what it learned about a family for the next model. Not thread-safe: one per thread.
class Expander {
 public:
  /// `gguf_families` gives families with their `gguf` section, its rows among their tensors; only GGUF needs it, and
  /// only checkpoints need `names`.
  explicit Expander(FamilyLookup families, FamilyLookup gguf_families = {}, NameLookup names = {},
                    PackedLookup known = {});
  ~Expander();
  Expander(const Expander&) = delete;
  Expander& operator=(const Expander&) = delete;

  /// From now on expanding throws Error if a config from a file has unread keys or leaves a dimension to a default, or
  /// if the family is unverified.
  void refuse_guesses(bool refuse);

  /// Throws Error if the config lacks a key, has one of the wrong type, or fails a requirement of the family; the
  /// message names the key as a JSON pointer. The model's parts are included; a part that cannot be expanded is listed
  /// with its problem. For a checkpoint the tensors are the files', whatever the family says; a GGUF without a family
  /// gets the one that its metadata and tensors fit best.
  [[nodiscard]] Inventory expand(const Model& model);
  /// The model's checkpoint compared with the tensors of its family: the same comparison that expand() counts by.
  /// Throws Error if no family is known.
  [[nodiscard]] Verification verify(const Model& model);

  /// The tensors, KV cache and recurrent state of the model as llama.cpp has them. Throws Error as above, and if the
  /// converter does not support the architecture.
  [[nodiscard]] GgufInventory expand_gguf(const Model& model);
  /// Of a model that has been expanded: of a GGUF checkpoint what the file holds.
  [[nodiscard]] GgufInventory expand_gguf(const Model& model, const Inventory& inventory);

  /// The parameters of the transformers 5 class of an expanded model; for a checkpoint without a family, those in its
  /// files. Throws Error as above.
  [[nodiscard]] std::vector<ClassParameter> class_parameters(const Model& model, const Inventory& inventory);

  /// What an expanded model makes of an image or of audio by a rule for its family; nothing if the rule's condition
  /// does not hold. Throws Error as above, and if the rule has no answer.
  [[nodiscard]] std::optional<MediaCount> media(const Model& model, const Inventory& inventory, const MediaRule& rule,
                                                const Medium& medium);

  /// The config keys that can affect what the family, by id or model_type, makes of a config.
  [[nodiscard]] const ReadKeys& read_keys(std::string_view family);

  /// Throws Error naming the first problem with the family itself: an expression that does not parse, an undeclared
  /// name or config key, a row that depends on an index that its name lacks, a cycle.
  void check(const Family& family);
  /// The same of a rule of tokens, with one of its families.
  void check(const Family& family, const MediaRule& rule);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace paramcount
