// The answer of `paramcount train`: a planned run beside the published one and beside what follows from the published
// hours; the memory its parameters take while they are trained; electricity, carbon, and what these can be compared
// with.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "paramcount/catalog/catalog.hpp"
#include "paramcount/catalog/energy.hpp"
#include "paramcount/catalog/equivalent.hpp"
#include "paramcount/catalog/optimizer.hpp"
#include "paramcount/catalog/published_run.hpp"
#include "paramcount/count/expand.hpp"
#include "paramcount/count/inventory.hpp"
#include "paramcount/estimate/flops.hpp"
#include "paramcount/estimate/input.hpp"
#include "paramcount/estimate/lora.hpp"
#include "paramcount/estimate/training_plan.hpp"
#include "paramcount/estimate/weights.hpp"

namespace paramcount {

/// What is left out takes the default stated at the field.
struct TrainRequest {
  TrainingRequest plan;
  std::optional<double> watts;  ///< of one device: as published, or the device's rated power
  std::optional<double> pue;    ///< as published, or 1.1
  double host_overhead{1};
  std::optional<Grid> grid;                 ///< as published, or usa
  std::optional<Optimizer> optimizer;       ///< adamw
  std::optional<std::uint64_t> zero_stage;  ///< the lowest that fits
  std::optional<LoraRequest> lora;
  std::optional<WeightFormat> frozen;  ///< of weights that adapters leave alone: bf16
};

/// Figures of a run; what is not known is absent.
struct RunFigures {
  std::optional<double> flops, device_hours, devices, days, mfu, mfu_low, mfu_high, hfu, cost_usd, energy_kwh, co2e_t;
};

struct EnergyInputs {
  Input<double> watts;
  Input<double> pue;
  double host_overhead{1};
  Input<double> g_per_kwh;
  std::string grid;  ///< in words
  std::string grid_source;
};

/// What training keeps on one device.
struct TrainingMemory {
  Optimizer optimizer;
  Params trained;
  std::uint64_t ranks{1};
  std::uint64_t stage{0};
  bool stage_chosen{false};                 ///< by us
  TrainingState state;                      ///< under that stage
  Bytes frozen;                             ///< weights that adapters leave alone
  std::array<Bytes, kZeroStages> by_stage;  ///< totals, frozen weights included

  [[nodiscard]] Bytes total() const { return state.total() + frozen; }
};

struct ConventionFlops {
  FlopsConvention convention{};
  std::optional<double> per_token;  ///< nothing where the convention has no closed form for the model
  std::optional<double> total;
};

struct Comparable {
  Equivalent equivalent;
  double ratio{0};
};

struct TrainAnswer {
  Model model;
  Inventory inventory;
  ParamCounts params;
  TrainingAnswer plan;
  RunFigures planned, published, from_hours;
  bool has_published{false};
  std::optional<PublishedRun> run;       ///< the catalog's record of it
  std::optional<double> of_pretraining;  ///< this plan's FLOPs by those of the published training
  EnergyInputs energy;
  TrainingMemory memory;
  std::optional<Lora> lora;
  TokenWork work;  ///< of one token, at the length of a training sequence
  Input<std::uint64_t> sequence;
  std::vector<ConventionFlops> conventions;
  std::vector<Comparable> comparables;
};

/// Throws Error as plan_training does, and with exit code `no` when the devices given cannot hold what training keeps.
[[nodiscard]] TrainAnswer train(Model model, const TrainRequest& request, const Catalog& catalog, Expander& expander);

}  // namespace paramcount
