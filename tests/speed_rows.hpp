// Rows of tests/truth/speed.jsonl, and what a row's time is made of by the model of speed.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "paramcount/base/value.hpp"
#include "paramcount/catalog/catalog.hpp"
#include "paramcount/catalog/speed_constants.hpp"
#include "paramcount/count/expand.hpp"

namespace paramcount {

/// What a row's time is made of, each with constants of 1.
struct Measured {
  std::string id, kind, backend, device, device_class, program;
  double tokens_per_second{0};
  bool small_host{false};
  double watts{0}, limit_watts{0};
  double batch{1}, in_flight{1}, prompt{0}, generate{0};
  struct Step {
    double bandwidth{0}, compute{0}, layers{0}, link{0}, host{0}, host_layers{0};
  } step;
  struct Reading {
    double multiplying{0}, weights{0}, layers{0}, link{0};
  } reading;
  bool grouped{false};  ///< tensor parallel
  /// Averages over whole requests, many of a device by one person, tell of that device together as much as these rows.
  double weight{1};
  double flat{0};  ///< 0.55 of the bandwidth, as llmfit takes it
};

using Rows = std::vector<const Measured*>;

[[nodiscard]] double step_seconds(const Measured& row, const SpeedConstants& constants);
[[nodiscard]] double reading_seconds(const Measured& row, const SpeedConstants& constants);
/// Tokens per second as the row's kind means it.
[[nodiscard]] double predicted(const Measured& row, const SpeedConstants& constants);
/// Logarithm of what was measured by what is predicted.
[[nodiscard]] double residual(const Measured& row, const SpeedConstants& constants);

/// Nothing, with a line on standard output: the row cannot be predicted.
[[nodiscard]] std::optional<Measured> read_measured(const Value& row, const Catalog& catalog, Expander& expander);

}  // namespace paramcount
