#include "cli/topics.hpp"

#include <array>

#include "base/numbers.hpp"
#include "cli/names.hpp"
#include "paramcount/base/error.hpp"
#include "paramcount/estimate/defaults.hpp"
#include "paramcount/report/render.hpp"

namespace paramcount {
namespace {

Topic conventions(const Catalog&) {
  Topic topic{"conventions", "Conventions: how each figure is counted", {}, {}};
  topic.sections.push_back(
      {"Parameters",
       {{"total",
         "trainable tensors of the class the config names, tied ones once, vision, audio and projector included; "
         "buffers, multi-token prediction and scales have keys of their own",
         ""},
        {"active",
         "the parameters that one token uses: experts_per_token / n_experts of the routed experts, all others", ""},
        {"active_without_embedding", "active without the input table and learned positions; a tied table stays", ""},
        {"non_embedding", "total without input table, positions and head",
         "Kaplan et al. 2020, arXiv:2001.08361, section 2.1"},
        {"matmul", "weights of roles that multiply, a tied head included", ""}}});
  topic.sections.push_back(
      {"Training",
       {{"6nd", "FLOPs are 6 × active parameters × tokens; attention over the context is left out",
         "Kaplan et al. 2020, arXiv:2001.08361; Hoffmann et al. 2022, arXiv:2203.15556"},
        {"tokens", "as published, or 20 for each parameter", "Hoffmann et al. 2022, arXiv:2203.15556"},
        {"MFU",
         "model FLOPs utilisation, the share of the dense peak in use, 0 to 1: as published, or " +
             fixed(kDefaultMfu, 2),
         ""}}});
  auto& caches = topic.sections.emplace_back(Topic::Section{"Caches (--runtime)", {}});
  for (const auto& profile : runtime_profiles()) {
    std::string text(profile.text);
    for (const auto more : {profile.windows, profile.latent, profile.state}) {
      if (!more.empty()) text += "; " + std::string(more);
    }
    caches.entries.push_back({std::string(profile.name), std::move(text), std::string(profile.source)});
  }
  topic.sections.push_back({"Figures",
                            {{"GB, GiB", "10^9 bytes, 2^30 bytes; never one for the other (--units)", ""},
                             {"~", "rests on an assumed constant or on a model of the hardware", ""},
                             {"–", "no such figure", ""},
                             {"digits", "counts are exact; --precise shows all digits of every figure", ""}}});
  return topic;
}

Topic glossary(const Catalog&) {
  Topic topic{"glossary", "Glossary", {}, {}};
  topic.sections.push_back(
      {"Parts of a model",
       {{"token", "a piece of text, often a word or a part of one: the unit that a language model reads and writes",
         ""},
        {"vocabulary", "all tokens that a model knows", ""},
        {"layer", "one of the equal blocks that a token passes in turn: usually attention, then a feed-forward network",
         ""},
        {"d_model", "the width of a model: how many numbers stand for a token between two layers", ""},
        {"embedding", "the table with one vector of d_model numbers per token of the vocabulary", ""},
        {"head",
         "the matrix that turns the last layer's output into a score per token of the vocabulary; tied: it is "
         "the embedding table again, and counted once",
         ""},
        {"attention", "the part of a layer in which a token reads from the tokens before it, in several heads at once",
         "Vaswani et al. 2017, arXiv:1706.03762"},
        {"KV heads", "heads of attention with keys and values of their own; with GQA several query heads share one",
         "Ainslie et al. 2023, arXiv:2305.13245"},
        {"MLA", "multi-head latent attention: keys and values are kept as one small vector per token",
         "DeepSeek-V2, arXiv:2405.04434"},
        {"sliding window", "attention that reads only the last so many tokens, so that its KV cache stops growing", ""},
        {"FFN", "feed-forward network, also MLP: the part of a layer that works on each token alone; its width is d_ff",
         ""},
        {"MoE", "mixture of experts: a layer with many FFNs (experts) of which each token uses a few", ""},
        {"router", "the small matrix that chooses the experts for each token", ""},
        {"norm", "a layer that rescales the numbers of a token (LayerNorm, RMSNorm); it has few parameters", ""},
        {"state-space model",
         "a layer such as Mamba's that carries a state of fixed size from token to token in place "
         "of a KV cache",
         "Gu and Dao 2023, arXiv:2312.00752"},
        {"MTP", "multi-token prediction: extra layers that predict further tokens, counted apart",
         "DeepSeek-V3, arXiv:2412.19437"}}});
  topic.sections.push_back(
      {"Counts",
       {{"parameter", "one trained number of a model, also called a weight", ""},
        {"active parameters",
         "the parameters that one token uses: in a mixture of experts, those of the chosen experts "
         "and all that is not an expert",
         ""},
        {"buffer", "numbers that a checkpoint stores but training does not change, such as a rotary table", ""},
        {"checkpoint", "the files with a model's weights: safetensors, PyTorch, or GGUF for llama.cpp", ""}}});
  topic.sections.push_back(
      {"Memory and generation",
       {{"KV cache",
         "the keys and values of all tokens so far, kept so that they are computed once; it grows with the "
         "context and the batch",
         ""},
        {"recurrent state",
         "what a state-space or linear-attention layer keeps of all tokens so far: of fixed size per "
         "sequence",
         ""},
        {"context", "how many tokens a sequence has, prompt and answer together, or may have at most", ""},
        {"batch", "how many sequences are worked on at once; each has a KV cache of its own", ""},
        {"number format", "how a number is stored (dtype): fp32 takes 32 bits, bf16 and fp16 take 16", ""},
        {"quantisation", "storing weights in fewer bits, usually in blocks of small integers that share a scale", ""},
        {"bits per weight", "bits of the stored weights, scales included, over the number of parameters", ""},
        {"imatrix", "importance matrix: statistics of a model's activations that llama.cpp's quantiser may use", ""},
        {"tensor parallel, pipeline parallel",
         "how devices share a model: each has a part of every matrix (tp), or some of the layers (pp); experts may be "
         "shared whole (ep)",
         ""},
        {"offload", "keeping some layers, or the experts of some, in the host's memory instead of the device's", ""},
        {"prefill, decode", "reading the prompt, all tokens at once; generating the answer, a token at a time", ""},
        {"memory-bandwidth bound",
         "limited by how fast weights and KV cache are read from memory, not by arithmetic: "
         "so is decoding with a small batch",
         ""},
        {"lower bound", "no run can need less; a real one needs more", ""}}});
  topic.sections.push_back(
      {"Training",
       {{"FLOPs", "floating-point operations: a multiplication and an addition are two; FLOP/s is their speed", ""},
        {"6ND", "the usual estimate of training FLOPs: 6 for each (active) parameter and training token",
         "Kaplan et al. 2020, arXiv:2001.08361"},
        {"MFU",
         "model FLOPs utilisation: the FLOPs that the model needs over what the accelerators could do at their "
         "peak in the same time",
         "PaLM, arXiv:2204.02311"},
        {"HFU", "hardware FLOPs utilisation: the same with the FLOPs of recomputation counted too", ""},
        {"recomputation",
         "computing activations again in the backward pass instead of storing them (activation "
         "checkpointing)",
         "Korthikanti et al. 2022, arXiv:2205.05198"},
        {"device-hour", "one accelerator for one hour", ""},
        {"optimizer state", "what an optimizer keeps per parameter: Adam two moments", ""},
        {"ZeRO", "spreading optimizer states (stage 1), gradients (2) and weights (3) over the devices; FSDP is alike",
         "Rajbhandari et al. 2020, arXiv:1910.02054"},
        {"LoRA", "low-rank adapters: the model is frozen, and two thin matrices beside each chosen one are trained",
         "Hu et al. 2021, arXiv:2106.09685"},
        {"scaling law", "a formula fitted to many runs: the loss that so many parameters and training tokens reach",
         ""},
        {"compute-optimal", "the split of a budget between parameters and tokens that a scaling law says loses least",
         "Hoffmann et al. 2022, arXiv:2203.15556"},
        {"sparsity", "the share of weights that are zero; 2:4 has two of every four, which GPUs can skip", ""},
        {"PUE", "power usage effectiveness: all the electricity of a building over that of its computers", ""}}});
  return topic;
}

Topic keys(const Catalog&) {
  Topic topic{"keys", "Keys of --get, --assert, JSON and CSV", {}, {}};
  for (const auto& command : commands()) {
    auto entries = keys_of_command(command);
    if (entries.empty()) continue;
    std::string title = "paramcount";
    if (!command.name.empty()) title += " " + std::string(command.name);
    for (auto& entry : entries) {
      if (!entry.source.empty()) entry.source.insert(0, "such as ");
    }
    topic.sections.push_back({std::move(title), std::move(entries)});
  }
  topic.notes.push_back("N counts from 0. A model that has no such value prints an empty line.");
  return topic;
}

Topic catalog_topic(const Catalog& catalog) {
  Topic topic{"catalog", "The catalog", {}, {}};
  auto& contents = topic.sections.emplace_back(Topic::Section{"What it holds", {}});
  const auto count = [&](const char* name, Catalog::Kind kind, const char* text) {
    std::uint64_t ids = 0;
    std::uint64_t aliases = 0;
    catalog.each_name(kind, [&](std::string_view, bool is_id) { ++(is_id ? ids : aliases); });
    std::string line = grouped(ids) + std::string(" ") + text;
    if (aliases > 0) line += ", with " + grouped(aliases) + " other spellings";
    contents.entries.push_back({name, std::move(line), ""});
  };
  count("models", Catalog::Kind::model, "published models: dimensions, training, what the makers say");
  count("families", Catalog::Kind::family, "architectures: the tensors, as a checkpoint lists them");
  count("devices", Catalog::Kind::device, "accelerators: memory, bandwidth, peak, prices");
  count("dtypes", Catalog::Kind::dtype, "number formats: bits and scales");
  count("file_types", Catalog::Kind::file_type, "llama.cpp file types: which tensor takes which format");
  topic.sections.push_back(
      {"Your own files",
       {{"--catalog DIR", "a folder laid out like data/: models/, families/, devices.json, dtypes.json; the last wins",
         ""},
        {"PARAMCOUNT_CATALOG", "the same from the environment", ""},
        {"$XDG_CONFIG_HOME/paramcount", "the same, read by default; ~/.config/paramcount where that is not set", ""},
        {"config.toml", "in that folder: defaults for options, such as format = \"json\", or below [kv] of one command",
         ""},
        {"PARAMCOUNT_FORMAT, ...",
         "defaults from the environment: PARAMCOUNT_ and the option in capitals. The command line wins over the "
         "environment, the environment over config.toml; --no-config leaves both out",
         ""}}});
  return topic;
}

Topic output_formats(const Catalog&) {
  Topic topic{"formats", "Formats of --format", {{"", {}}}, {}};
  for (const auto& format : formats())
    topic.sections.front().entries.push_back({std::string(format.name), std::string(format.description), ""});
  topic.notes.push_back("Of tensors, layers, kv and explain, CSV and TSV have a line for each row of the list.");
  topic.notes.push_back(
      "k8s: memory is for the process and for what llama.cpp keeps on the host, ephemeral-storage for "
      "the weights, nvidia.com/gpu or amd.com/gpu for the devices.");
  topic.notes.push_back("JSON: integers are exact, units stand in the key; data/schema describes each command's.");
  return topic;
}

Topic exit_codes(const Catalog&) {
  const auto code = [](ExitCode exit) { return std::to_string(static_cast<int>(exit)); };
  return {
      "exit_codes",
      "Exit codes",
      {{"",
        {{code(ExitCode::answered), "answered", ""},
         {code(ExitCode::could_not), "could not answer: unknown model, wrong file, not disclosed", ""},
         {code(ExitCode::usage), "usage error: an option, a value or a key that does not exist", ""},
         {code(ExitCode::no),
          "answered, and the answer is no: an --assert is false, verify finds a difference, a plan cannot work", ""}}}},
      {"Data goes to standard output, messages to standard error. An error never prints half an answer."}};
}

constexpr std::array<HelpTopic, 12> kTopics{{
    {"catalog", "what is built in, how to add to it, defaults for options", catalog_topic},
    {"conventions", "how each figure is counted", conventions},
    {"devices", "accelerators of --device", nullptr},
    {"dtypes", "number formats of --dtype", nullptr},
    {"exit-codes", "meaning of the exit code", exit_codes},
    {"formats", "output formats of --format", output_formats},
    {"glossary", "the words of the field, one sentence each", glossary},
    {"hub", "models of the Hub, ModelScope, Ollama and other addresses", remote_topic},
    {"images", "what becomes of images and sound in a prompt", images_topic},
    {"keys", "names of values for --get, --assert, JSON and CSV", keys},
    {"names", "how a model is named: spellings, quantised copies, caches, Ollama", names_topic},
    {"training", "what fills a device in training, and how devices share it", training_topic},
}};

}  // namespace

std::span<const HelpTopic> topics() { return kTopics; }

}  // namespace paramcount
