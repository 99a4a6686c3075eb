#include "paramcount/estimate/training_peak.hpp"

#include <algorithm>
#include <cmath>
#include <set>
#include <tuple>

#include "estimate/trained_model.hpp"
#include "estimate/training_activations.hpp"
#include "estimate/training_stages.hpp"
#include "paramcount/base/checked.hpp"

namespace paramcount {
namespace {

constexpr double kMiB = 0x1p20;
constexpr double kHalf = 2;  ///< bytes of a number of 16 bits
constexpr double kSingle = 4;

/// How much more than the mean the most used expert of a layer gets, where a loss balances them: DeepSeek's 1B model,
/// "MaxVio" of the loss-controlled run. Source: Wang et al. 2024, arXiv:2408.15664, table 2.
constexpr double kMostOverload = 0.72;

Bytes up(double bytes) {
  if (!(bytes < 0x1p63)) throw_overflow();
  return {static_cast<std::uint64_t>(std::ceil(bytes))};
}

/// Hopper and later; what the catalog knows of it is that it multiplies in 8 bits.
bool is_hopper(const TrainingSetup& setup) { return setup.device == nullptr || setup.device->peak_for("fp8"); }
/// Blackwell, for which TransformerEngine 2 was written.
bool is_blackwell(const TrainingSetup& setup) { return setup.device != nullptr && setup.device->peak_for("fp4"); }

/// Elements on one device, by what spreads their optimizer.
struct Held {
  double dense{0};
  double expert{0};
  [[nodiscard]] double total() const { return dense + expert; }
};

class Peak {
 public:
  Peak(const TrainedModels& models, const TrainingSetup& setup)
      : model_(models.trained),
        frozen_(models.frozen ? &*models.frozen : nullptr),
        setup_(setup),
        layout_(setup.layout),
        tp_(static_cast<double>(layout_.tensor)) {
    for (const auto& kind : model_.kinds) bytes_.push_back(layer_bytes(model_, kind, setup));
    for (const auto& kind : model_.mtp) mtp_bytes_.push_back(layer_bytes(model_, kind, setup));
  }

  StageMemory stage(std::uint64_t index) const {
    StageMemory memory;
    memory.stage = index;
    const bool first = index == 0;
    const bool last = index + 1 == layout_.pipeline;
    std::vector<std::uint64_t> count(model_.kinds.size(), 0);
    for_layers(model_, index, [&](std::uint32_t kind) { ++count[kind]; });
    Held held;
    double kept = 0, unspared = 0, routed = 0;  // unspared: kept if nothing were recomputed
    double whole = 0, backward = 0, block = 0;  // of the largest layer
    for (std::size_t i = 0; i < count.size(); ++i) {
      if (count[i] == 0) continue;
      memory.layers += count[i];
      const auto layers = static_cast<double>(count[i]);
      const Held one = held_of(model_.kinds[i].params);
      held.dense += layers * one.dense;
      held.expert += layers * one.expert;
      block = std::max(block, one.total());
      const double passes = layers * model_.kinds[i].passes;
      kept += passes * bytes_[i].kept;
      unspared += passes * bytes_[i].whole;
      if (bytes_[i].kept == bytes_[i].whole) routed += passes * bytes_[i].routed;
      whole = std::max(whole, bytes_[i].whole);
      backward = std::max(backward, bytes_[i].backward);
    }
    double root = outside(model_, held, first, last);
    if (frozen_ != nullptr) {
      const Frozen base = frozen_bytes(index, first, last);
      memory.frozen = up(base.bytes);
      block = base.block;
      root = base.root;
      held = adapters_held(memory.layers, last);
    }
    add_states(memory, held);
    memory.in_flight = in_flight(index);
    const bool recomputed = layout_.recompute != Recompute::none && kept < unspared;
    const double activations = kept * memory.in_flight + (recomputed ? whole : 0);
    const double loss = last ? loss_bytes() : 0;
    memory.activations = up(activations);
    memory.loss = up(loss);
    const double versions = dummy_gradients(count, last);
    const bool sure = is_blackwell(setup_);
    const double other = fixed() + gathered(held, block, root) + std::max(0.0, backward - loss) + (sure ? versions : 0);
    memory.other = up(other);
    memory.late = setup_.framework->late_gradients;
    finish(memory, overload() * routed * memory.in_flight, sure ? 0 : versions);
    return memory;
  }

