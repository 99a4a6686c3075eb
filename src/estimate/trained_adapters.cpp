// What adapters add to training: their parameters, and what of a layer they read.
#include <algorithm>
#include <array>

#include "base/text.hpp"
#include "paramcount/base/checked.hpp"
#include "paramcount/estimate/training_layout.hpp"

namespace paramcount {
namespace {

/// What checkpoints call the matrix that leaves attention.
constexpr std::array<std::string_view, 8> kOutputs{"o", "o_proj", "out_proj", "wo", "dense", "c_proj", "proj", "out"};

bool leaves_attention(const LoraTarget& target) {
  const std::string text(target.name.text());
  std::string_view name = text;
  if (name.ends_with(".weight")) name.remove_suffix(7);
  const auto parts = split(name, '.');
  return std::find(kOutputs.begin(), kOutputs.end(), parts.back()) != kOutputs.end();
}

}  // namespace

TrainedAdapters trained_adapters(const Lora& lora, const Inventory& inventory, const WeightFormat& frozen, bool dora) {
  TrainedAdapters adapters;
  adapters.frozen = frozen;
  adapters.dora = dora;
  const auto width = inventory.count("d_model");
  const auto layers = std::max<std::uint64_t>(1, inventory.layer_count);
  const auto ffn = inventory.count("d_ff");
  for (const auto& target : lora.targets) {
    if (target.kind != LoraTarget::Kind::linear && target.kind != LoraTarget::Kind::parameter) {
      adapters.outside += target.trained;
      continue;
    }
    adapters.in_layers += target.trained;
    adapters.outputs +=
        static_cast<double>(target.outputs) * static_cast<double>(target.copies) / static_cast<double>(layers);
    if (target.inputs != width) {
      (target.inputs == ffn || !leaves_attention(target) ? adapters.ffn_output : adapters.attention_output) = true;
    } else if (leaves_attention(target)) {
      adapters.attention_output = true;
    } else if (ffn > 0 && (target.outputs == ffn || target.outputs == 2 * ffn)) {
      adapters.ffn_input = true;
    } else {
      adapters.attention_input = true;
    }
  }
  return adapters;
}

}  // namespace paramcount
