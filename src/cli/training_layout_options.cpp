#include "cli/training_layout_options.hpp"

#include <array>

#include "base/numbers.hpp"
#include "base/spelling.hpp"
#include "base/text.hpp"
#include "paramcount/base/error.hpp"

namespace paramcount {
namespace {

constexpr std::uint64_t kMostParallel = 1'000'000;
constexpr std::uint64_t kMostBatch = 1'000'000'000;
constexpr std::size_t kMostStages = 4096;

std::optional<std::uint64_t> read(const std::string& text, const char* option, std::uint64_t most = kMostParallel) {
  if (text.empty()) return std::nullopt;
  return parse_count(text, option, false, most);
}

}  // namespace

void add_training_layout_options(OptionSet& set, TrainingLayoutOptions& o) {
  constexpr const char* kLayout = "Layout";
  add_layout_options(set, o.parallel, kLayout);
  set.option("--vpp", o.vpp, "N", "interleaved pipeline: chunks of layers per stage", kLayout);
  set.option("--cp", o.cp, "N", "context parallel: devices that each sequence is split across", kLayout);
  set.option("--etp", o.etp, "N",
             "tensor parallel in experts: devices that each expert is split across; default as --tp", kLayout);
  set.flag("--sp", o.sp, "sequence parallel: split norms and dropout across tp as well", kLayout);
  set.option("--micro-batch", o.micro_batch, "N", "sequences per micro-batch; default 1", kLayout);
  set.option("--global-batch", o.global_batch, "N", "sequences per step; default enough to fill the pipeline", kLayout);
  set.option("--stage-layers", o.stage_layers, "N,N,...", "layers of each stage; default as even as possible", kLayout);
  set.option("--optimizer-instances", o.optimizer_instances, "N",
             "copies of the optimizer states, each sharded over part of the devices; default 1", kLayout);
  set.option("--framework", o.framework, "NAME",
             "training framework: megatron, torchtitan, deepspeed, transformers, litgpt or torchtune; default none, "
             "without workspaces",
             kLayout);
  set.flag("--fsdp", o.fsdp, "short for --zero 3 --framework torchtitan", kLayout);
  set.option("--attention", o.attention, "KIND", "flash, or unfused (stores the attention scores); default flash",
             kLayout);
  set.option("--loss", o.loss, "KIND", "plain, fused, native, chunked:N or cut (stores no logits); default plain",
             kLayout);
  set.flag("--dropout", o.dropout, "train with dropout, whose masks are stored", kLayout);
  set.flag("--compile", o.compile, "torch.compile: operations store 16-bit tensors, each one once", kLayout);
  set.flag("--dora", o.dora, "with --lora: add a magnitude per output to each adapter (DoRA)", kLayout);
  set.option("--offload", o.offload, "WHAT",
             "optimizer or parameters, kept in host memory (DeepSpeed's offload, FSDP's CPUOffload)", kLayout);
  set.flag("--mtp", o.mtp, "train the multi-token-prediction modules too", kLayout);
  set.option("--workspace", o.workspace, "SIZE",
             "workspace of the framework's libraries per device; default the framework's own", kLayout);
  set.flag("--plan", o.plan,
           "search for layouts of the devices that fit, fastest first; options that are given stay fixed", kLayout);
  set.flag("--max", o.largest, "find the longest sequence and the largest micro-batch that fit", kLayout);
}

void read_training_layout(const TrainingLayoutOptions& o, TrainingRequest& request) {
  auto& layout = request.layout;
  layout.tensor = read(o.parallel.tp, "--tp");
  layout.pipeline = read(o.parallel.pp, "--pp");
  layout.expert = read(o.parallel.ep, "--ep");
  layout.data = read(o.parallel.dp, "--dp");
  layout.interleaved = read(o.vpp, "--vpp");
  layout.context = read(o.cp, "--cp");
  layout.expert_tensor = read(o.etp, "--etp");
  layout.sequence_parallel = o.sp;
  layout.micro_batch = read(o.micro_batch, "--micro-batch", kMostBatch);
  layout.global_batch = read(o.global_batch, "--global-batch", kMostBatch);
  if (!o.stage_layers.empty()) {
    for (const auto part : split(o.stage_layers, ',')) {
      request.stage_layers.push_back(parse_count(part, "--stage-layers", false, kMostParallel));
      if (request.stage_layers.size() > kMostStages) throw usage_error("--stage-layers: too many stages");
    }
  }
  request.optimizer_instances = read(o.optimizer_instances, "--optimizer-instances").value_or(1);
  if (!o.framework.empty()) request.framework = &parse_framework(o.framework);
  if (o.fsdp) {
    if (request.framework != nullptr) throw usage_error("--fsdp, --framework: both name a framework; give one");
    if (request.zero_stage.value_or(3) != 3) throw usage_error("--fsdp: is ZeRO-3, but --zero gives another stage");
    request.framework = &parse_framework("torchtitan");
    request.zero_stage = 3;
  }
  if (!o.attention.empty()) {
    const std::string kind = lower(o.attention);
    check_word("--attention", kind, std::array<std::string_view, 2>{"flash", "unfused"});
    request.unfused = kind == "unfused";
  }
  if (!o.loss.empty()) request.loss = parse_loss(o.loss);
  request.dropout = o.dropout;
  request.compiled = o.compile;
  if (!o.offload.empty()) {
    const std::string what = lower(o.offload);
    check_word("--offload", what, std::array<std::string_view, 2>{"optimizer", "parameters"});
    request.offload = what == "optimizer" ? TrainingOffload::optimizer : TrainingOffload::parameters;
  }
  request.mtp = o.mtp;
  if (!o.workspace.empty()) request.workspace = read_bytes(o.workspace, "--workspace");
  request.largest = o.largest;
  request.search = o.plan;
}

}  // namespace paramcount
