// Does a model fit? Memory per device for a runtime, number format, context and batch; what is left; the longest
// context and largest batch; and what would fit if it does not.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "paramcount/base/units.hpp"
#include "paramcount/catalog/catalog.hpp"
#include "paramcount/catalog/device.hpp"
#include "paramcount/catalog/model.hpp"
#include "paramcount/count/expand.hpp"
#include "paramcount/count/inventory.hpp"
#include "paramcount/estimate/input.hpp"
#include "paramcount/estimate/kv_cache.hpp"
#include "paramcount/estimate/layout.hpp"
#include "paramcount/estimate/media.hpp"
#include "paramcount/estimate/offload.hpp"
#include "paramcount/estimate/speed.hpp"
#include "paramcount/estimate/weights.hpp"

namespace paramcount {

/// What was asked for. What is left out takes the default stated at the field.
struct FitRequest {
  SharedDevice device;                   ///< of each; nullptr: the question is which
  std::optional<std::uint64_t> devices;  ///< what the layout says, else 1
  LayoutChoice layout;                   ///< the usual one that can be built
  std::vector<WeightFormat> formats;     ///< those worth considering for the runtime
  std::optional<std::uint64_t> context;  ///< min(8192, max_positions)
  std::uint64_t batch{1};                ///< sequences
  std::optional<Dtype> keys, values;     ///< number formats of the cache: fp16
  std::optional<RuntimeChoice> runtime;  ///< llama.cpp for its file types and consumer devices, else vllm
  std::optional<double> utilization;     ///< fraction of a device's memory to use: the runtime's own
  std::optional<Bytes> cache_memory;     ///< per device for the KV cache: what is left
  std::optional<Bytes> ram;              ///< of the host; without it nothing is offloaded
  std::optional<std::uint64_t> gpu_layers, cpu_experts;  ///< -ngl, --n-cpu-moe: what llama.cpp would choose
  std::optional<DollarsPerHour> price;                   ///< the median of dated quotes
  SpeedRequest speed;
  std::shared_ptr<const MediaInput> media;  ///< none: their tokens are in the context and the prompt (with_media)
};

/// The maximum context of a model that states none and needs no more memory for it.
inline constexpr std::uint64_t kEndlessContext = std::uint64_t{1} << 30U;

/// One remedy for a model that does not fit, in words with its figures.
struct Remedy {
  std::string text;  ///< "q4_k_m: 19.9 GiB of weights"
};

/// What vLLM prints about its KV cache.
struct CacheRoom {
  std::uint64_t tokens{0};         ///< "GPU KV cache size"
  std::uint64_t tokens_before{0};  ///< the same by versions before 0.22 where they differ: of hybrids; else 0
  double concurrency{0};           ///< "Maximum concurrency for N tokens per request"
};

/// One model in one format on one kind of device.
struct Fit {
  bool ok{false};
  std::string problem;  ///< why there is no answer, such as a layout that cannot be built; empty: there is one
  SharedDevice device;
  Layout layout;
  std::string dtype;
  bool formats_exact{true};  ///< which matrices stay unquantised is known
  RuntimeChoice runtime;
  // Of the fullest device.
  Bytes weights, weights_low, weights_high, tables;
  Bytes cache;
  std::vector<OverheadPart> overheads;
  Bytes overhead, overhead_low, overhead_high;
  Bytes memory;  ///< of one device, as the driver reports it, or the share of it that the system lets the GPU use
  Bytes usable;
  double utilization{1};
  std::optional<OffloadSplit> split;  ///< with llama.cpp
  std::uint64_t layers{0};            ///< that can be split: with the output
  bool split_chosen{false};           ///< by the rules of llama.cpp's --fit
  Bytes host;                         ///< in host memory
  std::optional<Bytes> ram;
  std::uint64_t batch{1};         ///< sequences: asked for, or the most that were found
  std::uint64_t max_context{0};   ///< of each sequence, all sequences at once; 0: not one
  std::uint64_t max_batch{0};     ///< sequences of the context; 0: not one
  bool context_is_models{false};  ///< the longest context is the model's maximum
  std::optional<CacheRoom> room;
  std::optional<std::uint64_t> max_context_half;  ///< with a cache of half the size; of a ladder
  std::string half_dtype;                         ///< the format of that: "q8_0", "fp8"
  std::optional<FileType::Perplexity> perplexity;
  std::optional<ServingSpeed> speed;  ///< of what fits, where it is known
  std::string speed_unknown;          ///< why it is not, of what fits
  bool range_decides{false};  ///< it fits by the likely figures but not by the high ones, or the other way round

  [[nodiscard]] Bytes together() const { return weights + cache + overhead; }
  /// Of `usable`; below 0: so much is missing.
  [[nodiscard]] std::int64_t spare() const;
};

struct FitAnswer {
  Model model;
  Inventory inventory;
  CacheRequest cache;
  Input<std::uint64_t> context;
  std::vector<Fit> fits;         ///< one per requested format, or per format worth considering: the ladder
  bool ladder{false};            ///< no format was asked for
  std::size_t best{0};           ///< of a ladder: the one that fits with the most bits
  std::vector<Remedy> remedies;  ///< where nothing fits
  bool runtime_given{false};
  std::shared_ptr<const MediaInput> media;  ///< the request's

  [[nodiscard]] bool ok() const;
  /// Why no format can be laid out as requested, with what would fit; empty: one can.
  [[nodiscard]] std::string problem() const;
};

/// Throws Error if the model cannot be expanded, an option does not apply to the runtime, or the device's memory is not
/// known.
[[nodiscard]] FitAnswer fit(Model model, const FitRequest& request, const Catalog& catalog, Expander& expander);

/// The request with images and audio in each sequence and each prompt, in addition to the text.
[[nodiscard]] FitRequest with_media(FitRequest request, const Inventory& inventory, MediaInput media);

/// The default runtime for a format on a device.
[[nodiscard]] std::string_view usual_runtime(const Device* device, const WeightFormat* format);

}  // namespace paramcount