 private:
  /// Calls with the kind of each layer of a stage. Chunks of an interleaved pipeline are dealt in turn; layers that do
  /// not divide go to the first stages.
  template <class Work>
  void for_layers(const TrainedModel& model, std::uint64_t index, const Work& work) const {
    const std::uint64_t all = model.layers.size();
    const auto& given = setup_.stage_layers;
    if (!given.empty()) {
      std::uint64_t begin = 0;
      for (std::uint64_t i = 0; i < index; ++i) begin += given[i];
      for (auto i = begin; i < begin + given[index]; ++i) work(model.layers[i]);
      return;
    }
    const auto chunks = layout_.pipeline * layout_.interleaved;
    const auto rest = all % chunks;
    for (auto c = index; c < chunks; c += layout_.pipeline) {
      const auto begin = c * (all / chunks) + std::min(c, rest);
      const auto end = begin + all / chunks + (c < rest ? 1 : 0);
      for (auto i = begin; i < end; ++i) work(model.layers[i]);
    }
  }

  [[nodiscard]] Held held_of(const Divided& params) const {
    const auto over = static_cast<double>(layout_.expert) * static_cast<double>(layout_.expert_tensor);
    return {static_cast<double>(params.split) / tp_ + static_cast<double>(params.repeated),
            static_cast<double>(params.expert) / over};
  }

  /// A table over the vocabulary, on one device.
  [[nodiscard]] double table(std::uint64_t elements) const {
    if (model_.vocabulary == 0) return static_cast<double>(elements) / tp_;
    return static_cast<double>(elements) / static_cast<double>(model_.vocabulary) * padded_vocabulary() / tp_;
  }
  [[nodiscard]] double padded_vocabulary() const {
    const auto multiple = checked_mul(setup_.framework->vocab_multiple, layout_.tensor);
    const auto rows = model_.vocabulary + multiple - 1;
    return static_cast<double>(rows - rows % multiple);
  }

  /// Adds what is outside the layers; returns what of it a root group holds.
  double outside(const TrainedModel& model, Held& held, bool first, bool last) const {
    double root = 0;
    if (first) root += table(model.table) + held_of(model.first).total();
    if (last) {
      root += held_of(model.last).total() + table(model.head);
      // Of a tied table the last stage has a second copy.
      if (model.tied && layout_.pipeline > 1) root += table(model.table);
      if (setup_.mtp && !model.mtp.empty()) {
        for (const auto& module : model.mtp) {
          const Held one = held_of(module.params);
          held.dense += one.dense;
          held.expert += one.expert;
        }
        if (layout_.pipeline > 1) root += table(model.table);
      }
    }
    held.dense += root;
    return root;
  }

  /// Bytes of a stage's frozen weights on one device.
  struct Frozen {
    double bytes{0}, block{0}, root{0};
  };
  [[nodiscard]] Frozen frozen_bytes(std::uint64_t index, bool first, bool last) const {
    Frozen frozen;
    Held held;
    for_layers(*frozen_, index, [&](std::uint32_t kind) {
      const Held one = held_of(frozen_->kinds[kind].params);
      held.dense += one.dense;
      held.expert += one.expert;
      frozen.block = std::max(frozen.block, one.total());
    });
    frozen.root = outside(*frozen_, held, first, last);
    frozen.bytes = layout_.zero >= 3 ? held.dense / static_cast<double>(layout_.shard_group()) +
                                           held.expert / static_cast<double>(layout_.expert_group())
                                     : held.total();
    return frozen;
  }

  /// Every device of a stage has its adapters whole.
  [[nodiscard]] Held adapters_held(std::uint64_t layers, bool last) const {
    const auto& adapters = *setup_.adapters;
    const auto all = static_cast<double>(model_.layers.size());
    return {static_cast<double>(adapters.in_layers.value) * static_cast<double>(layers) / all +
                (last ? static_cast<double>(adapters.outside.value) : 0),
            0};
  }

  void add_states(StageMemory& memory, const Held& held) const {
    const auto& each = setup_.optimizer;
    const auto over = [&](std::uint64_t group) {
      return static_cast<double>(std::max<std::uint64_t>(1, group / setup_.optimizer_instances));
    };
    const auto bytes = [&](double of_each, std::uint64_t from_stage) {
      const bool spread = layout_.zero >= from_stage;
      const double dense = spread ? held.dense / over(layout_.shard_group()) : held.dense;
      const double expert = spread ? held.expert / over(layout_.expert_group()) : held.expert;
      return up(of_each * (dense + expert));
    };
    memory.weights = bytes(each.weights, 3);
    memory.gradients = bytes(each.gradients, 2);
    memory.master = bytes(each.master, 1);
    memory.states = bytes(each.states, 1);
    if (setup_.offload != TrainingOffload::none) memory.host = memory.gradients + memory.master + memory.states;
    if (setup_.offload == TrainingOffload::parameters) memory.host += memory.weights + memory.frozen;
  }

