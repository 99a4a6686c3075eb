// A request about training a model, from the main command or from `train`.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "paramcount/catalog/device.hpp"
#include "paramcount/catalog/grid.hpp"
#include "paramcount/catalog/optimizer.hpp"
#include "paramcount/estimate/flops.hpp"
#include "paramcount/estimate/lora.hpp"
#include "paramcount/estimate/training_layout.hpp"
#include "paramcount/estimate/weights.hpp"

namespace paramcount {

/// What is left out takes the default stated at the field (paramcount/estimate/defaults.hpp).
struct TrainingRequest {
  std::optional<double> tokens;   ///< as published, or 20 × total
  SharedDevice device;            ///< as published, or h100-sxm
  std::optional<double> devices;  ///< as published, or 1 (`train`: the fewest that hold it); with days and an
                                  ///< efficiency: as many as it takes
  // What decides the time; at most one of mfu and hfu, and days or device_hours in place of either.
  std::optional<double> mfu;  ///< as published, or 0.40
  std::optional<double> hfu;
  std::optional<double> days;
  std::optional<double> device_hours;
  std::optional<double> throughput;  ///< tokens per second of one device, measured: the MFU follows
  std::optional<double> price;       ///< dollars per device-hour: the median of the device's quotes
  std::string pricing;               ///< which quotes; empty: on-demand
  FlopsConvention convention{FlopsConvention::six_nd};
  Recompute recompute{Recompute::none};
  bool recompute_given{false};
  std::optional<std::uint64_t> sequence;  ///< as published, or min(8192, max_positions)

  // Of `train` alone.
  std::optional<double> watts;  ///< of one device: as published, or the device's rated power
  std::optional<double> pue;    ///< as published, or 1.1
  double host_overhead{1};
  std::optional<Grid> grid;                 ///< as published, or usa
  std::optional<Optimizer> optimizer;       ///< adamw
  std::optional<std::uint64_t> zero_stage;  ///< the lowest that fits
  std::optional<LoraRequest> lora;
  std::optional<WeightFormat> frozen;  ///< of frozen weights under adapters: bf16

  // What decides the peak of memory besides.
  TrainingLayoutChoice layout;
  const TrainingFramework* framework{nullptr};  ///< nullptr: none's
  std::optional<LossKind> loss;                 ///< plain
  bool unfused{false};
  bool dropout{false};
  bool mtp{false};
  std::vector<std::uint64_t> stage_layers;  ///< empty: even
  std::uint64_t optimizer_instances{1};
  std::optional<Bytes> workspace;  ///< the framework's own
  bool compiled{false};
  TrainingOffload offload{TrainingOffload::none};
  bool search{false};                 ///< search for layouts
  bool largest{false};                ///< also find the longest sequence and the largest micro-batch
  const Sharding* sharding{nullptr};  ///< the catalog's, which train() fills in

  /// Whether anything was said of how it is laid out: a peak beyond the device's memory is then a "no".
  [[nodiscard]] bool lays_out() const {
    return layout.given() || framework != nullptr || loss || unfused || dropout || mtp || compiled ||
           offload != TrainingOffload::none || workspace || largest || search || !stage_layers.empty() ||
           optimizer_instances > 1;
  }
};

}  // namespace paramcount
