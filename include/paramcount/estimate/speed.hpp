// Serving speed: seconds per step, which gives every sequence a token, and per prompt. A roofline model (bytes over
// bandwidth, FLOPs over peak) with the fractions of either that programs reach and an overhead per layer, both fitted
// to measurements (paramcount/catalog/speed_constants.hpp). Known error: scripts/fit-speed prints it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "paramcount/catalog/catalog.hpp"
#include "paramcount/catalog/device.hpp"
#include "paramcount/catalog/speed_constants.hpp"
#include "paramcount/estimate/estimate.hpp"
#include "paramcount/estimate/input.hpp"
#include "paramcount/estimate/layout.hpp"
#include "paramcount/estimate/serving_work.hpp"
#include "paramcount/estimate/weights.hpp"

namespace paramcount {

/// The part of a model that is in host memory.
struct HostWork {
  StepWeights weights;
  double cache_share{0};    ///< of every sequence's cache
  std::uint64_t layers{0};  ///< that have weights there
  double bandwidth{0};      ///< bytes per second of host memory
  [[nodiscard]] bool any() const { return layers > 0; }
};

/// Speed and cost questions about serving a model.
struct SpeedRequest {
  std::optional<std::uint64_t> prompt, generate;  ///< tokens; 512 and 128, what llama-bench measures
  bool most_sequences{false};                     ///< as many sequences as fit
  std::optional<double> least;  ///< tokens per second per sequence: find the largest batch that still reaches it
  std::optional<double> host_bandwidth;  ///< bytes per second of host memory
  std::string pricing;                   ///< kind of quotes; empty: on-demand only
  bool buy{false};                       ///< the price of buying, over `years`, and of electricity
  double years{3};
  std::optional<double> usd_per_kwh;
  std::optional<Grid> grid;

  [[nodiscard]] std::uint64_t tokens() const;  ///< of one request
};
inline constexpr std::uint64_t kUsualPrompt = 512;
inline constexpr std::uint64_t kUsualGenerate = 128;

/// What limits the speed.
enum class SpeedLimit : std::uint8_t { bandwidth, compute, launches, link, host };
/// "bandwidth", "compute", "launches", "link", "host"
[[nodiscard]] std::string_view limit_name(SpeedLimit limit);

/// Seconds, by cause.
struct PassTime {
  double bandwidth{0}, compute{0}, launches{0}, link{0}, host{0};
  [[nodiscard]] double together() const { return bandwidth + compute + launches + link + host; }
  [[nodiscard]] SpeedLimit limit() const;
};

/// The peak of matrix multiplications with weights of this format: its own if the device has units for it, else that of
/// 16 bits, else of 32. `converts`: the program converts any format to 16 bits, as llama.cpp does. Nothing: no peak is
/// known.
[[nodiscard]] std::optional<FlopsPerSecond> multiplying_peak(const Device& device, const WeightFormat& format,
                                                             bool converts);

/// The row of data/speed.json for a program on a device, or for the program on any; nothing: its speed is not known.
[[nodiscard]] std::optional<SpeedConstants> speed_constants(std::string_view program, const Device& device,
                                                            const Catalog& catalog);

/// One model on devices of one kind.
class SpeedModel {
 public:
  /// `cache_share`: the fraction of a sequence's KV cache on one device of a tensor-parallel group. All references must
  /// outlive it.
  SpeedModel(const ServingWork& work, const Device& device, const Layout& layout, const SpeedConstants& constants,
             std::optional<FlopsPerSecond> peak, double cache_share, HostWork host);

  /// One step of `batch` sequences at that depth, data-parallel groups and pipeline stages at work side by side.
  [[nodiscard]] PassTime step(std::uint64_t batch, std::uint64_t depth) const;
  /// Seconds that a step takes at least: all it reads at the whole bandwidth, or all it computes at the highest peak.
  [[nodiscard]] double least_step(std::uint64_t batch, std::uint64_t depth) const;
  /// The same of a prompt.
  [[nodiscard]] double least_prompt(std::uint64_t tokens) const;
  /// Reading one prompt, alone on the devices of one group. Nothing: no peak is known.
  [[nodiscard]] std::optional<PassTime> prompt(std::uint64_t tokens) const;
  /// Seconds of all devices for one request of a batch that is always full: of its prompt, and of its tokens.
  struct Request {
    double prompt{0};
    double generate{0};
  };
  [[nodiscard]] std::optional<Request> request(std::uint64_t batch, std::uint64_t prompt, std::uint64_t generate) const;

 private:
  [[nodiscard]] double in_flight(std::uint64_t batch) const;
  [[nodiscard]] SpeedModel ideal() const;
  [[nodiscard]] PassTime prompt_pass(double tokens, double passes, double attention) const;

  const ServingWork& work_;
  const Device& device_;
  Layout layout_;
  SpeedConstants constants_;
  std::optional<FlopsPerSecond> peak_;
  double cache_share_;
  HostWork host_;
};

/// Tokens per second of all of `batch` sequences at that depth on that many devices: by tensor parallelism for number
/// formats, by layers for llama.cpp's file types. Nothing: no such speed is known.
[[nodiscard]] std::optional<Estimate> generation_speed(const ServingWork& work, const Device& device,
                                                       std::uint64_t devices, const WeightFormat& format,
                                                       std::uint64_t batch, std::uint64_t depth,
                                                       const Catalog& catalog);

/// Answers about one model on one kind of device.
struct ServingSpeed {
  std::uint64_t prompt{0}, generate{0};
  std::uint64_t batch{1};                          ///< batch size: given or found
  bool enough{true};                               ///< one sequence alone reaches the required tokens per second
  std::optional<Estimate> tokens_per_second;       ///< always present; per sequence while generating
  std::optional<Estimate> total;                   ///< of all sequences, including prefill
  std::optional<Estimate> prefill;                 ///< tokens of a prompt per second, one prompt alone
  std::optional<Estimate> first_token;             ///< seconds from a prompt to its first token, one prompt alone
  std::optional<Estimate> usd_output, usd_input;   ///< of a million tokens, the devices always busy
  std::optional<Estimate> joules;                  ///< of a token generated, its prompt included
  std::optional<Estimate> watt_hours, co2e_grams;  ///< of 1,000 tokens
  SpeedLimit limit{};
  PassTime step;
  SpeedConstants constants;
  SpeedRange range;                     ///< of tokens per second
  std::optional<DollarsPerHour> price;  ///< of all devices
  std::string price_source;
  Grid grid;
  std::optional<Input<double>> host_bandwidth;  ///< bytes per second; nothing: no weights are there
};

}  // namespace paramcount