  /// Micro-batches whose activations a stage keeps at once. Narayanan et al. 2021, arXiv:2104.04473, section 2.2;
  /// megatron/core/pipeline_parallel/schedules.py.
  [[nodiscard]] double in_flight(std::uint64_t index) const {
    const auto pp = layout_.pipeline;
    const auto vpp = layout_.interleaved;
    const auto batches = layout_.micro_batches().value_or(pp * vpp);
    if (vpp == 1) return static_cast<double>(std::min(pp - index, batches));
    const auto chunks = std::min((pp - index - 1) * 2 + (vpp - 1) * pp + 1, batches * vpp);
    return static_cast<double>(chunks) / static_cast<double>(vpp);
  }

  [[nodiscard]] double bytes_a_logit() const {
    const auto& framework = *setup_.framework;
    switch (setup_.loss.kind) {
      case LossKind::Kind::plain:
        return layout_.tensor > 1 ? framework.split_logit : framework.plain_logit;
      case LossKind::Kind::fused:
        return framework.fused_logit;
      case LossKind::Kind::native:
        return 10;  // megatron/core/fusions/fused_cross_entropy.py: the logits and two copies in fp32 of torch.compile
      case LossKind::Kind::chunked:
        return kHalf + framework.plain_logit / static_cast<double>(setup_.loss.chunks);
      case LossKind::Kind::cut:
        break;
    }
    return 0;
  }

  /// Logits of a token on one device.
  [[nodiscard]] double outputs() const {
    const bool of_vocabulary = model_.head > 0 || model_.tied;
    return of_vocabulary ? padded_vocabulary() / tp_ : static_cast<double>(model_.outputs);
  }

  [[nodiscard]] double loss_bytes() const {
    const double t = tokens_of(setup_);
    const double width = static_cast<double>(model_.width);
    const double shards = sequence_shards(setup_);
    const double logits = t * outputs();
    double bytes = bytes_a_logit() * logits + 4 * t * width / shards;
    if (setup_.adapters && setup_.adapters->frozen.dtype.bits < 8 && setup_.framework->quantises_head) {
      bytes += kHalf * outputs() * width;
    }
    if (shards > 1) bytes += (setup_.framework->gathers_inputs ? 4 : 2) * t * width;
    if (setup_.mtp) {
      for (const auto& module : mtp_bytes_) bytes += 4 * logits + module.whole + 6 * t * width / shards;
    }
    return bytes;
  }

  /// cuBLAS's workspaces, one for the forward and one for the autograd thread, and TransformerEngine's, of which a
  /// grouped multiplication has four. Sources: aten/src/ATen/cuda/CublasHandlePool.cpp; transformer_engine/pytorch/
  /// module/base.py get_workspace.
  [[nodiscard]] double fixed() const {
    double bytes = layout_.zero > 0 && layout_.shard_group() > 1 ? setup_.framework->bucket_bytes : 0;
    if (setup_.workspace) return bytes + static_cast<double>(setup_.workspace->value);
    if (!setup_.framework->workspaces) return bytes;
    const bool hopper = is_hopper(setup_);
    const bool experts = std::any_of(model_.kinds.begin(), model_.kinds.end(),
                                     [](const TrainedLayer& kind) { return kind.experts > 0; });
    bytes += 2 * (hopper ? 32 : 8.125) * kMiB + (hopper ? 32 : 4) * kMiB * (experts ? 4 : 1);
    return bytes;
  }

  /// Under ZeRO-3: this block and the next one in 16 bits, a block's gradient, and what is outside the blocks. With a
  /// pipeline parameters stay gathered and whole gradients add up. torchtitan/models/llama3/infra/parallelize.py.
  [[nodiscard]] double gathered(const Held& held, double block, double root) const {
    const bool offloaded = setup_.offload == TrainingOffload::parameters;
    if (!offloaded && (layout_.zero < 3 || layout_.shard_group() == 1)) return 0;
    // What is frozen is gathered as it is stored, and has no gradient.
    if (frozen_ != nullptr) return root + 2 * block;
    const double gradient = setup_.optimizer.gradients > kHalf ? kSingle : 0;
    double bytes = kHalf * root + 2 * kHalf * block + (kHalf + gradient) * block;
    if (layout_.pipeline > 1) bytes += (kHalf + std::max(kHalf, gradient)) * held.total();
    return bytes;
  }

