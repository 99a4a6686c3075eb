// How long one step of training takes in a layout, and which layouts of so many devices are worth having. An estimate:
// what computes at a given efficiency, the pipeline's bubble, and what links carry.
#pragma once

#include <cstdint>
#include <string>
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
  double data{0};       ///< gradients and weights over dp and cp, beyond what goes on beside computing
  double optimizer{0};  ///< reading and writing its states
  double mfu{0};        ///< of the whole step

  [[nodiscard]] double seconds() const { return compute + bubble + tensor + context + expert + data + optimizer; }
};

/// Of a step: as published of Llama 2 (4 Mi tokens), and an eighth of a sequence for each device where that is more
/// (Llama 3 405B on 16,384: 2,048 sequences); of adapters 128 sequences (Lightning-AI/litgpt,
/// tutorials/resource-tables.md).
[[nodiscard]] std::uint64_t usual_global_batch(const TrainingSetup& setup, std::uint64_t devices);

/// Within a machine the device's own link, between machines 400 Gb/s for each device: eight such adapters of eight H100
/// (mlcommons/inference_results_v3.1, closed/Dell/systems/XE9680_H100_SXM_80GBx8_TRT.json). Known error: the schedule's
/// overlap is taken as ideal for dp and as none for tp, cp and ep.
[[nodiscard]] StepTime step_time(const Inventory& inventory, const TrainingSetup& setup, const StepWork& work);

struct TrainingLayoutPlan {
  TrainingSetup setup;
  StepTime step;
  Bytes peak;
};

/// Layouts of so many devices that divide the model and fit, the fastest first; of those that differ in micro-batch,
/// chunks, ZeRO stage and recomputation alone the fastest. `setup`: what is given of them (framework, loss, sequence,
/// global batch).
[[nodiscard]] std::vector<TrainingLayoutPlan> plan_layouts(const Inventory& inventory, const TrainingSetup& setup,
                                                           const TrainingLayoutChoice& given, bool recompute_given,
                                                           bool zero_given, std::uint64_t devices,
                                                           const StepWork& work);

}  // namespace paramcount
