// Sources: Korthikanti et al. 2022, arXiv:2205.05198, table 2; NVIDIA/Megatron-LM, megatron/core/transformer;
// MooreThreads/SimuMax, simumax/core/transformer/{dense,moe}_module.py; pytorch/torchtitan,
// torchtitan/distributed/activation_checkpoint.py; huggingface/transformers, models/llama/modeling_llama.py.
#include "estimate/training_activations.hpp"

#include <algorithm>

namespace paramcount {
namespace {

/// Of a state-space layer the outputs of its matrices are kept, and about as much again by its convolution and scan.
constexpr double kMixerCopies = 2;

class Layer {
 public:
  Layer(const TrainedModel& model, const TrainedLayer& layer, const TrainingSetup& setup,
        std::vector<ActivationTerm>* terms)
      : layer_(layer),
        setup_(setup),
        terms_(terms),
        t_(tokens_of(setup)),
        h_(static_cast<double>(model.width)),
        tp_(static_cast<double>(setup.layout.tensor)),
        etp_(static_cast<double>(setup.layout.expert_tensor)),
        shards_(sequence_shards(setup)) {}

  LayerBytes bytes() {
    if (eagerly()) {
      eager();
    } else {
      fused();
    }
    if (setup_.framework->gathers_inputs && tp_ > 1)
      add("gathered inputs of attention and feed-forward", "4·t·h", 4 * t_ * h_);
    result_.kept = kept();
    result_.backward = backward();
    return result_;
  }

 private:
  static double number(std::uint64_t value) { return static_cast<double>(value); }

  void add(std::string_view label, std::string_view formula, double bytes) {
    if (bytes == 0) return;
    result_.whole += bytes;
    if (terms_ != nullptr) terms_->push_back({label, formula, bytes});
  }
  void add_routed(std::string_view label, std::string_view formula, double bytes) {
    add(label, formula, bytes);
    result_.routed += bytes;
  }

  /// Adapters are trained by whatever runs a model as its class says it, unless a framework is named.
  [[nodiscard]] bool eagerly() const {
    const bool any = setup_.framework == &no_framework();
    return !setup_.compiled &&
           (any ? setup_.adapters.has_value() : setup_.framework->saves == TrainingFramework::Saves::eager);
  }

  [[nodiscard]] double norms() const { return layer_.norms > 0 ? number(layer_.norms) : 2; }
  /// tp beyond the heads of keys and values repeats these.
  [[nodiscard]] double kv_shards() const { return layer_.kv_heads > 0 ? std::min(tp_, number(layer_.kv_heads)) : tp_; }
  [[nodiscard]] double scores() const {
    const auto& layout = setup_.layout;
    return number(layer_.heads) * number(setup_.sequence) * t_ / static_cast<double>(layout.tensor);
  }
  /// Tokens on the device's experts, if each gets as many.
  [[nodiscard]] double routed_tokens() const { return number(layer_.per_token) * t_ / shards_ * std::max(1.0, etp_); }

  void attention_core() {
    if (layer_.heads == 0) return;
    if (layer_.kv_latent > 0) {
      add("MLA: latents", "(4·t·r_q + 4·t·r_kv + 2·t·rope)/S",
          t_ * (4 * number(layer_.query_latent) + 4 * number(layer_.kv_latent) + 2 * number(layer_.rope)) / shards_);
    }
    add("queries", "2·t·q/tp", 2 * t_ * number(layer_.query) / tp_);
    add("keys and values", "2·t·(k + v)/tp", 2 * t_ * number(layer_.keys + layer_.values) / kv_shards());
    if (layer_.head_norms) {
      add("inputs of the norms of queries and keys", "2·t·(q + k)/tp",
          2 * t_ * (number(layer_.query) / tp_ + number(layer_.keys) / kv_shards()));
    }
    add("attention output", "2·t·o/tp", 2 * t_ * number(layer_.output) / tp_);
    if (!setup_.unfused) {
      add("softmax statistics of flash attention", "4·t·a/tp", 4 * t_ * number(layer_.heads) / tp_);
    } else if (setup_.layout.recompute != Recompute::selective) {
      add("softmax of the scores", "2·a·s·t/tp", 2 * scores());
      if (setup_.dropout) add("dropout of the scores: mask and result", "3·a·s·t/tp", 3 * scores());
    }
  }

