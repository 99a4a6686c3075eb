// The main question answered for one model: parameters, memory, training cost, under the assumptions of a scenario.
// Numbers only; src/report turns them into pages.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "paramcount/catalog.hpp"
#include "paramcount/device.hpp"
#include "paramcount/dtype.hpp"
#include "paramcount/expand.hpp"
#include "paramcount/inventory.hpp"
#include "paramcount/kv_cache.hpp"
#include "paramcount/llama_cpp.hpp"
#include "paramcount/model.hpp"
#include "paramcount/params.hpp"
#include "paramcount/training.hpp"
#include "paramcount/units.hpp"
#include "paramcount/weights.hpp"

namespace paramcount {

/// What was asked for. What is left out takes the default stated at the field.
struct Scenario {
  std::vector<WeightFormat> formats;     ///< fp32, bf16, fp16, fp8, int8 and int4
  std::optional<std::uint64_t> context;  ///< min(8192, max_positions)
  std::uint64_t batch{1};                ///< sequences
  std::optional<Dtype> keys, values;     ///< number formats of the cache: fp16
  RuntimeChoice runtime;                 ///< ideal
  std::optional<double> tokens;          ///< as published, or 20 × total
  std::optional<Device> device;          ///< as published, or h100-sxm
  std::optional<std::uint64_t> devices;  ///< as published, or 1
  std::optional<double> mfu;             ///< as published, or 0.40
  std::optional<double> price;           ///< dollars per device-hour: the median of the device's on-demand quotes
};

enum class Origin : std::uint8_t { given, published, assumed };

/// An input of an estimate and who said it.
template <class T>
struct Input {
  T value{};
  Origin origin{Origin::assumed};
};

struct TrainingAnswer {
  Input<double> tokens;
  Input<Device> device;
  Input<double> devices;
  Input<double> mfu;
  FlopsPerSecond peak;
  std::string peak_dtype;
  Flops flops;
  TrainingCost cost;
  std::optional<DollarsPerHour> price;  ///< nothing when the device has no quote
  std::optional<PriceQuote> quote;      ///< nothing when the price was given
  std::size_t quotes{0};                ///< how many the median was taken of
};

struct Answer {
  Model model;
  std::uint64_t copies{1};  ///< asked for as name*copies: totals of several are of all copies, the rest of one
  Inventory inventory;
  ParamCounts params;
  std::vector<WeightMemory> weights;
  bool dtypes_given{false};
  Input<std::uint64_t> context;
  CacheRequest cache;  ///< what `kv` answers
  KvCache kv;
  std::optional<LlamaCppMemory> llama_cpp;  ///< with that runtime and one llama.cpp file type
  std::optional<TrainingAnswer> training;
};

/// Of an undisclosed model only `model` is filled in. Throws Error when the model cannot be expanded or the device has
/// no peak to compute with.
[[nodiscard]] Answer answer(Model model, const Scenario& scenario, const Catalog& catalog, Expander& expander);

}  // namespace paramcount
