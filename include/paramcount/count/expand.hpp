// From a family and a model to its inventory: the only place where tensors come from.
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

/// What a standard dimension may be, beside null: a number of things of at least 0 or of at least 1, a flag, a text, or
/// whatever the family makes of it. A number used in a tensor's shape is never 0.
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

  /// What a model that has been expanded makes of an image or of sound by a rule for its family; nothing where the
  /// rule's condition does not hold. Throws Error as above, and where the rule cannot say.
  [[nodiscard]] std::optional<MediaCount> media(const Model& model, const Inventory& inventory, const MediaRule& rule,
                                 const Medium& medium);

  /// Which keys of a config can make a difference to what the family, by id or model_type, makes of it.
  [[nodiscard]] const ReadKeys& read_keys(std::string_view family);

  /// Throws Error naming the first thing that is wrong with the family itself: an expression that does not parse, a
  /// name or config key nobody declares, a row that depends on an index its name lacks, a cycle.
  void check(const Family& family);
  /// The same of a rule of tokens, with one of its families.
  void check(const Family& family, const MediaRule& rule);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace paramcount