  void experts() {
    if (layer_.experts == 0) return;
    const double tokens = routed_tokens();
    const double width = number(layer_.expert_ffn);
    add("router: logits and probabilities", "8·t·E/S", 8 * t_ * number(layer_.experts) / shards_);
    add_routed("tokens routed to the experts", "2·h·n", 2 * h_ * tokens);
    add_routed("inputs of the experts' activation function", "2·g·f_e·n/etp",
               2 * number(layer_.expert_inputs) * width * tokens / etp_);
    add_routed("its outputs", "2·f_e·n/etp", 2 * width * tokens / etp_);
    // megatron/core/transformer/moe/experts.py: of GELU the product with the router's weight is a copy of its own.
    if (layer_.expert_inputs == 1) add_routed("its outputs, weighted", "2·f_e·n/etp", 2 * width * tokens / etp_);
    add_routed("token-to-expert maps", "8·n", 8 * tokens);
  }

  void mixer() {
    add("state-space layers: matrices, convolution, scan", "2·2·t·m/tp",
        kMixerCopies * 2 * t_ * number(layer_.mixer) / tp_);
  }

  void fused() {
    add("inputs and outputs of norms", "norms·4·t·h/S", norms() * 4 * t_ * h_ / shards_);
    add("norm statistics", "norms·4·t/S, with a mean 8", norms() * (layer_.layer_norm ? 8 : 4) * t_ / shards_);
    attention_core();
    if (setup_.dropout) add("dropout masks", "2·t·h/S", 2 * t_ * h_ / shards_);
    add("inputs of the feed-forward's activation function", "2·t·g·f/tp",
        2 * t_ * number(layer_.ffn_inputs) * number(layer_.ffn) / tp_);
    add("its output", "2·t·f/tp", 2 * t_ * number(layer_.ffn) / tp_);
    experts();
    add("shared experts", "2·t·(g + 1)·f_s/tp",
        2 * t_ * number(layer_.shared_inputs + 1) * number(layer_.shared_ffn) / tp_);
    mixer();
  }

  /// A norm in fp32 keeps its input in fp32 and the normalised result in 16 bits, before and after the weight where
  /// that is trained. A frozen matrix keeps no input.
  void eager() {
    const bool rms = !layer_.layer_norm;
    const bool frozen = setup_.adapters.has_value();
    const bool gated = layer_.ffn_inputs > 1;
    add("inputs of norms", rms ? "norms·(4·t·h + 4·t)" : "norms·(2·t·h + 8·t)",
        norms() * (rms ? 4 * t_ * h_ + 4 * t_ : 2 * t_ * h_ + 8 * t_) / shards_);
    if (rms) add("normalised", "norms·2·t·h", norms() * 2 * t_ * h_ / shards_);
    if (rms && !frozen) add("normalised, for the weight's gradient", "norms·2·t·h", norms() * 2 * t_ * h_ / shards_);
    if (!frozen) add("inputs of the matrices of attention and feed-forward", "2·2·t·h", 2 * 2 * t_ * h_ / shards_);
    attention_core();
    add("queries and keys before rotation", "2·t·(q + k)/tp", 2 * t_ * number(layer_.query + layer_.keys) / tp_);
    if (setup_.dropout) add("dropout masks", "2·t·h", 2 * t_ * h_ / shards_);
    add(gated ? "feed-forward: gate, activation, product" : "input of the feed-forward's activation function",
        gated ? "6·t·f/tp" : "2·t·f/tp", (gated ? 6 : 2) * t_ * number(layer_.ffn) / tp_);
    if (!frozen) add("input of its last matrix", "2·t·f/tp", 2 * t_ * number(layer_.ffn) / tp_);
    experts();
    add("shared experts", "2·t·(g + 1)·f_s/tp",
        2 * t_ * number(layer_.shared_inputs + 1) * number(layer_.shared_ffn) / tp_);
    mixer();
    if (frozen) adapters(*setup_.adapters);
  }

