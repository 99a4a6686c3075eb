// A training run as published: a row of data/runs.json. Nothing here is estimated.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace paramcount {

class Value;

/// The cost of a training run, whatever the source; unknown figures are absent.
struct TrainingFigures {
  struct Field {
    std::string_view key, label;
    std::optional<double> TrainingFigures::*value;
  };
  std::optional<double> flops, device_hours, devices, days;
  std::optional<double> mfu, mfu_low, mfu_high, hfu;  ///< 0 to 1; low and high where a range is published
  std::optional<double> cost_usd, energy_kwh, co2e_t;

  /// Whether anything besides the number of devices is known.
  [[nodiscard]] bool has_results() const {
    return flops || device_hours || days || mfu || cost_usd || energy_kwh || co2e_t;
  }
};

/// In the order in which reports tell them, with their JSON keys.
inline constexpr std::array<TrainingFigures::Field, 11> kTrainingFigures{{
    {"flops", "FLOPs", &TrainingFigures::flops},
    {"device_hours", "device-hours", &TrainingFigures::device_hours},
    {"devices", "devices", &TrainingFigures::devices},
    {"days", "days", &TrainingFigures::days},
    {"mfu", "MFU", &TrainingFigures::mfu},
    {"mfu_low", "MFU, lowest", &TrainingFigures::mfu_low},
    {"mfu_high", "MFU, highest", &TrainingFigures::mfu_high},
    {"hfu", "HFU", &TrainingFigures::hfu},
    {"cost_usd", "cost", &TrainingFigures::cost_usd},
    {"energy_kwh", "energy", &TrainingFigures::energy_kwh},
    {"co2e_t", "carbon", &TrainingFigures::co2e_t},
}};

/// Fields are absent unless the source states them. The row with a model's id is the makers' own account: it gives the
/// defaults of a plan (tokens, sequence, device, devices, MFU). Other rows are third parties' accounts.
struct PublishedTraining {
  static constexpr std::string_view kTable = "runs";
  [[nodiscard]] static PublishedTraining read(const Value& row);

  std::string id;  ///< empty: nothing is published
  std::string name;
  std::string model;     ///< id of the catalog's model; empty when it is not in the catalog
  std::string hardware;  ///< as the source calls it
  std::string device;    ///< the same as an id of data/devices.json, where there is one
  std::optional<double> params, active;
  std::optional<double> tokens;
  std::optional<std::uint64_t> sequence;  ///< tokens of a training sequence, in most of the run
  TrainingFigures figures;
  std::optional<double> tflops_per_device;  ///< sustained
  std::optional<double> pue;
  std::optional<double> watts;  ///< of one device
  std::optional<double> kg_per_kwh;
  std::string note;
  std::string source;
};

}  // namespace paramcount
