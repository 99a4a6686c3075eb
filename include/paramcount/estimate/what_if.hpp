// What if: a model changed, pruned, stored in another format or replaced by a sibling, compared with the original.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "paramcount/catalog/catalog.hpp"
#include "paramcount/catalog/model.hpp"
#include "paramcount/estimate/answer.hpp"
#include "paramcount/estimate/sparsity.hpp"

namespace paramcount {

/// Sets one value of a model: a dimension of its family ("n_layers", "n_kv_heads", "vocab_size"), which overrides the
/// family's expression, or a key of its config ("rope_theta", "text_config.num_hidden_layers"). Published facts about
/// the model no longer apply and are dropped. Throws Error with exit code usage if the family has no such name.
void set_value(Model& model, const std::string& name, Value value, const Catalog& catalog);

/// One side of the comparison.
struct WhatIfSide {
  Answer answer;  ///< with one number format
  std::optional<PrunedMemory> pruned;
  std::optional<Bytes> decode_weights;  ///< nothing for llama.cpp file types
  double flops_per_token{0};            ///< of training, 6nd

  [[nodiscard]] Bytes weight_bytes() const { return pruned ? pruned->bytes : answer.weights.front().bytes; }
};

struct WhatIf {
  WhatIfSide before;
  WhatIfSide after;
  std::vector<std::string> changes;  ///< in words: "n_layers 32 → 16", "2:4 sparse", "bf16 → int4"
};

struct WhatIfRequest {
  std::vector<std::pair<std::string, Value>> set;
  std::optional<Sparsity> sparsity;
  std::optional<Model> sibling;  ///< in place of the model
};

/// `scenario.formats`: none means bf16 on both sides; one is used on both; of two the first is before, the second
/// after. Throws Error with exit code usage if nothing would change or there are more.
[[nodiscard]] WhatIf what_if(const Model& model, const WhatIfRequest& request, const Scenario& scenario,
                             const Catalog& catalog, Expander& expander);

}  // namespace paramcount
