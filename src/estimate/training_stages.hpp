// Peak memory of a model whose layers are known, for trying many layouts.
#pragma once

#include <optional>
#include <string>

#include "estimate/trained_model.hpp"
#include "paramcount/estimate/training_peak.hpp"

namespace paramcount {

/// A model's layers, and the same with the bytes of what is frozen under adapters.
struct TrainedModels {
  TrainedModel trained;
  std::optional<TrainedModel> frozen;
};
[[nodiscard]] TrainedModels trained_models(const Inventory& inventory, const TrainingSetup& setup);

/// As training_peak(); without the layers' terms.
[[nodiscard]] PeakMemory stages_peak(const TrainedModels& models, const TrainingSetup& setup);

/// What would make it fit: ". --recompute full takes 61.0 GiB, or at least --devices 32 ..."; empty: nothing was found.
[[nodiscard]] std::string what_would_fit(const TrainedModels& models, const Inventory& inventory,
                                         const TrainingSetup& setup);

/// Fills in max_sequence and max_micro_batch.
void find_largest(const TrainedModels& models, PeakMemory& memory);

}  // namespace paramcount
