// The memory of one device of each stage of a layout.
#include <algorithm>

#include "estimate/layout_dims.hpp"
#include "estimate/runtimes/runtimes.hpp"
#include "paramcount/base/checked.hpp"
#include "paramcount/base/error.hpp"
#include "paramcount/estimate/layout.hpp"

namespace paramcount {
namespace {

constexpr std::uint64_t kHalf = 2;            ///< bytes
constexpr std::uint64_t kVocabMultiple = 64;  ///< vllm/model_executor/layers/vocab_parallel_embedding.py

/// Rotary tables: cosine and sine of every position, in 16 bits, one table for all layers.
Bytes rotary_tables(const Inventory& inventory) {
  const bool learned = std::any_of(inventory.tensors.begin(), inventory.tensors.end(), [](const Tensor& tensor) {
    return tensor.role.kind == RoleKind::position && tensor.counts();
  });
  if (learned || inventory.state.empty()) return {};
  const auto rope = inventory.count("qk_rope_head_dim");
  const auto partial = inventory.count("rotary_dim");
  const auto dims = values_of(inventory, "head_dim");
  const auto width = rope > 0 ? rope : partial > 0 ? partial : dims.empty() ? 0 : dims.back();
  return {checked_mul(checked_mul(inventory.count("max_positions"), width), kHalf)};
}

class Sharder {
 public:
  Sharder(const Inventory& inventory, const RuntimeProfile& runtime, const Layout& layout, const Sharding& sharding)
      : inventory_(inventory),
        runtime_(runtime),
        layout_(layout),
        sharding_(sharding),
        n_experts_(inventory.count("n_experts")) {}

  /// Bytes of one copy on one device.
  [[nodiscard]] Bytes one(const Tensor& tensor, const Dtype& dtype) const {
    const auto tp = layout_.tensor;
    const auto split = split_of(tensor, inventory_, sharding_);
    if (split == Split::expert) return expert(tensor, dtype);
    if (split == Split::none) return dtype.bytes_of(tensor.shape);
    if (const auto kind = tensor.role.kind; kind == RoleKind::embedding || kind == RoleKind::head) {
      const auto multiple = runtime_.serving.pads_vocabulary ? kVocabMultiple : 1;
      auto shape = tensor.shape;
      shape.front() = ceil_div(round_up(shape.front(), multiple), tp);
      return dtype.bytes_of(shape);
    }
    return {ceil_div(dtype.bytes_of(tensor.shape).value, tp)};
  }

  /// Copies on one device of those a stage has: of experts that are not stacked its share.
  [[nodiscard]] std::uint64_t copies(const Tensor& tensor, std::uint64_t of_stage) const {
    if (tensor.role.kind != RoleKind::expert || layout_.expert <= 1 || n_experts_ == 0 || stacked(tensor)) {
      return of_stage;
    }
    return checked_fraction(of_stage, ceil_div(n_experts_, layout_.expert), n_experts_);
  }

 private:
  [[nodiscard]] bool stacked(const Tensor& tensor) const {
    return !tensor.shape.empty() && n_experts_ > 0 && tensor.shape.front() % n_experts_ == 0 &&
           tensor.shape.size() > 1 && tensor.axes.size() <= 1;
  }

  [[nodiscard]] Bytes expert(const Tensor& tensor, const Dtype& dtype) const {
    const auto whole = dtype.bytes_of(tensor.shape).value;
    const bool by_expert = layout_.expert > 1;
    const auto width = inventory_.count("d_ff_expert");
    std::uint64_t bytes =
        by_expert
            ? (stacked(tensor) ? checked_fraction(whole, ceil_div(n_experts_, layout_.expert), n_experts_) : whole)
            : ceil_div(whole, layout_.tensor);
    const auto pads = runtime_.serving.pads_mxfp4;
    const auto model = inventory_.count("d_model");
    if (dtype.id == "mxfp4" && pads.width > 0 && width > 0 && model > 0) {
      const auto part = by_expert ? width : ceil_div(width, layout_.tensor);
      bytes = checked_fraction(bytes, checked_mul(round_up(part, pads.width), round_up(model, pads.model)),
                               checked_mul(part, model));
    }
    return {bytes};
  }