  void adapters(const TrainedAdapters& all) {
    const double ffn = number(layer_.ffn);
    add("input of adapted projections", "2·t·h", 2 * t_ * h_);
    const double copies = (all.attention_input ? h_ : 0) + (all.attention_output ? number(layer_.output) : 0) +
                          (all.ffn_input ? h_ : 0) + (all.ffn_output ? ffn : 0);
    if (setup_.framework->adapter_dropout) add("dropout masks of the adapters", "t·width of each", t_ * copies);
    if (setup_.optimizer.weights > 2) {
      // Adapters in fp32 read copies in fp32: peft/tuners/lora/layer.py _cast_input_dtype.
      add("inputs of adapters, in fp32", "4·t·width of each", 4 * t_ * copies);
    }
    if (all.dora) {
      // peft/tuners/lora/dora.py: the frozen result and the adapter's are both factors of the magnitude's gradient.
      add("DoRA: outputs before scaling", "(2 + 2 or 4)·t·outputs", (2 + setup_.optimizer.weights) * t_ * all.outputs);
    }
    if (all.frozen.dtype.bits < 8) {
      // bitsandbytes/autograd/_functions.py MatMul4Bit. Attention and feed-forward side by side may read one norm's
      // result: litgpt/model.py shared_attention_norm.
      add("inputs of 4-bit matrices", "2·t·(1 or 2·h + o + f)",
          2 * t_ * (std::min(2.0, norms()) * h_ + number(layer_.output) + ffn));
    }
  }

  [[nodiscard]] double kept() const {
    Recompute recompute = setup_.layout.recompute;
    if (recompute == Recompute::selective && setup_.framework->selective_ops) recompute = Recompute::ops;
    if (recompute == Recompute::full) return 2 * t_ * h_ / shards_;
    if (recompute != Recompute::ops) return result_.whole;
    // Every second matrix multiplication and the attention: the layer's input, the outputs of wq, wv, w1 and w2.
    const double attention = layer_.heads == 0 ? 0
                                               : 2 * t_ * number(layer_.query + layer_.output) / tp_ +
                                                     2 * t_ * number(layer_.values) / kv_shards() +
                                                     4 * t_ * number(layer_.heads) / tp_;
    return 4 * t_ * h_ / shards_ + attention + 2 * t_ * number(layer_.ffn + layer_.shared_ffn + layer_.mixer) / tp_;
  }

  [[nodiscard]] double backward() const {
    if (layer_.experts > 0) {
      return routed_tokens() * (2 * h_ + 2 * number(layer_.expert_inputs + 1) * number(layer_.expert_ffn)) +
             2 * t_ * h_;
    }
    const bool gathered = setup_.layout.sequence_parallel && tp_ > 1;
    return 2 * t_ * number(layer_.ffn_inputs + 1) * number(layer_.ffn) / tp_ + (gathered ? 4 : 2) * t_ * h_ +
           2 * t_ * h_ / shards_;
  }

  const TrainedLayer& layer_;
  const TrainingSetup& setup_;
  std::vector<ActivationTerm>* terms_;
  double t_, h_, tp_, etp_, shards_;
  LayerBytes result_;
};

}  // namespace

LayerBytes layer_bytes(const TrainedModel& model, const TrainedLayer& layer, const TrainingSetup& setup,
                       std::vector<ActivationTerm>* terms) {
  return Layer(model, layer, setup, terms).bytes();
}

}  // namespace paramcount
