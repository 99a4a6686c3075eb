#include "paramcount/estimate/flops.hpp"

#include <algorithm>
#include <map>
#include <set>

#include "base/spelling.hpp"
#include "base/text.hpp"
#include "estimate/layout_dims.hpp"
#include "paramcount/base/error.hpp"

namespace paramcount {
namespace {

constexpr double kRecurrentFlopsPerElement = 4;  ///< a multiply-add to update the state, one to read it

double times_used(const Inventory& inventory, const Tensor& tensor) {
  for (const auto& repeat : inventory.repeats) {
    if (tensor.name.text().starts_with(repeat.prefix)) {
      return static_cast<double>(repeat.times) / static_cast<double>(repeat.of);
    }
  }
  return 1;
}

bool differs_by_layer(const Inventory& inventory) {
  for (const std::string_view name : {"n_heads", "head_dim", "v_head_dim"}) {
    const auto* value = inventory.dim(name);
    if (value != nullptr && value->as<Value::List>() != nullptr) return true;
  }
  return false;
}

/// Keys a query sees under a causal mask, in the mean over a sequence of `length`: of a window w ≤ length the first w
/// positions see half of it. The diagonal's half token is left out, as FlashAttention's convention does.
double causal_keys(double length, double window) { return window - window * window / (2 * length); }

class AttentionCounter {
 public:
  AttentionCounter(const Inventory& inventory, std::uint64_t sequence)
      : inventory_(inventory),
        sequence_(static_cast<double>(sequence)),
        halves_(inventory.flag("encoder_decoder")),
        varies_(differs_by_layer(inventory)) {}

  std::vector<AttentionWork> count() {
    std::set<std::string> cached;
    for (const auto* list : {&inventory_.state, &inventory_.borrowed}) {
      for (const auto& state : *list) {
        if (!state.is_cache() || state.layer_axis < 0) continue;
        if (state.kind != StateKind::cross) cached.insert(axis_of(state).index);
        each_layer(axis_of(state), [&](std::uint64_t layer, std::uint64_t layers) { add(state, layer, layers); });
      }
    }
    // Layers that attend and keep nothing see both ways: encoders.
    std::map<std::string, std::vector<Range>> seen;
    for (const auto& tensor : inventory_.tensors) {
      if (tensor.role != Role{RoleKind::attention, RoleSuffix::none} || tensor.layer_axis < 0 || tensor.mtp) continue;
      const auto& axis = tensor.axes[static_cast<std::size_t>(tensor.layer_axis)];
      if (!cached.contains(axis.index)) seen.emplace(axis.index, axis.ranges);
    }
    for (const auto& [index, ranges] : seen) {
      each_layer({index, ranges}, [&](std::uint64_t layer, std::uint64_t layers) {
        AttentionWork work;
        work.kind = AttentionWork::Kind::bidirectional;
        work.layers = encoder_layers(layers);
        widths(work, layer);
        work.keys = sequence_;
        work.visible = sequence_;
        merge(work);
      });
    }
    return std::move(works_);
  }

 private:
  template <class Entry>
  static const Axis& axis_of(const Entry& entry) {
    return entry.axes[static_cast<std::size_t>(entry.layer_axis)];
  }

  /// One call for all layers when they are alike, else one for each.
  template <class Work>
  void each_layer(const Axis& axis, const Work& work) const {
    if (!varies_) {
      if (!axis.ranges.empty()) work(axis.ranges.front().first, axis.size());
      return;
    }
    for (const auto& range : axis.ranges) {
      for (auto layer = range.first; layer <= range.last; ++layer) work(layer, 1);
    }
  }

  /// Stored layers that run several times count as often as they run.
  [[nodiscard]] std::uint64_t encoder_layers(std::uint64_t stored) const {
    if (inventory_.repeats.empty()) return stored;
    return std::max(stored, inventory_.count("n_layers"));
  }

  void widths(AttentionWork& work, std::uint64_t layer) const {
    work.heads = dim_of(inventory_, "n_heads", layer);
    work.key_width = dim_of(inventory_, "head_dim", layer);
    work.value_width = dim_of(inventory_, "v_head_dim", layer);
    if (work.value_width == 0) work.value_width = work.key_width;
    work.share = halves_ ? 0.5 : 1;
  }

  void add(const State& state, std::uint64_t layer, std::uint64_t layers) {
    AttentionWork work;
    work.layers = layers;
    widths(work, layer);
    // A cache of one vector is MLA's latent: the heads' own widths are the dimensions'.
    if (state.shape.size() == 3) {
      work.key_width = state.shape[1];
      work.value_width = state.shape[2];
    }
    work.every = state.every;
    work.keys = sequence_ / static_cast<double>(state.every);
    work.visible = work.keys / 2;
    if (state.kind == StateKind::cross) {
      work.kind = AttentionWork::Kind::cross;
      work.visible = sequence_;
    } else if (state.kind == StateKind::window && static_cast<double>(state.window) < sequence_) {
      work.kind = AttentionWork::Kind::window;
      work.window = state.window;
      work.keys = static_cast<double>(state.window);
      work.visible = causal_keys(sequence_, work.keys);
    }
    merge(work);
  }

  void merge(const AttentionWork& work) {
    for (auto& known : works_) {
      if (known.kind == work.kind && known.heads == work.heads && known.key_width == work.key_width &&
          known.value_width == work.value_width && known.window == work.window && known.every == work.every) {
        known.layers += work.layers;
        return;
      }
    }
    works_.push_back(work);
  }

