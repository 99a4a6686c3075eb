// The quantities of a model that determine step time, summed once for timing many layouts.
#pragma once

#include "estimate/trained_model.hpp"
#include "paramcount/estimate/training_step.hpp"

namespace paramcount {

class TrainingClock {
 public:
  TrainingClock(const TrainedModel& model, const TrainingSetup& setup, const StepWork& work);

  [[nodiscard]] StepTime time(const TrainingSetup& setup) const;

 private:
  /// Bytes per second among that many neighbouring devices.
  [[nodiscard]] double rate(std::uint64_t span) const;
  [[nodiscard]] double optimizer_seconds(const TrainingSetup& setup) const;
  [[nodiscard]] double data_seconds(const TrainingSetup& setup, double compute, double batches) const;

  StepWork work_;
  double width_, layers_;
  double params_{0}, experts_{0};
  double trained_{0};  ///< adapters; 0: all is
  double expert_layers_{0}, per_token_{0};
  double keys_values_{0};  ///< Σ widths of the layers
  double bandwidth_{0};    ///< bytes a second of a device's memory; 0: not known
  std::uint64_t node_{8};
  double link_{0};
};

}  // namespace paramcount