  /// TransformerEngine from 2.3 on keeps one gradient in 16 bits for each shape of a weight, which stands in for those
  /// that were added in place. transformer_engine/pytorch/module/base.py get_dummy_wgrad.
  [[nodiscard]] double dummy_gradients(const std::vector<std::uint64_t>& count, bool last) const {
    if (!setup_.framework->workspaces) return 0;
    using Shape = std::tuple<std::uint64_t, std::uint64_t, int>;
    enum : int { all, tensor, expert };
    std::set<Shape> shapes;
    const auto h = model_.width;
    const auto add = [&](std::uint64_t rows, std::uint64_t columns, int by) {
      if (rows > 0 && columns > 0) shapes.insert({rows, columns, by});
    };
    for (std::size_t i = 0; i < count.size(); ++i) {
      if (count[i] == 0) continue;
      const auto& layer = model_.kinds[i];
      if (layer.kv_latent > 0) {
        add(layer.query_latent, h, all);
        add(layer.query, layer.query_latent > 0 ? layer.query_latent : h, tensor);
        add(layer.kv_latent + layer.rope, h, all);
        add(layer.keys + layer.values - layer.heads * layer.rope, layer.kv_latent, tensor);
      } else {
        add(layer.query + layer.keys + layer.values, h, tensor);
      }
      add(h, layer.output, tensor);
      add(layer.ffn_inputs * layer.ffn, h, tensor);
      add(h, layer.ffn, tensor);
      add(layer.shared_inputs * layer.shared_ffn, h, tensor);
      add(h, layer.shared_ffn, tensor);
      add(layer.expert_inputs * layer.expert_ffn, h, expert);
      add(h, layer.expert_ffn, expert);
    }
    double elements = 0;
    for (const auto& [rows, columns, by] : shapes) {
      const double over = by == tensor ? tp_ : by == expert ? static_cast<double>(layout_.expert_tensor) : 1;
      elements += static_cast<double>(rows) * static_cast<double>(columns) / over;
    }
    if (last) elements += table(model_.head > 0 ? model_.head : model_.tied && layout_.pipeline > 1 ? model_.table : 0);
    return kHalf * elements;
  }

  /// Beyond the mean, of the device that the most tokens are routed to.
  [[nodiscard]] double overload() const { return layout_.expert > 1 ? kMostOverload : 0; }

  void finish(StageMemory& memory, double routed, double versions) const {
    const double states = static_cast<double>((memory.static_bytes() - memory.host).value);
    const double moving = static_cast<double>(memory.activations.value) + static_cast<double>(memory.loss.value);
    const double other = static_cast<double>(memory.other.value);
    double peak = states + moving + other;
    if (memory.late && setup_.offload == TrainingOffload::none) {
      const auto gradients = static_cast<double>(memory.gradients.value);
      peak = states - gradients + other + std::max(moving, gradients);
    }
    const double spread = setup_.framework->spread;
    memory.peak = up(peak);
    memory.low = up(peak * (1 - spread));
    memory.high = up((peak + routed + versions) * (1 + spread));
  }

  const TrainedModel& model_;
  const TrainedModel* frozen_;  ///< its parameters are bytes; nullptr: all is trained
  const TrainingSetup& setup_;
  const TrainingLayout& layout_;
  double tp_;
  std::vector<LayerBytes> bytes_, mtp_bytes_;
};

}  // namespace

TrainedModels trained_models(const Inventory& inventory, const TrainingSetup& setup) {
  TrainedModels models{trained_model(inventory, &Tensor::elements, setup.axes()), {}};
  if (setup.adapters) {
    const auto& format = setup.adapters->frozen;
    models.frozen = trained_model(
        inventory, [&](const Tensor& tensor) { return format.of(tensor.role).bytes_of(tensor.shape).value; },
        setup.axes());
  }
  return models;
}

PeakMemory stages_peak(const TrainedModels& models, const TrainingSetup& setup) {
  PeakMemory memory;
  memory.setup = setup;
  memory.ranks = setup.layout.shard_group();
  const Peak peak(models, setup);
  for (std::uint64_t i = 0; i < setup.layout.pipeline; ++i) {
    memory.stages.push_back(peak.stage(i));
    if (memory.stages.back().peak > memory.stages[memory.fullest].peak) memory.fullest = memory.stages.size() - 1;
  }
  memory.reserved = up(static_cast<double>(memory.most().peak.value) * kReservedOverAllocated);
  const bool limited = setup.device != nullptr && setup.device->memory.value > 0;
  memory.ok = !limited || memory.most().peak <= setup.device->memory;
  return memory;
}

PeakMemory training_peak(const Inventory& inventory, const TrainingSetup& setup) {
  const TrainedModels models = trained_models(inventory, setup);
  const TrainedModel& model = models.trained;
  PeakMemory memory = stages_peak(models, setup);
  for (std::size_t i = 0; i < model.kinds.size(); ++i) {
    LayerActivations layer;
    layer.layers = static_cast<std::uint64_t>(std::count(model.layers.begin(), model.layers.end(), i));
    layer.passes = model.kinds[i].passes;
    layer.experts = model.kinds[i].experts > 0;
    const LayerBytes bytes = layer_bytes(model, model.kinds[i], setup, &layer.terms);
    layer.whole = up(bytes.whole);
    layer.kept = up(bytes.kept);
    if (model.kinds[i].mixer > 0) memory.unknown += layer.layers;
    memory.layers.push_back(std::move(layer));
  }
  return memory;
}

}  // namespace paramcount
