// How a family explains a checkpoint. Counting gives each stored tensor the role of its match, `verify` reports what
// does not match: both use this one comparison.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "count/matching.hpp"
#include "paramcount/catalog/family.hpp"
#include "paramcount/catalog/model.hpp"
#include "paramcount/count/gguf.hpp"
#include "paramcount/count/verify.hpp"

namespace paramcount {

struct Explanation {
  Inventory family;                   ///< the family expanded; its tensors named as files of that format name them
  std::optional<GgufInventory> gguf;  ///< of a GGUF checkpoint: what the family makes of it
  Matching matching;
  Verification verification;
  std::vector<LayersHeld> layers;  ///< where the files have other layers than the config says
  std::string rivals;              ///< families that explain as much, but have other caches; empty: none
};

/// Expands the model and matches the stored tensors with it; throws Error.
using Explain = std::function<Explanation(const Model& model)>;

/// The family of that general.architecture that fits the metadata and tensors of a GGUF best. Throws Error saying why
/// none does.
[[nodiscard]] Explanation best_family(const StoredWeights& stored, const FamilyLookup& gguf_families,
                                      const NameLookup& names, const Spellings& spellings, const Explain& explain);

[[nodiscard]] Verification verify(const StoredWeights& stored, const Inventory& expected, const Matching& matching);
/// Marks unexpected tensors that may be missing ones under another name.
void suggest_renames(Verification& verification);

/// How many tensors are missing, and how many are unexpected or misshapen.
[[nodiscard]] std::uint64_t missing_tensors(const Verification& verification);
[[nodiscard]] std::uint64_t unexpected_tensors(const Verification& verification);
/// "2 tensors missing (lm_head.weight, …); 1 of another shape (norm.weight)"
[[nodiscard]] std::string difference_text(const Verification& verification);

}  // namespace paramcount
