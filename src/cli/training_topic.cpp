// `paramcount help training`: where the memory of training goes, for who has never seen a pipeline.
#include "base/numbers.hpp"
#include "base/text.hpp"
#include "cli/topics.hpp"
#include "paramcount/estimate/training_layout.hpp"
#include "paramcount/estimate/training_peak.hpp"

namespace paramcount {

Topic training_topic(const Catalog&) {
  Topic topic{"training", "Training: what fills a device, and how devices share it", {}, {}};
  topic.sections.push_back(
      {"What fills a device",
       {{"weights, gradients", "the parameters as they are multiplied with, and the direction in which to change each",
         ""},
        {"master copy, optimizer states", "the weights in full precision, and Adam's two moments of each", ""},
        {"activations",
         "what each layer keeps of the forward pass, since its backward pass needs it: they grow with the tokens", ""},
        {"logits and loss", "a score for each word of the vocabulary and token, and its gradient; on the last stage",
         ""},
        {"other", "workspaces of libraries, parameters gathered for the moment, and gradients inside the layer at work",
         ""},
        {"peak", "the most that is allocated at one moment of a step; the fullest device decides whether it fits", ""},
        {"reserved",
         "what PyTorch's allocator takes from the device for it: " + shortest(kReservedOverAllocated) +
             " times as much",
         "MooreThreads/SimuMax, docs/b200: 43 runs"}}});
  topic.sections.push_back(
      {"How devices share it",
       {{"data parallel (dp)", "groups that each train on sequences of their own and then add up their gradients", ""},
        {"ZeRO (--zero)",
         "these groups spread what they would each hold: optimizer (1), gradients (2), weights (3, FSDP)",
         "arXiv:1910.02054"},
        {"tensor parallel (tp)",
         "devices with a part of every matrix; they talk in every layer, so stay in one machine", "arXiv:1909.08053"},
        {"sequence parallel (sp)", "what tp leaves whole on every device (norms, dropout) is divided along the tokens",
         "arXiv:2205.05198"},
        {"pipeline parallel (pp)",
         "stages with some of the layers each, which micro-batches pass one behind the other. The first stage has as "
         "many in flight as there are stages, the last one: so the first holds the most activations",
         "arXiv:2104.04473"},
        {"interleaved (vpp)", "each stage has several chunks of layers in turn: less idle time, more in flight", ""},
        {"context parallel (cp)", "devices that share the tokens of a sequence", ""},
        {"expert parallel (ep, etp)",
         "devices with some of the experts each, or with a part of every expert; who gets the most tokens decides", ""},
        {"micro-batch, global batch", "sequences that pass the model together; sequences of a whole step", ""},
        {"recomputation",
         "activations computed again instead of kept: selective the scores of attention (torchtitan: "
         "every second matrix), full all but each layer's input",
         ""}}});
  topic.sections.push_back(
      {"Where a step's time goes (--plan)",
       {{"computing", "the FLOPs, with what is recomputed, at the MFU: yours, a published one, or the usual", ""},
        {"bubble", "stages wait while a pipeline fills and drains: (pp − 1)/(vpp × micro-batches) of computing",
         "arXiv:2104.04473"},
        {"tp, cp, ep",
         "sums of activations, keys and values, tokens of experts on links: within a machine the device's "
         "own, between machines 50 GB/s of each device",
         ""},
        {"dp", "gradients and weights, as far as computing does not cover them", ""},
        {"optimizer", "its states are read and written once, at the memory's bandwidth", ""}}});
  topic.sections.push_back(
      {"Symbols of the formulas",
       {{"t", "tokens of a micro-batch on one device: sequences × length / cp", ""},
        {"h, a, s", "d_model, heads, length of a sequence", ""},
        {"q, k, v, o", "widths of queries, keys, values and of attention's output, over all heads", ""},
        {"r_q, r_kv, rope", "MLA: ranks of its latents, width of what is rotated", ""},
        {"f, f_e, f_s, g", "widths of the feed-forward, of an expert, of shared experts; 2 where gated, else 1", ""},
        {"E, n", "experts; tokens on the device's experts: experts of a token × t/S", ""},
        {"V, m", "vocabulary; outputs of a state-space layer's matrices", ""},
        {"S", "tp with sequence parallelism, else 1", ""}}});
  auto& frameworks = topic.sections.emplace_back(Topic::Section{"Frameworks (--framework)", {}});
  for (const auto& framework : training_frameworks()) {
    const auto bytes = [](double value) { return shortest(value); };
    frameworks.entries.push_back(
        {std::string(framework.id),
         std::string(framework.text) + ": " + std::string(framework.optimizer) + ", " + bytes(framework.plain_logit) +
             " B a logit" +
             (framework.split_logit != framework.plain_logit ? " (" + bytes(framework.split_logit) + " under tp)"
                                                             : "") +
             ", fused " + bytes(framework.fused_logit) +
             (framework.zero > 0 ? ", ZeRO-" + grouped(framework.zero) : "") +
             (framework.late_gradients ? ", gradients grow as activations go" : "") + "; within " +
             fixed(100 * framework.spread, 0) + " %",
         std::string(framework.source)});
  }
  topic.notes.push_back(
      "paramcount train MODEL --explain derives every term; README shows how far measured peaks lie.");
  return topic;
}

}  // namespace paramcount
