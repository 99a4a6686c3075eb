#include "estimate/trained_model.hpp"

#include <algorithm>
#include <map>

#include "base/budgets.hpp"
#include "estimate/layout_dims.hpp"
#include "paramcount/base/checked.hpp"
#include "paramcount/count/params.hpp"

namespace paramcount {
namespace {

/// What the tensors of one layer add up to.
struct Sums {
  std::uint64_t attention{0}, ffn{0}, expert{0}, shared{0}, mixer_outputs{0};
  std::uint64_t ffn_width{0};        ///< the other side of its narrowest matrix
  std::uint64_t keys{0}, values{0};  ///< widths in a cache
  std::uint64_t norms{0}, norm_elements{0};
  bool layer_norm{false}, head_norms{false};
  Divided params;

  bool operator==(const Sums&) const = default;
};

Divided divided(std::uint64_t elements, Split split) {
  switch (split) {
    case Split::tensor:
      return {.split = elements};
    case Split::expert:
      return {.expert = elements};
    case Split::none:
      break;
  }
  return {.repeated = elements};
}

void add(Divided& sum, const Divided& more) {
  sum.split = checked_add(sum.split, more.split);
  sum.repeated = checked_add(sum.repeated, more.repeated);
  sum.expert = checked_add(sum.expert, more.expert);
}

/// `each`: what one copy of it is measured as; `width`: d_model.
void add(Sums& sums, const Tensor& tensor, std::uint64_t copies, std::uint64_t each, Split split, std::uint64_t width) {
  const std::uint64_t elements = checked_mul(tensor.elements(), copies);
  add(sums.params, divided(checked_mul(each, copies), split));
  const bool matrix = tensor.role.suffix == RoleSuffix::none;
  switch (tensor.role.kind) {
    case RoleKind::attention:
      if (matrix) sums.attention += elements;
      break;
    case RoleKind::ffn:
      if (matrix) {
        sums.ffn += elements;
        const auto other = width > 0 ? tensor.elements() / width : 0;
        if (other > 0 && (sums.ffn_width == 0 || other < sums.ffn_width)) sums.ffn_width = other;
      }
      break;
    case RoleKind::expert:
      if (matrix) sums.expert += elements;
      break;
    case RoleKind::shared_expert:
      // A gate of one column is not a feed-forward.
      if (matrix && tensor.shape.size() > 1 && tensor.shape.front() > 1) sums.shared += elements;
      break;
    case RoleKind::mixer:
      if (matrix && tensor.shape.size() > 1) sums.mixer_outputs += checked_mul(tensor.shape.front(), copies);
      break;
    case RoleKind::norm: {
      const bool wide = tensor.shape.size() == 1 && tensor.shape.front() == width;
      if (!wide) {
        sums.head_norms = sums.head_norms || matrix;
      } else if (matrix) {
        sums.norms += copies;
      } else if (tensor.role.suffix == RoleSuffix::bias) {
        sums.layer_norm = true;
      }
      sums.norm_elements += elements;
      break;
    }
    default:
      break;
  }
}

/// How many matrices as wide as the feed-forward lead into it: of three in all two.
std::uint64_t inputs_of(std::uint64_t elements, std::uint64_t matrix) {
  if (matrix == 0 || elements == 0) return 0;
  const auto matrices = (elements + matrix / 2) / matrix;
  return matrices > 1 ? matrices - 1 : 1;
}

TrainedLayer layer_of(const Sums& sums, const Inventory& inventory, std::uint64_t layer) {
  TrainedLayer out;
  const auto width = inventory.count("d_model");
  const auto dim = [&](std::string_view name) { return dim_of(inventory, name, layer); };
  out.params = sums.params;
  out.norms = sums.norms;
  out.norm_elements = sums.norm_elements;
  out.layer_norm = sums.layer_norm;
  if (sums.attention > 0) {
    out.heads = dim("n_heads");
    const auto key = dim("head_dim");
    const auto value = dim("v_head_dim") > 0 ? dim("v_head_dim") : key;
    out.kv_latent = inventory.count("kv_lora_rank");
    const bool latent = out.kv_latent > 0;
    const auto kv_heads = latent || dim("n_kv_heads") == 0 ? out.heads : dim("n_kv_heads");
    out.query = checked_mul(out.heads, key);
    out.keys = checked_mul(kv_heads, key);
    out.values = checked_mul(kv_heads, value);
    out.output = checked_mul(out.heads, value);
    if (key == 0 && !latent && width > 0) {
      // Widths that differ between layers: what a cache keeps, and the rest in halves for queries and output.
      out.keys = sums.keys;
      out.values = sums.values;
      const auto all = sums.attention / width;
      out.query = out.output = all > out.keys + out.values ? (all - out.keys - out.values) / 2 : 0;
    }
    if (out.query == 0) out.unclear = true;
    if (latent) {
      out.query_latent = inventory.count("q_lora_rank");
      out.rope = inventory.count("qk_rope_head_dim");
    } else {
      out.head_norms = sums.head_norms;
      out.kv_heads = kv_heads;
    }
  }
  if (sums.ffn > 0) {
    // The narrowest matrix leads out of it; what leads in may be one of twice the width.
    out.ffn = sums.ffn_width;
    out.ffn_inputs = inputs_of(sums.ffn, checked_mul(width, out.ffn));
    out.unclear = out.ffn_inputs == 0;
  }
  if (sums.expert > 0) {
    out.experts = inventory.count("n_experts");
    out.per_token = inventory.count("experts_per_token");
    out.expert_ffn = inventory.count("d_ff_expert");
    out.expert_inputs = inputs_of(sums.expert, checked_mul(checked_mul(width, out.expert_ffn), out.experts));
  }
  if (sums.shared > 0 && width > 0) {
    out.shared_inputs = out.expert_inputs > 0 ? out.expert_inputs : 2;
    out.shared_ffn = sums.shared / (width * (out.shared_inputs + 1));
  }
  out.mixer = sums.mixer_outputs;
  return out;
}

/// Layers counted by one index that a token passes equally often.
struct Stack {
  std::vector<Sums> layers;
  double passes{1};
};

/// How often a token passes a tensor, and the prefix of those that it passes as often; empty: once, as most are.
std::pair<std::string, double> passes_of(const Tensor& tensor, const Inventory& inventory) {
  for (const auto& repeat : inventory.repeats) {
    if (!tensor.name.text().starts_with(repeat.prefix)) continue;
    if (repeat.times <= repeat.of) break;
    return {repeat.prefix, static_cast<double>(repeat.times) / static_cast<double>(repeat.of)};
  }
  return {"", 1};
}

bool over_vocabulary(const Tensor& tensor, const Inventory& inventory) {
  return tensor.shape.size() == 2 && tensor.shape.front() == inventory.count("vocab_size");
}

}  // namespace

std::string unknown_activations(const TrainedModel& model) {
  if (model.too_deep) return "it has more than 100,000 layers";
  if (model.width == 0 || model.layers.empty()) return "it has no layers of known width";
  for (const auto& kind : model.kinds) {
    if (kind.unclear || (kind.heads == 0 && kind.mixer == 0 && kind.ffn == 0 && kind.experts == 0)) {
      return "it has layers of an unknown kind";
    }
    if (kind.experts > 0 && (kind.per_token == 0 || kind.expert_ffn == 0)) {
      return "the number of experts per token and their width are unknown";
    }
  }
  return "";
}

TrainedModel trained_model(const Inventory& inventory, const Measured& measured, const Sharding& sharding) {
  TrainedModel model;
  model.width = inventory.count("d_model");
  model.vocabulary = inventory.count("vocab_size");
  model.tied = tied_head(inventory) != nullptr;
  model.two_stacks = inventory.flag("encoder_decoder");
  std::map<std::pair<std::string, std::string>, Stack> stacks;  // by the index that counts their layers, and passes_of
  std::map<std::uint64_t, Sums> mtp;
  for (const auto& tensor : inventory.tensors) {
    if (tensor.role.is_buffer()) continue;
    const auto kind = tensor.role.kind;
    // Modules of multi-token prediction use the model's own tables.
    if (tensor.mtp && (kind == RoleKind::embedding || kind == RoleKind::head)) continue;
    const bool tower = is_tower(kind) && !tensor.mtp;
    const auto each = measured(tensor);
    const Split split = split_of(tensor, inventory, sharding);
    if (tower) model.towers = true;
    if (tensor.layer_axis >= 0 && !tower) {
      const auto& axis = tensor.axes[static_cast<std::size_t>(tensor.layer_axis)];
      const auto layers = axis.size();
      if (layers == 0) continue;
      if (axis.ranges.back().last >= kMostTrainedLayers) {
        model.too_deep = true;
        continue;
      }
      if (tensor.mtp) {
        for (const auto& range : axis.ranges) {
          for (auto layer = range.first; layer <= range.last; ++layer) {
            add(mtp[layer], tensor, tensor.copies / layers, each, split, model.width);
          }
        }
        continue;
      }
      const auto [prefix, passes] = passes_of(tensor, inventory);
      auto& stack = stacks[{axis.index, prefix}];
      stack.passes = passes;
      for (const auto& range : axis.ranges) {
        for (auto layer = range.first; layer <= range.last; ++layer) {
          if (stack.layers.size() <= layer) stack.layers.resize(layer + 1);
          add(stack.layers[layer], tensor, tensor.copies / layers, each, split, model.width);
        }
      }
      continue;
    }
    if (tensor.mtp) {
      add(mtp[0], tensor, tensor.copies, each, split, model.width);
      continue;
    }
    const auto elements = checked_mul(each, tensor.copies);
    // A head narrower than the model is a classifier's; as wide, it is a transformation before that, or a pooler.
    if (kind == RoleKind::head && tensor.shape.size() == 2 && tensor.shape.front() < model.width) {
      model.outputs = std::max(model.outputs, tensor.shape.front());
    }
    if (kind == RoleKind::embedding && over_vocabulary(tensor, inventory) && model.table == 0) {
      model.table = elements;
    } else if (kind == RoleKind::head && over_vocabulary(tensor, inventory) && model.head == 0) {
      model.head = elements;
    } else {
      const bool input = kind == RoleKind::embedding || kind == RoleKind::position || tower;
      add(input ? model.first : model.last, divided(elements, split));
    }
  }
  if (model.head > 0 || model.tied) model.outputs = model.vocabulary;
  for (const auto& state : inventory.state) {
    if (!state.is_cache() || state.shape.size() != 3 || state.layer_axis < 0) continue;
    const auto& axis = state.axes[static_cast<std::size_t>(state.layer_axis)];
    for (auto& [key, stack] : stacks) {
      if (key.first != axis.index) continue;
      for (const auto& range : axis.ranges) {
        for (auto layer = range.first; layer <= range.last && layer < stack.layers.size(); ++layer) {
          stack.layers[layer].keys = checked_mul(state.shape[0], state.shape[1]);
          stack.layers[layer].values = checked_mul(state.shape[0], state.shape[2]);
        }
      }
    }
  }
  std::map<TrainedLayer, std::uint32_t> known;
  for (const auto& [key, stack] : stacks) {
    for (std::uint64_t layer = 0; layer < stack.layers.size(); ++layer) {
      // Of layers that share weights only those that hold them are listed.
      if (stack.passes > 1 && stack.layers[layer].params.total() == 0) continue;
      TrainedLayer kind = layer_of(stack.layers[layer], inventory, layer);
      kind.passes = stack.passes;
      const auto [at, added] = known.emplace(kind, static_cast<std::uint32_t>(model.kinds.size()));
      model.layers.push_back(at->second);
      if (added) model.kinds.push_back(kind);
    }
  }
  for (const auto& [layer, sums] : mtp) model.mtp.push_back(layer_of(sums, inventory, layer));
  return model;
}

}  // namespace paramcount