  const Inventory& inventory_;
  const RuntimeProfile& runtime_;
  const Layout& layout_;
  const Sharding& sharding_;
  std::uint64_t n_experts_;
};

/// Where a tensor outside the layers is: the input with the first stage, the output with the last, a head that is the
/// input table too with both.
bool in_stage(const Tensor& tensor, bool first, bool last, bool tied) {
  const auto kind = tensor.role.kind;
  const bool input = kind == RoleKind::embedding || kind == RoleKind::position || is_tower(kind);
  if (kind == RoleKind::embedding && tied) return first || last;
  return input ? first : last;
}

/// What tp adds above an even division because a device keeps whole heads of keys and values.
Bytes repeated_kv(const Inventory& inventory, const WeightFormat& format, const Layout& layout, const Range& layers) {
  Bytes sum{};
  const Dtype& dtype = format.of({RoleKind::attention, RoleSuffix::none});
  for (const auto& state : inventory.state) {
    if (!state.is_cache() || state.shape.size() != 3 || state.kind == StateKind::cross) continue;
    const auto heads = state.shape.front();
    if (heads == 0 || layout.tensor <= heads) continue;
    const auto elements = checked_mul(state.shape[1] + state.shape[2], inventory.count("d_model"));
    const auto each = dtype.bytes_of(elements).value;
    const auto even = checked_fraction(each, heads, layout.tensor);
    sum += Bytes{checked_mul(each - even, copies_in(state.axes, state.layer_axis, state.copies, layers))};
  }
  return sum;
}

Bytes weights_of(const Inventory& inventory, const WeightFormat& format, const RuntimeProfile& runtime,
                 const Layout& layout, const Sharding& sharding, const Range& layers, bool first, bool last) {
  const Sharder sharder(inventory, runtime, layout, sharding);
  const bool tied = inventory.flag("tied_embeddings");
  Bytes sum = repeated_kv(inventory, format, layout, layers);
  for (const auto& tensor : inventory.tensors) {
    if (!tensor.counts()) continue;
    std::uint64_t copies = 0;
    if (tensor.layer_axis >= 0) {
      copies = copies_in(tensor.axes, tensor.layer_axis, tensor.copies, layers);
    } else if (in_stage(tensor, first, last, tied)) {
      copies = tensor.copies;
    }
    if (copies == 0) continue;
    sum += Bytes{checked_mul(sharder.one(tensor, format.of(tensor.role)).value, sharder.copies(tensor, copies))};
  }
  return sum;
}

std::vector<State> divided(std::vector<State> state, std::uint64_t tp) {
  for (auto& entry : state) {
    if (entry.shape.empty() || is_latent(entry)) continue;
    entry.shape.front() = std::max<std::uint64_t>(1, ceil_div(entry.shape.front(), tp));
  }
  return state;
}

/// The layers of each stage. Layers beyond the main stack, such as an encoder's, are with the last.
std::vector<Range> stages_of(const Inventory& inventory, const Layout& layout) {
  const auto layers = std::max<std::uint64_t>(1, inventory.layer_count);
  const auto count = layout.pipeline;
  std::vector<std::uint64_t> sizes(count, layers / count);
  const auto rest = layers % count;
  // From the stage before the last to the front; a single stage takes all.
  for (std::uint64_t i = 0; i < rest; ++i) ++sizes[count - 2 - i];
  std::vector<Range> stages;
  std::uint64_t at = 0;
  for (const auto size : sizes) {
    stages.push_back({at, at + size - 1});
    at += size;
  }
  stages.back().last = UINT64_MAX;
  return stages;
}

}  // namespace

std::uint64_t copies_in(const std::vector<Axis>& axes, int layer_axis, std::uint64_t copies, const Range& layers) {
  if (layer_axis < 0) return layers.first == 0 ? copies : 0;
  const auto& axis = axes[static_cast<std::size_t>(layer_axis)];
  std::uint64_t inside = 0;
  for (const auto& range : axis.ranges) {
    const auto first = std::max(range.first, layers.first);
    const auto last = std::min(range.last, layers.last);
    if (first <= last) inside += last - first + 1;
  }
  const auto all = axis.size();
  return all == 0 ? 0 : checked_fraction(copies, inside, all);
}

std::vector<State> states_of(const std::vector<State>& state, const Range& layers) {
  std::vector<State> part;
  for (const auto& entry : state) {
    const auto copies = copies_in(entry.axes, entry.layer_axis, entry.copies, layers);
    if (copies == 0) continue;
    part.push_back(entry);
    part.back().copies = copies;
  }
  return part;
}

KvCache cache_on_device(const std::vector<State>& state, const Inventory& inventory, const CacheRequest& request,
                        const Layout& layout) {
  WeightFormat any;  // caches do not depend on it
  any.dtype.bits = 16;
  const std::string why = not_buildable(inventory, any, *request.runtime.profile, layout);
  if (!why.empty()) throw Error(why);
  CacheRequest own = request;
  own.sequences = layout.sequences(request.sequences);
  KvCache most;
  for (const auto& layers : stages_of(inventory, layout)) {
    const KvCache cache = kv_cache(divided(states_of(state, layers), layout.tensor), inventory, own);
    if (cache.total() >= most.total()) most = cache;
  }
  return most;
}

std::vector<StageLoad> stage_loads(const Inventory& inventory, const ServedFormats& formats,
                                   const RuntimeProfile& runtime, const Layout& layout, const Sharding& sharding) {
  std::vector<StageLoad> loads;
  const auto stages = stages_of(inventory, layout);
  const Bytes tables = runtime.serving.rotary_tables ? rotary_tables(inventory) : Bytes{};
  for (std::size_t i = 0; i < stages.size(); ++i) {
    StageLoad load;
    load.layers = stages[i];
    const bool first = i == 0;
    const bool last = i + 1 == stages.size();
    const auto weigh = [&](const WeightFormat& format) {
      return weights_of(inventory, format, runtime, layout, sharding, load.layers, first, last) + tables;
    };
    load.tables = tables;
    load.weights = weigh(formats.likely);
    load.low = formats.exact ? load.weights : weigh(formats.low);
    load.high = formats.exact ? load.weights : weigh(formats.high);
    load.state = divided(states_of(inventory.state, load.layers), layout.tensor);
    loads.push_back(std::move(load));
  }
  return loads;
}

}  // namespace paramcount
