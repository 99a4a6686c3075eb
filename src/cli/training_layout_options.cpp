#include "cli/training_layout_options.hpp"

#include "base/numbers.hpp"
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
  set.option("--vpp", o.vpp, "N", "interleaved pipeline: chunks of layers that a stage has", kLayout);
  set.option("--cp", o.cp, "N", "context parallel: devices that share the tokens of a sequence", kLayout);
  set.option("--etp", o.etp, "N", "devices that share the matrices of an expert; default as --tp", kLayout);
  set.flag("--sp", o.sp, "sequence parallel: norms and dropout are divided over tp too", kLayout);
  set.option("--micro-batch", o.micro_batch, "N", "sequences that pass the model together; default 1", kLayout);
  set.option("--global-batch", o.global_batch, "N", "sequences of a step; default enough to fill the pipeline",
             kLayout);
  set.option("--stage-layers", o.stage_layers, "N,N,...", "layers of each stage; default as even as they come",
             kLayout);
  set.option("--optimizer-instances", o.optimizer_instances, "N",
             "copies of the optimizer's states, each spread over a part of the devices; default 1", kLayout);
  set.option(
      "--framework", o.framework, "NAME",
      "what trains: megatron, torchtitan, deepspeed, transformers, litgpt or torchtune; default none's workspaces",
      kLayout);
  set.flag("--fsdp", o.fsdp, "short for --zero 3 --framework torchtitan", kLayout);
  set.option("--attention", o.attention, "KIND", "flash, or unfused: the scores are kept; default flash", kLayout);
  set.option("--loss", o.loss, "KIND", "plain, fused, native, chunked:N or cut (no logits kept); default plain",
             kLayout);
  set.flag("--dropout", o.dropout, "dropout is on: its masks are kept", kLayout);
  set.flag("--compile", o.compile, "torch.compile: operations keep 16 bits, and each tensor once", kLayout);
  set.flag("--dora", o.dora, "with --lora: adapters have a magnitude for each output (DoRA)", kLayout);
  set.option("--offload", o.offload, "WHAT",
             "optimizer or parameters: kept in the host's memory (DeepSpeed's offload, FSDP's CPUOffload)", kLayout);
  set.flag("--mtp", o.mtp, "modules of multi-token prediction are trained too", kLayout);
  set.option("--workspace", o.workspace, "SIZE", "of the framework's libraries on each device; default its own",
             kLayout);
  set.flag("--plan", o.plan, "look for the layouts of the devices that fit, the fastest first; what is given stays",
           kLayout);
  set.flag("--max", o.largest, "the longest sequence and the largest micro-batch that fit", kLayout);
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
    if (request.framework != nullptr) throw usage_error("--fsdp: names torchtitan, and --framework too; one of them");
    if (request.zero_stage.value_or(3) != 3) throw usage_error("--fsdp: is ZeRO-3, and --zero says another stage");
    request.framework = &parse_framework("torchtitan");
    request.zero_stage = 3;
  }
  if (!o.attention.empty()) {
    const std::string kind = lower(o.attention);
    if (kind != "flash" && kind != "unfused") {
      throw usage_error("--attention " + printable(o.attention) + ": expected flash or unfused");
    }
    request.unfused = kind == "unfused";
  }
  if (!o.loss.empty()) request.loss = parse_loss(o.loss);
  request.dropout = o.dropout;
  request.compiled = o.compile;
  if (!o.offload.empty()) {
    const std::string what = lower(o.offload);
    if (what != "optimizer" && what != "parameters") {
      throw usage_error("--offload " + printable(o.offload) + ": expected optimizer or parameters");
    }
    request.offload = what == "optimizer" ? TrainingOffload::optimizer : TrainingOffload::parameters;
  }
  request.mtp = o.mtp;
  if (!o.workspace.empty()) request.workspace = read_bytes(o.workspace, "--workspace");
  request.largest = o.largest;
  request.search = o.plan;
}

}  // namespace paramcount
