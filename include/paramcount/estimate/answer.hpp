// Answers the main question for one model: parameters, memory, training cost, under the assumptions of a scenario.
// Numbers only; src/report turns them into pages.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "paramcount/base/units.hpp"
#include "paramcount/catalog/catalog.hpp"
#include "paramcount/catalog/dtype.hpp"
#include "paramcount/catalog/model.hpp"
#include "paramcount/count/expand.hpp"
#include "paramcount/count/inventory.hpp"
#include "paramcount/count/params.hpp"
#include "paramcount/estimate/decode.hpp"
#include "paramcount/estimate/input.hpp"
#include "paramcount/estimate/kv_cache.hpp"
#include "paramcount/estimate/layout.hpp"
#include "paramcount/estimate/llama_cpp.hpp"
#include "paramcount/estimate/media.hpp"
#include "paramcount/estimate/training_plan.hpp"
#include "paramcount/estimate/weights.hpp"

namespace paramcount {

/// What was asked for. What is left out takes the default stated at the field.
struct Scenario {
  std::vector<WeightFormat> formats;     ///< fp32, bf16, fp16, fp8, int8 and int4
  std::optional<std::uint64_t> context;  ///< min(8192, max_positions)
  std::uint64_t batch{1};                ///< sequences
  std::optional<Dtype> keys, values;     ///< number formats of the cache: fp16
  RuntimeChoice runtime;                 ///< ideal
  MediaRequest media;                    ///< none
  LayoutChoice layout;                   ///< none: no figures per device
  TrainingRequest training;
  bool decode{false};   ///< lower bound on the time per generated token
  bool serving{false};  ///< asked about inference: a runtime, a batch or --decode was given
};

/// Memory of the fullest device of a layout.
struct DeviceShare {
  Layout layout;
  std::vector<Bytes> weights;  ///< in each format of Answer::weights
  Bytes cache;
};

struct Answer {
  Model model;
  std::uint64_t copies{1};  ///< asked for as name*copies: totals of several are of all copies, the rest of one
  Inventory inventory;
  ParamCounts params;
  std::vector<WeightMemory> weights;
  bool dtypes_given{false};
  bool explained{false};            ///< --explain was given
  Input<std::uint64_t> context;     ///< of text: `cache` adds images and audio
  std::optional<MediaInput> media;  ///< where images or sound were asked for
  CacheRequest cache;               ///< what `kv` answers
  KvCache kv;
  std::optional<DeviceShare> device;        ///< where a layout was given
  std::optional<LlamaCppMemory> llama_cpp;  ///< with that runtime and one llama.cpp file type
  std::optional<TrainingPlan> training;
  std::vector<DecodeBound> decode;  ///< in each number format asked for; else in bf16
  bool asked_cache{false};          ///< context, batch, cache format or runtime were given
  bool asked_time{false};           ///< a training's device, devices, MFU or price were given
  bool bill{true};                  ///< pages show `training`: it was asked for, or nothing else was
  std::string not_applied;          ///< options that do not apply to files that only serve a model; else empty
};

/// For an undisclosed model only `model` is filled in; for files that only serve a model (Model::kind) their tensors,
/// counts and weights, without context, cache, training or generation. Throws Error if the model cannot be expanded or
/// the device has no peak to compute with.
[[nodiscard]] Answer answer(Model model, const Scenario& scenario, const Catalog& catalog, Expander& expander);

}  // namespace paramcount
