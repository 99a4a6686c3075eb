#include "read/packed_widths.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>
#include <string_view>

#include "base/file.hpp"
#include "base/text.hpp"
#include "catalog/json.hpp"
#include "paramcount/base/error.hpp"
#include "read/checkpoint_model.hpp"

namespace paramcount {
namespace {

constexpr std::array<std::string_view, 4> kBits{"bits", "num_bits", "nbits", "w_bit"};
constexpr std::array<std::string_view, 2> kGroups{"group_size", "q_group_size"};
/// Settings of anything but weights.
constexpr std::array<std::string_view, 10> kOthers{
    "input_activations", "output_activations", "kv_cache_scheme", "scale_quant_params",
    "zero_quant_params", "input_tensors",      "output_tensors",  "bias",
    "sparsity_config",   "transform_config"};
/// Where a config.json has them; Kimi-K2.5, Qwen's omni models and others have them inside.
constexpr std::array<std::string_view, 3> kSettings{"quantization_config", "quantization", "compression_config"};
constexpr std::array<std::string_view, 4> kInside{"text_config", "language_config", "llm_config", "thinker_config"};
/// ModelOpt's, AutoGPTQ's, AutoAWQ's and Quanto's own.
constexpr std::array<std::string_view, 4> kFiles{"hf_quant_config.json", "quantize_config.json", "quant_config.json",
                                                 "quanto_qmap.json"};
constexpr std::int64_t kMostBits = 64;

std::optional<std::int64_t> whole(const Value& value) {
  if (const auto* number = value.as<std::int64_t>()) return *number;
  const auto* real = value.as<double>();
  if (real != nullptr && *real == std::floor(*real) && std::abs(*real) < 1e9) return static_cast<std::int64_t>(*real);
  return std::nullopt;
}

template <std::size_t N>
const Value* first_of(const Value& object, const std::array<std::string_view, N>& keys) {
  for (const auto key : keys) {
    if (const auto* found = object.find(key)) return found;
  }
  return nullptr;
}

void collect(const Value& value, std::uint64_t group, int depth, std::vector<PackedWidth>& out) {
  const auto* object = value.as<Value::Object>();
  if (object == nullptr || depth == kDeepestPackedSettings) return;
  if (const auto* own = first_of(value, kGroups)) {
    const auto size = whole(*own);
    group = size && *size > 0 ? static_cast<std::uint64_t>(*size) : 0;
  }
  std::optional<std::int64_t> bits;
  if (const auto* own = first_of(value, kBits)) bits = whole(*own);
  // Quanto: "weights": "qint4".
  const auto* type = value.find<std::string>("weights");
  if (type != nullptr && type->size() == 5 && type->starts_with("qint") && is_digit(type->back())) {
    bits = type->back() - '0';
  }
  if (bits && *bits > 0 && *bits <= kMostBits) {
    const PackedWidth width{static_cast<std::uint64_t>(*bits), group};
    const bool known = std::any_of(out.begin(), out.end(),
                                   [&](const auto& w) { return w.bits == width.bits && w.group == width.group; });
    if (!known && out.size() < kMostPackedWidths) out.push_back(width);
  }
  for (const auto& [key, inner] : *object) {
    if (std::find(kOthers.begin(), kOthers.end(), key) == kOthers.end()) collect(inner, group, depth + 1, out);
  }
}

const Value* settings_of(const Value& config, int depth = 0) {
  if (const auto* found = first_of(config, kSettings)) return found;
  if (depth == 2) return nullptr;
  for (const auto key : kInside) {
    const auto* inside = config.find(key);
    if (const auto* found = inside != nullptr ? settings_of(*inside, depth + 1) : nullptr) return found;
  }
  return nullptr;
}

std::optional<Value> parsed(const std::string& path) {
  if (!is_file(path)) return std::nullopt;
  try {
    return read_json(path);
  } catch (const Error&) {
    return std::nullopt;  // whoever reads the config for its dimensions refuses it by name
  }
}

}  // namespace

std::vector<PackedWidth> packed_widths(const Value& settings) {
  std::vector<PackedWidth> result;
  collect(settings, 0, 0, result);
  return result;
}

Value read_packed_settings(const std::string& checkpoint) {
  if (const std::string config = config_beside(checkpoint); !config.empty()) {
    const auto value = parsed(config);
    const auto* settings = value ? settings_of(*value) : nullptr;
    if (settings != nullptr) return *settings;
  }
  const std::string folder = folder_of(checkpoint);
  for (const auto name : kFiles) {
    if (auto value = parsed(folder + std::string(name))) return std::move(*value);
  }
  return {};
}

}  // namespace paramcount
