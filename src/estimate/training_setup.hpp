// Turns a training request into a layout of devices and the peak of their memory.
#pragma once

#include "paramcount/catalog/catalog.hpp"
#include "paramcount/count/inventory.hpp"
#include "paramcount/estimate/training_memory.hpp"
#include "paramcount/estimate/training_peak.hpp"
#include "paramcount/estimate/training_plan.hpp"
#include "paramcount/estimate/training_request.hpp"

namespace paramcount {

/// The optimizer asked for, the framework's, or the default one.
[[nodiscard]] Optimizer optimizer_of(const TrainingRequest& request, const Catalog& catalog);

/// Throws Error with exit code usage where these are not the stages' layers.
void refuse_stages(const Inventory& inventory, const std::vector<std::uint64_t>& stages, std::uint64_t pipeline,
                   std::uint64_t interleaved);

/// What decides a layout and its peak. All must outlive it.
struct TrainingCase {
  const Inventory& inventory;
  const TrainingRequest& request;
  const TrainingPlan& plan;
  const Optimizer& optimizer;
  const TrainedAdapters* adapters;  ///< nullptr where the model is trained whole
  std::uint64_t sequence;
};

/// The request on that many data-parallel groups.
[[nodiscard]] TrainingSetup setup_of(const TrainingCase& of, std::uint64_t data);

/// The same request in the layout of a plan.
[[nodiscard]] TrainingRequest in_layout(TrainingRequest request, const TrainingSetup& setup);

/// Fills in the devices that a layout with dp says. Throws Error with exit code usage where --devices says others.
void take_devices(TrainingRequest& request);

/// The fewest devices in that layout that hold it, data parallelism doubled until they do.
[[nodiscard]] double fewest_laid_out(const TrainingCase& of);

/// The peak in the layout asked for, on the plan's devices. Throws Error with exit code usage for one that cannot be
/// trained.
[[nodiscard]] PeakMemory laid_out(const TrainingCase& of);

/// "the peak is 208 GiB of 79.6 GiB of each H100 SXM, dp 64, ZeRO-3: ...", with what would fit.
[[nodiscard]] std::string why_over(const PeakMemory& peak);

/// The states of the fullest device, and why it does not hold its peak.
[[nodiscard]] TrainingMemory states_of_peak(const Inventory& inventory, const PeakMemory& peak, Params trained,
                                            bool stage_chosen);

/// The peak where nothing was said of a layout: data parallel, one sequence at a time; nothing where it is not known.
[[nodiscard]] std::optional<PeakMemory> peak_of_states(const TrainingCase& of, const TrainingMemory& memory);

}  // namespace paramcount
