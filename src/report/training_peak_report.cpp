#include "report/training_peak_report.hpp"

#include <array>

#include "base/numbers.hpp"
#include "base/text.hpp"
#include "report/tables.hpp"

namespace paramcount {
namespace {

constexpr const char* kMemory = "training_memory.";
constexpr const char* kGiven = "as given, or its default";
constexpr std::size_t kMostStages = 12;  ///< on a page; of more the first ones, the last ones and the fullest

void tell_layout(const PeakMemory& peak, Tree& tree) {
  const auto& setup = peak.setup;
  const auto& layout = setup.layout;
  const auto group = tree.group("layout", "layout");
  const auto number = [&](const Label& key, const Label& label, std::uint64_t value) {
    tree.leaf(key, label, value, kGiven);
  };
  tell_degrees(layout, kGiven, tree);
  tree.leaf("sp", "sequence parallel", layout.sequence_parallel);
  number("micro_batch", "sequences per micro-batch", layout.micro_batch);
  if (layout.global_batch) number("global_batch", "sequences per step", *layout.global_batch);
  tree.text("framework", "framework", setup.framework->id);
  tree.text("attention", "attention", setup.unfused ? "unfused" : "flash");
  tree.text("loss", "loss", loss_text(setup.loss));
}

void tell_stage(const StageMemory& stage, Tree& tree) {
  const auto row = tree.group("");
  tree.leaf("stage", "stage", stage.stage + 1, "first to last");
  tree.leaf("layers", "layers", stage.layers, "layers / pp");
  tree.leaf(
      "in_flight", "micro-batches in flight", number_value(stage.in_flight),
      "min(pp − stage + 1, micro-batches); interleaved: min(2·(pp − stage) + (vpp − 1)·pp + 1, micro-batches·vpp)/vpp",
      "Narayanan et al. 2021, arXiv:2104.04473, section 2.2");
  const auto bytes = [&](const Label& key, const Label& label, Bytes value, const Label& formula) {
    tree.leaf(key, label, value, formula, {}, Said::estimated);
  };
  if (stage.frozen.value > 0) bytes("frozen_bytes", "frozen weights", stage.frozen, "tensors in their format / tp");
  bytes("weights_bytes", stage.frozen.value > 0 ? Label("adapters") : Label("weights"), stage.weights,
        "parameters of the stage / tp, experts / (ep·etp)");
  bytes("gradients_bytes", "gradients", stage.gradients, "parameters of the stage / tp, experts / (ep·etp)");
  bytes("master_bytes", "master copy", stage.master, "over dp·cp from ZeRO-1 on");
  bytes("states_bytes", "optimizer states", stage.states, "over dp·cp from ZeRO-1 on");
  bytes("activations_bytes", "activations", stage.activations, "layers × stored × in flight, and one layer recomputed");
  bytes("loss_bytes", "logits and loss", stage.loss, "bytes a logit × t·V/tp + 4·t·h/S");
  bytes("other_bytes", "other", stage.other, "workspaces, gathered parameters, buckets, gradients of one layer");
  if (stage.host.value > 0) bytes("host_bytes", "of which in host memory", stage.host, "--offload");
  bytes("peak_bytes", "peak", stage.peak,
        stage.late ? Label("weights + master + states + other + max(activations + loss, gradients)")
                   : Label("Σ of the above"));
  bytes("peak_bytes_low", "peak, low", stage.low, "peak less the framework's spread");
  bytes("peak_bytes_high", "peak, high", stage.high, "peak, overloaded experts, and the framework's spread");
}

void tell_layers(const PeakMemory& peak, Tree& tree) {
  const auto list = tree.list("layers", "activations by kind of layer");
  for (const auto& layer : peak.layers) {
    const auto row = tree.group("");
    tree.leaf("layers", "layers", layer.layers, "the inventory");
    if (layer.passes > 1) {
      tree.leaf("passes", "passes of a token", number_value(layer.passes), "layers / those that hold weights");
    }
    tree.leaf("whole_bytes", "stored without recomputation", layer.whole, "Σ of its terms", {}, Said::estimated);
    tree.leaf("kept_bytes", "kept", layer.kept, "without what is recomputed", {}, Said::estimated);
    const auto terms = tree.list("terms", "stored activations");
    for (const auto& term : layer.terms) {
      const auto one = tree.group("");
      tree.text("name", "name", term.label);
      tree.leaf("bytes", term.label, Bytes{static_cast<std::uint64_t>(term.bytes)}, Label(std::string(term.formula)),
                "Korthikanti et al. 2022, arXiv:2205.05198, table 2; help training", Said::estimated);
    }
  }
}

Line bytes_line(const Figures& figures, const std::string& label, const std::string& key) {
  Line line = figures.bytes_line(key, label);
  return line;
}

PageTable fullest_table(const TrainingAnswer& answer, const Figures& figures) {
  const auto& peak = *answer.peak;
  const auto& most = peak.most();
  const std::string stage = std::string(kMemory) + "stages." + std::to_string(peak.fullest) + ".";
  PageTable table = own_table(
      peak.stages.size() > 1 ? "Peak of the fullest device, stage " + grouped(most.stage + 1) : "Peak per device",
      figures.byte_heads());
  for (const std::string part :
       {"frozen", "weights", "gradients", "master", "states", "activations", "loss", "other"}) {
    const std::string key = stage + part + "_bytes";
    if (figures.number(key) > 0) table.lines.push_back(figures.bytes_line(key));
  }
  if (most.host.value > 0) {
    Line& host = table.lines.emplace_back(figures.bytes_line(stage + "host_bytes"));
    host.remark = {"for each device", Style::dim};
  }
  Line& sum = table.lines.emplace_back(bytes_line(figures, "peak", stage + "peak_bytes"));
  for (auto& cell : sum.cells) cell.style = Style::strong;
  sum.remark = {range_text(most.low, most.high, figures.style()), Style::dim,
                stage + "peak_bytes_low " + stage + "peak_bytes_high"};
  Line& reserved = table.lines.emplace_back(bytes_line(figures, "", std::string(kMemory) + "reserved_bytes"));
  if (const std::string device = std::string(kMemory) + "device_bytes"; figures.has(device)) {
    reserved.remark = {"of " + byte_texts(answer.plan.device.value->memory, figures.style()).back() + " " +
                           byte_units(figures.style()).back(),
                       Style::dim, device};
  }
  return table;
}

PageTable stages_table(const PeakMemory& peak, const Figures& figures) {
  PageTable table = own_table("Stage, " + byte_unit(figures.style()),
                              {{"layers"}, {"in flight"}, {"states"}, {"activations"}, {"loss"}, {"other"}, {"peak"}});
  table.tight = true;
  const auto count = peak.stages.size();
  for (std::size_t i = 0; i < count; ++i) {
    if (count > kMostStages && i >= 4 && i + 4 < count && i != peak.fullest) continue;
    const std::string stage = std::string(kMemory) + "stages." + std::to_string(i) + ".";
    const auto& one = peak.stages[i];
    // Frozen weights too, and nothing that the host keeps, so that a line adds up to its peak.
    std::string keys;
    for (const std::string part : {"frozen", "weights", "gradients", "master", "states"}) {
      if (figures.has(stage + part + "_bytes")) keys += (keys.empty() ? "" : " ") + stage + part + "_bytes";
    }
    const auto states = static_cast<double>((one.static_bytes() - one.host).value);
    Line line{{grouped(one.stage + 1)},
              {figures.cell(stage + "layers"), figures.cell(stage + "in_flight"),
               Cell{"~" + in_byte_unit(states, 2, figures.style()), Style::caution, keys},
               figures.gibibytes(stage + "activations_bytes", 2), figures.gibibytes(stage + "loss_bytes", 2),
               figures.gibibytes(stage + "other_bytes", 2), figures.gibibytes(stage + "peak_bytes", 2)}};
    if (i == peak.fullest) line.remark = {"the fullest", Style::dim};
    table.lines.push_back(std::move(line));
  }
  return table;
}

/// What --max found.
PageTable room_table(const Figures& figures) {
  PageTable table = own_table("Room");
  for (const std::string key : {"max_sequence", "max_micro_batch"}) {
    if (figures.has(kMemory + key)) table.lines.push_back(figures.line(kMemory + key));
  }
  return table;
}

}  // namespace

void tell_degrees(const TrainingLayout& layout, const Label& why, Tree& tree) {
  tree.leaf("tp", "tensor parallel", layout.tensor, why);
  tree.leaf("pp", "pipeline parallel", layout.pipeline, why);
  tree.leaf("vpp", "chunks per stage", layout.interleaved, why);
  tree.leaf("cp", "context parallel", layout.context, why);
  tree.leaf("ep", "expert parallel", layout.expert, why);
  tree.leaf("etp", "tensor parallel in experts", layout.expert_tensor, why);
  tree.leaf("dp", "data parallel", layout.data, why);
}

void tell_peak(const PeakMemory& peak, Tree& tree) {
  const auto& most = peak.most();
  const std::string source(peak.setup.framework->source);
  const auto bytes = [&](const Label& key, const Label& label, Bytes value, const Label& formula) {
    tree.leaf(key, label, value, formula, Label(source), Said::estimated);
  };
  bytes("peak_bytes", "peak of the fullest device", most.peak, "the largest of the stages");
  bytes("peak_bytes_low", "the same, low", most.low, "peak less the framework's spread");
  bytes("peak_bytes_high", "the same, high", most.high, "peak, overloaded experts, and the framework's spread");
  tree.leaf("reserved_bytes", "reserved by PyTorch", peak.reserved, Label(shortest(kReservedOverAllocated) + " × peak"),
            "MooreThreads/SimuMax, docs/b200: median of 43 runs", Said::estimated);
  tree.leaf("ok", "fits", peak.ok);
  if (peak.max_sequence > 0) {
    tree.leaf("max_sequence", "longest sequence", peak.max_sequence, "the micro-batch as it is", {},
              Said::estimated);
  }
  if (peak.max_micro_batch > 0) {
    tree.leaf("max_micro_batch", "largest micro-batch", peak.max_micro_batch, "the sequence as it is", {},
              Said::estimated);
  }
  tell_layout(peak, tree);
  {
    const auto list = tree.list("stages", "stages of the pipeline");
    for (const auto& stage : peak.stages) tell_stage(stage, tree);
  }
  tell_layers(peak, tree);
}

std::vector<PageTable> peak_tables(const TrainingAnswer& answer, const Figures& figures) {
  std::vector<PageTable> tables;
  tables.push_back(fullest_table(answer, figures));
  if (answer.peak->stages.size() > 1) tables.push_back(stages_table(*answer.peak, figures));
  if (PageTable room = room_table(figures); !room.lines.empty()) tables.push_back(std::move(room));
  return tables;
}

Cell peak_verdict(const TrainingAnswer& answer, const FigureStyle& style) {
  if (!answer.judged || !answer.peak) return {};
  const Bytes memory = answer.plan.device.value->memory;
  if (memory.value == 0) return {};
  const auto& most = answer.peak->most();
  const std::string text = range_text(most.low, most.high, style);
  if (!answer.peak->ok) return {"does not fit: " + text + answer.peak->instead, Style::bad};
  if (most.high > memory || answer.peak->reserved > memory) return {"may fit: " + text, Style::caution};
  return {"fits: " + text, Style::good};
}

void peak_notes(const TrainingAnswer& answer, const FigureStyle& style, std::vector<Note>& notes) {
  if (!answer.peak) return;
  const auto& peak = *answer.peak;
  const auto& setup = peak.setup;
  const auto& framework = *setup.framework;
  std::string text = layout_text(setup.layout) + ", micro-batch " + grouped(setup.layout.micro_batch) + " of " +
                     grouped(setup.sequence) + " tokens, " + (setup.unfused ? "unfused" : "flash") + " attention, " +
                     loss_text(setup.loss) + " loss";
  text +=
      framework.id == "none"
          ? ", without framework workspaces; --framework, --tp, --pp, --micro-batch, --recompute and --loss change it."
          : ", " + std::string(framework.text) + "; " + std::string(framework.source) + ".";
  if (!answer.laid_out) {
    notes.push_back({"at the peak", text, answer.judged ? Note::Weight::figure : Note::Weight::basis});
  } else {
    notes.push_back({"peak", text});
    notes.push_back(
        {"range", fixed(100 * framework.spread, 0) +
                      " % either side, within which nine in ten measured peaks "
                      "lie (README: How exact it is)" +
                      (setup.layout.expert > 1 ? "; above, the device that most tokens are routed to" : "") +
                      ". The CUDA context and NCCL buffers, 0.5 to 2 GiB, are extra."});
  }
  if (answer.step) {
    const auto& step = *answer.step;
    std::string told = "about " + significant(step.seconds(), 3) + " s for " + grouped(step.global_batch) +
                       " sequences: computing at " + figure_text({answer.plan.mfu.value, Unit::share}, style) +
                       " MFU " + significant(step.compute, 3) + " s";
    const auto add = [&](const char* what, double seconds) {
      if (seconds > 0) told += ", " + std::string(what) + " " + significant(seconds, 3);
    };
    add("pipeline bubble", step.bubble);
    add("activations over tp", step.tensor);
    add("keys and values over cp", step.context);
    add("tokens to experts", step.expert);
    add("gradients and weights over dp", step.data);
    add("optimizer", step.optimizer);
    told += "; " + figure_text({step.mfu, Unit::share}, style) + " MFU overall.";
    if (peak.setup.layout.devices() > 1) told += " Between machines, 50 GB/s per device is assumed (400 Gb/s).";
    notes.push_back({"step", told + " Days and cost above use the MFU in the table."});
  }
  if (peak.unknown > 0) {
    notes.push_back({"activations", several(peak.unknown, "state-space layer") +
                                        ": taken as twice the outputs of their matrices; kernels differ."});
  }
}

}  // namespace paramcount
