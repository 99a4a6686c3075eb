// The answer of `paramcount train`: a plan next to the published training and next to what the published hours imply;
// memory of its parameters; electricity, carbon, and familiar equivalents.
#pragma once

#include <array>
#include <optional>
#include <utility>
#include <vector>

#include "paramcount/catalog/catalog.hpp"
#include "paramcount/catalog/equivalent.hpp"
#include "paramcount/catalog/published_training.hpp"
#include "paramcount/count/expand.hpp"
#include "paramcount/count/inventory.hpp"
#include "paramcount/estimate/flops.hpp"
#include "paramcount/estimate/lora.hpp"
#include "paramcount/estimate/training_memory.hpp"
#include "paramcount/estimate/training_peak.hpp"
#include "paramcount/estimate/training_plan.hpp"
#include "paramcount/estimate/training_step.hpp"

namespace paramcount {

struct TrainingAnswer {
  Model model;
  Inventory inventory;
  ParamCounts params;
  TrainingPlan plan;
  PublishedTraining published;           ///< the makers' account, with gaps filled from a third party's
  TrainingFigures from_hours;            ///< what follows from the published hours on the published devices
  std::optional<double> of_pretraining;  ///< this plan's FLOPs over those of the published training
  TrainingMemory memory;                 ///< of the fullest device
  std::optional<PeakMemory> peak;
  std::optional<StepTime> step;             ///< where it is laid out
  std::vector<TrainingLayoutPlan> layouts;  ///< of a search, fastest first
  bool laid_out{false};                     ///< the layout was specified
  bool judged{false};  ///< that was, or device and number of them: the peak decides whether it fits
  /// Why the peak does not fit although the states do and no layout was given: another layout may fit. Empty: it fits,
  /// or is not judged.
  std::string over;
  std::optional<Lora> lora;
  TokenWork work;  ///< of one token, at the length of a training sequence
  /// Of one token, in the order of kConventions; nothing where a convention has no closed form for the model.
  std::array<std::optional<double>, kConventions.size()> flops_per_token;
  std::vector<std::pair<Equivalent, double>> comparables;  ///< and how many of them

  /// Why no hardware can do it; empty: it is possible.
  [[nodiscard]] const std::string& impossible() const {
    return plan.impossible.empty() ? memory.impossible : plan.impossible;
  }
};

/// Throws Error as plan_training does. A plan that no hardware carries out is answered too, and says so.
[[nodiscard]] TrainingAnswer train(Model model, const TrainingRequest& request, const Catalog& catalog,
                                   Expander& expander);

}  // namespace paramcount
