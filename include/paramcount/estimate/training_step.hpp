// The time of one training step in a layout, and which layouts of a number of devices are worth considering. An
// estimate: compute at a given efficiency, the pipeline bubble, and communication.
#pragma once

#include <cstdint>
#include <vector>

#include "paramcount/base/units.hpp"
#include "paramcount/count/inventory.hpp"
#include "paramcount/estimate/flops.hpp"
#include "paramcount/estimate/training_layout.hpp"
#include "paramcount/estimate/training_peak.hpp"

namespace paramcount {

/// What a step computes.
struct StepWork {
  double flops_per_token{0};  ///< of the model, in the convention that the MFU is in
  double full_share{0};       ///< what recomputing all but the head adds, as a share of these
  double selective_share{0};  ///< what recomputing the attention cores adds
  double ops_share{0};        ///< what recomputing every second matrix adds
  FlopsPerSecond peak;
  double mfu{0};  ///< of a device while it computes
};

/// Seconds of one step.
struct StepTime {
  std::uint64_t global_batch{0};
  double compute{0};    ///< what is recomputed included
  double bubble{0};     ///< stages that wait for the pipeline to fill and to drain, and for the largest stage
  double tensor{0};     ///< tp's sums of activations
  double context{0};    ///< keys and values on their way round cp
  double expert{0};     ///< tokens on their way to experts and back
  double data{0};       ///< gradients and weights over dp and cp, as far as not overlapped with computing
  double optimizer{0};  ///< reading and writing its states
  double mfu{0};        ///< of the whole step

  [[nodiscard]] double seconds() const { return compute + bubble + tensor + context + expert + data + optimizer; }
};

/// The default global batch: as published for Llama 2 (4 Mi tokens), or an eighth of a sequence per device if that is
/// more (Llama 3 405B on 16,384: 2,048 sequences); for adapters 128 sequences (Lightning-AI/litgpt,
/// tutorials/resource-tables.md).
[[nodiscard]] std::uint64_t usual_global_batch(const TrainingSetup& setup, std::uint64_t devices);

/// Within a machine the device's own link, between machines 400 Gb/s per device: eight such adapters for eight H100
/// (mlcommons/inference_results_v3.1, closed/Dell/systems/XE9680_H100_SXM_80GBx8_TRT.json). Known error: overlap is
/// assumed ideal for dp and absent for tp, cp and ep.
[[nodiscard]] StepTime step_time(const Inventory& inventory, const TrainingSetup& setup, const StepWork& work);

struct TrainingLayoutPlan {
  TrainingSetup setup;
  StepTime step;
  Bytes peak;
};

/// Layouts of that many devices that divide the model and fit, fastest first; among those that differ only in
/// micro-batch, chunks, ZeRO stage and recomputation, only the fastest. `setup`: what is given (framework, loss,
/// sequence, global batch).
[[nodiscard]] std::vector<TrainingLayoutPlan> plan_layouts(const Inventory& inventory, const TrainingSetup& setup,
                                                           const TrainingLayoutChoice& given, bool recompute_given,
                                                           bool zero_given, std::uint64_t devices,
                                                           const StepWork& work);

}  // namespace paramcount