  const Inventory& inventory_;
  double sequence_;
  bool halves_;
  bool varies_;
  std::vector<AttentionWork> works_;
};

/// A transformer as the closed form has it: multi-head attention and a feed-forward four times as wide, nothing else.
std::optional<TokenWork::Plain> plain_of(const Inventory& inventory, const TokenWork& work) {
  TokenWork::Plain plain;
  plain.d_model = static_cast<double>(inventory.count("d_model"));
  plain.layers = static_cast<double>(inventory.count("n_layers"));
  plain.vocab = static_cast<double>(inventory.count("vocab_size"));
  const bool square = work.weights - work.head == 12 * plain.layers * plain.d_model * plain.d_model;
  const bool whole = work.recurrent == 0 && work.stack_share == 1 && work.head == plain.vocab * plain.d_model &&
                     work.attention.size() == 1 && work.attention.front().kind == AttentionWork::Kind::full;
  if (!square || !whole) return std::nullopt;
  return plain;
}

}  // namespace

double AttentionWork::flops(double keys_each) const {
  return share * 2 * static_cast<double>(layers) * static_cast<double>(heads) *
         static_cast<double>(key_width + value_width) * keys_each;
}

double TokenWork::attention_flops(bool masked) const {
  double sum = 0;
  for (const auto& work : attention) sum += work.flops(masked ? work.visible : work.keys);
  return sum;
}

TokenWork token_work(const Inventory& inventory, std::uint64_t sequence) {
  TokenWork work;
  work.sequence = sequence;
  work.stack_share = inventory.flag("encoder_decoder") ? 0.5 : 1;
  for (const auto& tensor : inventory.tensors) {
    if (!tensor.counts() || is_tower(tensor.role.kind)) continue;
    const double active = static_cast<double>(tensor.active().value) * times_used(inventory, tensor);
    if (tensor.role.suffix == RoleSuffix::conv) work.recurrent += 2 * active;
    if (!tensor.role.is_matmul()) continue;
    work.weights += active;
    if (tensor.role.kind == RoleKind::head) work.head += active;
  }
  std::set<std::uint64_t> modules;
  for (const auto& tensor : inventory.tensors) {
    if (!tensor.mtp || !tensor.role.is_matmul()) continue;
    work.mtp_weights += static_cast<double>(tensor.active().value);
    if (tensor.layer_axis < 0) continue;
    for (const auto& range : tensor.axes[static_cast<std::size_t>(tensor.layer_axis)].ranges) {
      for (auto layer = range.first; layer <= range.last; ++layer) modules.insert(layer);
    }
  }
  if (inventory.layer_count > 0) {
    work.mtp_layers = static_cast<double>(modules.size()) / static_cast<double>(inventory.layer_count);
  }
  if (const Tensor* const table = tied_head(inventory)) {
    const auto shared = static_cast<double>(table->params().value);
    work.weights += shared;
    work.head += shared;
  }
  for (const auto& state : inventory.state) {
    if (state.kind != StateKind::recurrent) continue;  // of a convolution's state the weights are the work
    work.recurrent +=
        kRecurrentFlopsPerElement * static_cast<double>(state.elements()) * static_cast<double>(state.copies);
  }
  work.weights *= work.stack_share;
  work.head *= work.stack_share;
  work.attention = AttentionCounter(inventory, sequence).count();
  work.plain = plain_of(inventory, work);
  return work;
}

const ConventionInfo& convention_info(FlopsConvention convention) {
  return kConventions[static_cast<std::size_t>(convention)];
}

FlopsConvention parse_convention(const std::string& text) {
  const std::string name = lower(text);
  Suggestions suggestions(name);
  for (const auto& info : kConventions) {
    if (info.id == name) return info.convention;
    suggestions.consider(info.id);
  }
  throw usage_error("--convention " + printable(text) + ": no such convention." + suggestions.hint() +
                    " Known: 6nd, matmul, palm, causal, megatron");
}

Recompute parse_recompute(const std::string& text) {
  for (std::size_t i = 0; i < kRecomputeNames.size(); ++i) {
    if (kRecomputeNames[i] == lower(text)) return static_cast<Recompute>(i);
  }
  throw usage_error("--recompute " + printable(text) + ": expected none, selective, full or ops");
}

TrainingWork training_work(FlopsConvention convention, Recompute recompute, const TokenWork& work, Params active,
                           bool frozen) {
  double weights = 2 * work.weights;  // forward
  double head = 2 * work.head;
  double attention = 0;
  double recurrent = work.recurrent;
  double selective = 0;  // of the attention cores, what recomputation repeats
  switch (convention) {
    case FlopsConvention::six_nd:
      weights = 2 * static_cast<double>(active.value) * work.stack_share;
      head = 0;
      recurrent = 0;
      break;
    case FlopsConvention::matmul:
    case FlopsConvention::causal:
      attention = work.attention_flops(convention == FlopsConvention::causal);
      if (convention == FlopsConvention::causal) {
        weights += 2 * work.mtp_weights;
        attention *= 1 + work.mtp_layers;
      }
      selective = attention;
      break;
    case FlopsConvention::palm:
      for (const auto& one : work.attention) attention += one.flops(static_cast<double>(work.sequence));
      selective = attention;
      break;
    case FlopsConvention::megatron: {
      if (!work.plain) {
        throw usage_error(
            "--convention megatron: its closed form is for multi-head attention and a feed-forward of 4·d_model "
            "without gates or experts. Try palm or matmul");
      }
      attention = 4 * work.plain->layers * work.plain->d_model * static_cast<double>(work.sequence);
      selective = 3 * attention;
      break;
    }
  }
  TrainingWork result;
  result.model = (frozen ? 2 : 3) * weights + 3 * (attention + recurrent);
  result.hardware = result.model;
  if (recompute == Recompute::selective) result.hardware += selective;
  if (recompute == Recompute::ops) result.hardware += (weights - head) / 2;
  if (recompute == Recompute::full) result.hardware += weights - head + attention + recurrent;
  return result;
}

}  // namespace paramcount
