#include "paramcount/estimate/speed.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

namespace paramcount {
namespace {

constexpr std::string_view kAnyDevice = "any";
constexpr std::array<std::string_view, 5> kLimits{"bandwidth", "compute", "launches", "link", "host"};
/// 1e9 bytes per second between devices whose link is not known: PCIe 4.0 x16.
constexpr double kUsualLink = 32;

double link_of(const Device& device) { return (device.link_gb_s > 0 ? device.link_gb_s : kUsualLink) * 1e9; }

/// Bytes that each device sends for a ring all-reduce of that many bytes, on each layer one after attention and one
/// after the feed-forward block (Megatron-LM, arXiv:1909.08053, section 3).
double exchanged(const ServingWork& work, const Layout& layout, double tokens) {
  if (layout.tensor <= 1) return 0;
  const auto tp = static_cast<double>(layout.tensor);
  return 2 * static_cast<double>(work.layers()) * 2 * (tp - 1) / tp * tokens * work.hidden_bytes();
}

}  // namespace

std::string_view limit_name(SpeedLimit limit) { return kLimits[static_cast<std::size_t>(limit)]; }

SpeedLimit PassTime::limit() const {
  const std::array<double, 5> parts{bandwidth, compute, launches, link, host};
  const auto most = std::max_element(parts.begin(), parts.end());
  return static_cast<SpeedLimit>(most - parts.begin());
}

std::optional<FlopsPerSecond> multiplying_peak(const Device& device, const WeightFormat& format, bool converts) {
  const auto first = [&](std::initializer_list<std::string_view> names) -> std::optional<FlopsPerSecond> {
    for (const auto name : names) {
      if (auto peak = device.peak_for(name)) return peak;
    }
    return std::nullopt;
  };
  const std::string& units = format.narrowest().units;
  if (!converts && !units.empty()) return first({units, "fp16", "bf16", "fp32"});
  return first({"fp16", "bf16", "fp32"});
}

std::optional<SpeedConstants> speed_constants(std::string_view program, const Device& device, const Catalog& catalog) {
  if (program.empty()) return std::nullopt;
  const SpeedConstants* any = nullptr;
  for (const auto& row : catalog.speeds()) {
    if (row.program != program) continue;
    if (row.device_class == device.speed_class()) return row;
    if (row.device_class == kAnyDevice) any = &row;
  }
  return any != nullptr ? std::optional(*any) : std::nullopt;
}

SpeedModel::SpeedModel(const ServingWork& work, const Device& device, const Layout& layout,
                       const SpeedConstants& constants, std::optional<FlopsPerSecond> peak, double cache_share,
                       HostWork host)
    : work_(work),
      device_(device),
      layout_(layout),
      constants_(constants),
      peak_(peak),
      cache_share_(cache_share),
      host_(std::move(host)) {}

/// Sequences of one data-parallel group that pass its stages together: a share of them where there are several stages,
/// which work on the others meanwhile.
double SpeedModel::in_flight(std::uint64_t batch) const {
  const auto own = static_cast<double>(layout_.sequences(batch));
  return std::max(1.0, own / static_cast<double>(layout_.pipeline));
}

PassTime SpeedModel::step(std::uint64_t batch, std::uint64_t depth) const {
  const double sequences = in_flight(batch);
  const SequenceWork one = work_.at_depth(depth);
  const auto tp = static_cast<double>(layout_.tensor);
  const auto layers = static_cast<double>(work_.layers());
  double weights = work_.weights().always / tp;
  if (layout_.expert > 1) {
    // Devices that share the experts whole serve the tokens of all groups.
    const double tokens = sequences * static_cast<double>(layout_.data);
    weights += (work_.weight_bytes(tokens) - work_.weights().always) / static_cast<double>(layout_.expert);
  } else {
    weights += (work_.weight_bytes(sequences) - work_.weights().always) / tp;
  }
  const double cache = sequences * one.cache * cache_share_ * (1 - host_.cache_share);
  PassTime time;
  time.bandwidth = (weights + cache) / (constants_.bandwidth * device_.bandwidth);
  if (peak_) {
    time.compute = sequences * (work_.token_flops() + one.attention) / (tp * constants_.compute * peak_->value);
  }
  time.launches = layers * constants_.layer_s + sequences * constants_.sequence_s;
  if (layout_.tensor > 1) time.launches += layers * constants_.group_layer_s;
  time.link = exchanged(work_, layout_, sequences) / link_of(device_);
  if (host_.any() && host_.bandwidth > 0) {
    const double read = host_.weights.bytes(sequences) + sequences * one.cache * host_.cache_share;
    time.host = read / (constants_.host_bandwidth * host_.bandwidth) +
                static_cast<double>(host_.layers) * constants_.host_layer_s;
  }
  return time;
}

/// The same devices without losses.
SpeedModel SpeedModel::ideal() const {
  SpeedModel model = *this;
  auto& c = model.constants_;
  c.bandwidth = c.compute = c.prompt_compute = c.host_bandwidth = 1;
  c.layer_s = c.group_layer_s = c.sequence_s = c.prompt_token_s = c.host_layer_s = 0;
  for (const auto& [format, speed] : device_.peak) {
    if (!model.peak_ || speed > *model.peak_) model.peak_ = speed;
  }
  return model;
}

double SpeedModel::least_step(std::uint64_t batch, std::uint64_t depth) const {
  const PassTime time = ideal().step(batch, depth);
  return std::max(time.bandwidth, time.compute);
}

double SpeedModel::least_prompt(std::uint64_t tokens) const {
  const auto time = ideal().prompt(tokens);
  return time ? std::max(time->bandwidth, time->compute) : 0;
}

PassTime SpeedModel::prompt_pass(double tokens, double passes, double attention) const {
  const auto tp = static_cast<double>(layout_.tensor);
  const auto layers = static_cast<double>(work_.layers());
  const double chunk = std::min(tokens, static_cast<double>(constants_.chunk));
  PassTime time;
  const double flops = tokens * work_.token_flops_without_head() + work_.head_flops() + attention;
  const double multiplying = flops / (tp * constants_.prompt_compute * peak_->value);
  const double reading = passes * work_.weight_bytes(chunk) / tp / (constants_.bandwidth * device_.bandwidth);
  // Weights are read while the last ones are multiplied with: the longer of the two.
  (multiplying >= reading ? time.compute : time.bandwidth) = std::max(multiplying, reading);
  time.launches = passes * layers * constants_.layer_s + tokens * constants_.prompt_token_s;
  if (layout_.tensor > 1) time.launches += passes * layers * constants_.group_layer_s;
  time.link = exchanged(work_, layout_, tokens) / link_of(device_);
  if (host_.any()) {
    // Weights of the host are copied to the device for each pass (ggml-org/llama.cpp#2059).
    time.host = passes * host_.weights.bytes(chunk) / (constants_.bandwidth * link_of(device_)) +
                passes * static_cast<double>(host_.layers) * constants_.host_layer_s;
  }
  return time;
}

std::optional<PassTime> SpeedModel::prompt(std::uint64_t tokens) const {
  if (!peak_) return std::nullopt;
  const double passes = std::ceil(static_cast<double>(tokens) / static_cast<double>(constants_.chunk));
  return prompt_pass(static_cast<double>(tokens), passes, work_.prompt_attention(tokens));
}

std::optional<SpeedModel::Request> SpeedModel::request(std::uint64_t batch, std::uint64_t prompt,
                                                       std::uint64_t generate) const {
  if (!peak_) return std::nullopt;
  // Prompts of a full batch share their passes with others.
  const double whole = std::ceil(static_cast<double>(prompt) / static_cast<double>(constants_.chunk));
  const double shared = static_cast<double>(prompt) / static_cast<double>(constants_.chunk);
  const PassTime reading =
      prompt_pass(static_cast<double>(prompt), batch > 1 ? shared : whole, work_.prompt_attention(prompt));
  const double groups = static_cast<double>(batch) / in_flight(batch);
  const double steps = static_cast<double>(generate) * step(batch, prompt + generate / 2).together();
  return Request{reading.together() / groups, steps / static_cast<double>(batch)};
}

std::optional<Estimate> generation_speed(const ServingWork& work, const Device& device, std::uint64_t devices,
                                         const WeightFormat& format, std::uint64_t batch, std::uint64_t depth,
                                         const Catalog& catalog) {
  const bool file = format.file_type.has_value();
  const auto constants = speed_constants(file ? "llama.cpp" : "served", device, catalog);
  if (!constants || !(device.bandwidth > 0)) return std::nullopt;
  Layout layout;
  (file ? layout.pipeline : layout.tensor) = devices;
  const double share = file ? 1 : 1 / static_cast<double>(devices);
  const SpeedModel model(work, device, layout, *constants, multiplying_peak(device, format, file), share, {});
  const double likely = static_cast<double>(batch) / model.step(batch, depth).together();
  const double most = static_cast<double>(batch) / model.least_step(batch, depth);
  return speed_estimate(likely, at_most(batch > 1 ? constants->batched : constants->decode, likely, most));
}

}  // namespace paramcount
