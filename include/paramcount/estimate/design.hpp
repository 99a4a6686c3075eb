// Designs an architecture for a budget: width, depth, heads and experts after the shapes of published models of a
// family, counted by the engine from the resulting config.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "paramcount/catalog/catalog.hpp"
#include "paramcount/count/expand.hpp"
#include "paramcount/count/params.hpp"
#include "paramcount/estimate/fit.hpp"
#include "paramcount/estimate/scaling.hpp"
#include "paramcount/estimate/shape.hpp"

namespace paramcount {

inline constexpr double kDesignTolerance = 0.02;  ///< of the budget
inline constexpr double kNearFactor = 3;          ///< models within this factor are of similar size
inline constexpr std::size_t kEnoughModels = 5;   ///< of similar size, below which a design is extrapolated
inline constexpr std::size_t kNeighbours = 5;

/// What was asked for: one of params, compute and fits. What is left out is chosen.
struct DesignRequest {
  std::optional<std::uint64_t> params;
  std::optional<double> compute;  ///< FLOPs of training, split by `law`
  SharedDevice fits;              ///< the largest model that this device can serve
  std::optional<ScalingLaw> law;  ///< kDefaultLaw

  std::string like;  ///< a family, or a model whose shape is followed; empty: the family with the most published sizes
  std::optional<std::uint64_t> active;
  std::optional<std::uint64_t> experts, experts_per_token;
  std::optional<std::uint64_t> vocab, context, layers, width, head_dim, kv_heads;
  std::optional<bool> tied;

  FitRequest serving;  ///< with `fits`: formats (bf16), context, batch, cache, runtime
};

/// One trait of the design compared with published models of similar size.
struct TraitSpread {
  Trait which{};
  double value{0};
  double usual{0};                  ///< the target
  std::optional<double> low, high;  ///< nothing: fewer than kEnoughModels are of like size
  bool given{false};

  /// Outside the published range, or no published model is of similar size.
  [[nodiscard]] bool extrapolated() const { return !low || value < *low || value > *high; }
};

/// The cost of the design, or of an alternative.
struct DesignCost {
  Params total, active;
  Bytes cache;      ///< of one sequence
  double flops{0};  ///< to generate a token after `context` others
};

/// An alternative, and the resulting design.
struct DesignChoice {
  std::string key;    ///< "deeper"
  std::string label;  ///< "deeper: 64 layers × 2,816"
  Shape shape;
  DesignCost cost;
};

struct Design {
  DesignRequest request;
  double wanted{0};  ///< parameters
  std::optional<double> wanted_active;
  std::string family, family_title;
  std::string like;              ///< the model whose other settings the config has; empty: the class's defaults
  std::size_t family_models{0};  ///< published shapes of the family
  bool by_family{true};          ///< those of the family were enough to go by; else those of all families were
  Shape shape;
  Value config;
  Model model;
  Inventory inventory;
  ParamCounts params;
  std::string compared_with;         ///< the family of the models that the spreads are of; empty: all families
  std::size_t compared{0};           ///< how many they are
  std::vector<TraitSpread> spreads;  ///< the compared traits
  std::uint64_t multiple{0};         ///< of the width
  std::uint64_t ffn_multiple{0};     ///< of d_ff; 0: it follows from the width
  std::uint64_t context{0};          ///< context of the costs, in tokens
  DesignCost cost;
  std::vector<DesignChoice> choices;
  std::vector<PublishedShape> neighbours;  ///< nearest in size, in the order of their sizes
  ScalingLaw law;
  Allocation training;  ///< of active parameters: the law's best
  std::optional<Fit> fit;
};

/// Throws Error with exit code usage if options contradict each other or the family cannot be designed, and with exit
/// code no if nothing of the family is within kDesignTolerance of the budget, naming what would have to change.
[[nodiscard]] Design design(const DesignRequest& request, const Catalog& catalog, Expander& expander);

}  // namespace paramcount
