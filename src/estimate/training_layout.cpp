#include "paramcount/estimate/training_layout.hpp"

#include <algorithm>
#include <array>

#include "base/numbers.hpp"
#include "base/text.hpp"
#include "estimate/layout_dims.hpp"
#include "paramcount/base/checked.hpp"

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

std::string does_not_divide(const char* name, std::uint64_t size, std::uint64_t of, std::string_view what) {
  return std::string(name) + " " + grouped(size) + " does not divide " + grouped(of) + " " + std::string(what);
}

}  // namespace

std::uint64_t TrainingLayout::devices() const {
  return checked_mul(checked_mul(tensor, pipeline), checked_mul(context, data));
}

std::uint64_t TrainingLayout::expert_group() const {
  return std::max<std::uint64_t>(1, tensor * shard_group() / (expert * expert_tensor));
}

std::optional<std::uint64_t> TrainingLayout::micro_batches() const {
  if (!global_batch) return std::nullopt;
  return std::max<std::uint64_t>(1, *global_batch / (micro_batch * data));
}

std::string layout_text(const TrainingLayout& layout) {
  std::string text;
  const auto add = [&](std::uint64_t size, const char* name, const char* before) {
    if (size > 1) text += (text.empty() ? "" : before) + std::string(name) + " " + grouped(size);
  };
  add(layout.tensor, "tp", " × ");
  add(layout.pipeline, "pp", " × ");
  add(layout.context, "cp", " × ");
  add(layout.data, "dp", " × ");
  add(layout.interleaved, "vpp", ", ");
  add(layout.expert, "ep", ", ");
  if (layout.expert_tensor != layout.tensor || layout.expert_tensor > 1) add(layout.expert_tensor, "etp", ", ");
  if (layout.sequence_parallel) text += ", sp";
  return text.empty() ? "one device" : text;
}

bool TrainingLayoutChoice::given() const {
  return tensor || pipeline || interleaved || context || expert || expert_tensor || data || micro_batch ||
         global_batch || sequence_parallel;
}

std::uint64_t TrainingLayoutChoice::model_parallel() const {
  return checked_mul(checked_mul(tensor.value_or(1), pipeline.value_or(1)), context.value_or(1));
}

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

std::string not_trainable(const Inventory& inventory, const TrainingLayout& layout, std::uint64_t sequence) {
  const auto tp = layout.tensor;
  for (const auto heads : values_of(inventory, "n_heads")) {
    if (heads % tp != 0) return does_not_divide("tp", tp, heads, "heads");
  }
  if (inventory.count("kv_lora_rank") == 0) {
    for (const auto heads : values_of(inventory, "n_kv_heads")) {
      if (heads % tp != 0 && tp % heads != 0) {
        return "tp " + grouped(tp) + " and " + grouped(heads) + " KV heads: neither divides the other";
      }
    }
  }
  for (const auto& state : inventory.state) {
    // megatron/core/ssm/mamba_mixer.py: nheads must be evenly divisible by tp.
    if (state.kind != StateKind::recurrent || state.shape.size() != 3 || state.shape.front() % tp == 0) continue;
    return does_not_divide("tp", tp, state.shape.front(), "recurrent-state heads");
  }
  for (const auto width : values_of(inventory, "d_ff")) {
    if (width % tp != 0) return does_not_divide("tp", tp, width, "(d_ff)");
  }
  const auto layers = inventory.layer_count;
  if (layout.pipeline > std::max<std::uint64_t>(1, layers)) {
    return "pp " + grouped(layout.pipeline) + " exceeds the " + several(layers, "layer");
  }
  if (layout.pipeline > 1 && inventory.flag("encoder_decoder")) {
    return "pp " + grouped(layout.pipeline) + ": pipelines of encoder-decoder models are not supported";
  }
  if (layout.pipeline > 1 && std::any_of(inventory.repeats.begin(), inventory.repeats.end(),
                                         [](const auto& repeat) { return repeat.times > repeat.of; })) {
    return "pp " + grouped(layout.pipeline) + ": pipelines of layers that share weights are not supported";
  }
  if (layout.interleaved > 1) {
    if (layout.pipeline == 1) return "vpp " + grouped(layout.interleaved) + " interleaves pipeline stages, but pp is 1";
    if (layout.interleaved > layers / layout.pipeline) {
      return "vpp " + grouped(layout.interleaved) + " exceeds the layers of a stage";
    }
    if (const auto batches = layout.micro_batches(); batches && *batches % layout.pipeline != 0) {
      return does_not_divide("vpp: pp", layout.pipeline, *batches, "micro-batches");
    }
  }
  const auto parts = layout.context * (layout.context > 1 ? 2 : 1);  // two of each, for equal work under the mask
  if (sequence % parts != 0) {
    return "cp " + grouped(layout.context) + ": " + grouped(sequence) + " tokens cannot be split into " +
           grouped(parts) + " parts, two for each device";
  }
  if (layout.sequence_parallel && sequence / layout.context % tp != 0) {
    return does_not_divide("sp: tp", tp, sequence / layout.context, "tokens");
  }
  const auto experts = inventory.count("n_experts");
  if (experts == 0) {
    if (layout.expert > 1) return "ep " + grouped(layout.expert) + ": the model has no experts";
    if (layout.expert_tensor > 1) return "etp " + grouped(layout.expert_tensor) + ": the model has no experts";
  } else {
    if (experts % layout.expert != 0) return does_not_divide("ep", layout.expert, experts, "experts");
    const auto over = layout.tensor * layout.shard_group();
    if (over % (layout.expert * layout.expert_tensor) != 0) {
      return does_not_divide("ep × etp,", layout.expert * layout.expert_tensor, over, "devices of a stage") +
             (layout.expert_tensor > 1 && layout.expert_tensor == tp ? "; etp is tp unless --etp says less" : "");
    }
    const auto width = inventory.count("d_ff_expert");
    if (width % layout.expert_tensor != 0) {
      return does_not_divide("etp", layout.expert_tensor, width, "(d_ff of an expert)");
    }
  }
  if (layout.global_batch && *layout.global_batch % (layout.micro_batch * layout.data) != 0) {
    return "the global batch, " + grouped(*layout.global_batch) + ", is not a multiple of micro-batch × dp, " +
           grouped(layout.micro_batch * layout.data);
  }
  return "";
}

}  // namespace paramcount
