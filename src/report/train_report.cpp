#include "report/train_report.hpp"

#include <array>

#include "base/numbers.hpp"
#include "base/text.hpp"
#include "report/comparables_report.hpp"
#include "report/family_line.hpp"
#include "report/figures.hpp"
#include "report/memory_report.hpp"
#include "report/tables.hpp"
#include "report/training_peak_report.hpp"
#include "report/training_report.hpp"

namespace paramcount {
namespace {

void tell_work(const TokenWork& work, Tree& tree) {
  static constexpr std::array<std::string_view, 4> kKinds{"full", "window", "bidirectional", "cross"};
  const auto number = [&](const Label& key, const Label& label, double value, Unit unit, const Label& formula) {
    tree.leaf(key, label, Measure::whole(value, unit), formula);
  };
  const auto group = tree.group("token_work", "forward pass of one token");
  number("weights", "parameters in matrix multiplications", work.weights, Unit::count,
         "Σ matrices that a token passes through");
  number("head", "of which the head", work.head, Unit::count, "the head, or the tied table");
  number("recurrent_flops", "FLOPs of recurrences and convolutions", work.recurrent, Unit::flops,
         "4 × state elements + 2 × convolution weights");
  number("attention_flops", "FLOPs of attention, unmasked", work.attention_flops(false), Unit::flops, "Σ kinds below");
  number("attention_causal_flops", "FLOPs of attention, masked", work.attention_flops(true), Unit::flops,
         "Σ kinds below, over the keys a mask leaves");
  const auto list = tree.list("attention", "attention by kind of layer");
  for (const auto& one : work.attention) {
    const auto row = tree.group("");
    tree.text("kind", "kind", kKinds[static_cast<std::size_t>(one.kind)]);
    tree.leaf("layers", "layers", one.layers, "", "the family's dimensions");
    tree.leaf("heads", "heads", one.heads, "", "the family's dimensions");
    tree.leaf("key_width", "key width", one.key_width, "", "the family's dimensions");
    tree.leaf("value_width", "value width", one.value_width, "", "the family's dimensions");
    number("keys", "keys per query", one.keys, Unit::count, "the sequence, or the window");
    number("visible_keys", "keys per query, masked", one.visible, Unit::none, "averaged over the sequence");
    number("flops", "FLOPs", one.flops(one.keys), Unit::flops, "2 × layers × heads × (key width + value width) × keys");
  }
}

void tell_memory(const TrainingAnswer& answer, Tree& tree) {
  const auto& memory = answer.memory;
  const auto& optimizer = memory.optimizer;
  const auto& device = *answer.plan.device.value;
  const auto group = tree.group("training_memory", "memory per device, without activations");
  tree.text("optimizer", "optimizer", printable(optimizer.id));
  tree.leaf("trained", "trained parameters", memory.trained, answer.lora ? Label("Σ adapters") : Label("all"));
  tree.leaf("zero_stage", "ZeRO stage", memory.stage,
            memory.stage_chosen ? Label("the lowest that fits") : Label("as given"));
  tree.leaf("ranks", "data-parallel devices", memory.ranks, "devices");
  const auto bytes = [&](const Label& key, const Label& label, Bytes value, double each) {
    tree.leaf(key, label, value,
              shortest(each) + " B × " + grouped(memory.trained.value) + " parameters, ZeRO-" +
                  std::to_string(memory.stage) + " over " + grouped(memory.ranks));
  };
  bytes("weights_bytes", answer.lora ? Label("adapters") : Label("weights"), memory.weights, optimizer.weights);
  bytes("gradients_bytes", "gradients", memory.gradients, optimizer.gradients);
  bytes("master_bytes", "master copy", memory.master, optimizer.master);
  bytes("states_bytes", "optimizer states", memory.states, optimizer.states);
  tree.leaf("frozen_bytes", "frozen weights", memory.frozen, "weights below the adapters");
  tree.leaf("bytes", "together", memory.total(), "Σ of the above");
  if (answer.peak) tell_peak(*answer.peak, tree);
  if (device.memory.value > 0) {
    tree.leaf("device_bytes", "memory of the device", device.memory, "", printable(device.source));
  }
  {
    const auto each = tree.group("bytes_per_parameter", "bytes per trained parameter");
    const auto part = [&](const Label& key, const Label& label, double value) {
      tree.leaf(key, label, number_value(value), "", printable(optimizer.source));
    };
    part("weights", "weights", optimizer.weights);
    part("gradients", "gradients", optimizer.gradients);
    part("master", "master copy", optimizer.master);
    part("states", "optimizer states", optimizer.states);
  }
  const auto stages = tree.group("bytes_by_zero_stage", "together, by ZeRO stage");
  for (std::size_t i = 0; i < memory.by_stage.size(); ++i) {
    tree.leaf(std::to_string(i), "ZeRO-" + std::to_string(i), memory.by_stage[i], "",
              "Rajbhandari et al. 2019, arXiv:1910.02054");
  }
}

std::string lora_formula(const LoraTarget& target) {
  std::string factors;
  if (target.rank > 0) {
    factors = grouped(target.rank) + " × (" + grouped(target.inputs) + " + " + grouped(target.outputs) + ")";
    if (target.extra > 0) factors = "(" + factors + " + " + grouped(target.extra) + ")";
  } else {
    factors = grouped(target.extra);
  }
  return grouped(target.copies) + " × " + factors;
}

void tell_lora(const Lora& lora, Tree& tree) {
  static constexpr std::array<std::string_view, 7> kKinds{"linear", "embedding", "convolution", "parameter",
                                                          "saved",  "tokens",    "bias"};
  const auto group = tree.group("lora", "adapters");
  tree.leaf("rank", "rank", lora.rank, "as given");
  tree.leaf("trained", "trained parameters", lora.trained, "Σ targets");
  const auto targets = tree.list("targets", "adapted matrices");
  for (const auto& target : lora.targets) {
    const auto row = tree.group("");
    tree.text("name", "name", printable(target.name.text()));
    tree.text("kind", "kind", kKinds[static_cast<std::size_t>(target.kind)]);
    tree.leaf("copies", "copies", target.copies, "the inventory");
    if (target.rank > 0) {
      tree.leaf("rank", "rank", target.rank, "as given");
      tree.leaf("inputs", "inputs", target.inputs, "the inventory");
      tree.leaf("outputs", "outputs", target.outputs, "the inventory");
    }
    tree.leaf("trained", "trained parameters", target.trained, lora_formula(target));
  }
}

PageTable conventions_table(const TrainingAnswer& answer, const Figures& figures) {
  PageTable table = own_table("FLOPs", {{"per token"}, {"all tokens"}});
  for (const auto& info : kConventions) {
    const std::string id(info.id);
    table.lines.push_back(
        {{id}, {figures.cell("training.flops_per_token." + id), figures.cell("training.flops_by_convention." + id)}});
    if (info.convention == answer.plan.convention) table.lines.back().label.style = Style::strong;
  }
  return table;
}

PageTable memory_table(const TrainingAnswer& answer, const Figures& figures) {
  const std::string memory = "training_memory.";
  PageTable table = own_table("Memory per device", figures.byte_heads());
  for (const std::string part : {"frozen", "weights", "gradients", "master", "states"}) {
    const std::string key = memory + part + "_bytes";
    if (figures.number(key) == 0) continue;
    Line& line = table.lines.emplace_back(figures.bytes_line(key));
    const std::string each = memory + "bytes_per_parameter." + part;
    if (figures.has(each)) line.remark = {figures.text(each) + " B per parameter", Style::dim, each};
  }
  Line& sum = table.lines.emplace_back(
      figures.bytes_line(memory + "bytes", "together, ZeRO-" + std::to_string(answer.memory.stage)));
  for (auto& cell : sum.cells) cell.style = Style::strong;
  if (const std::string device = memory + "device_bytes"; figures.has(device)) {
    sum.remark = {"of " + byte_texts(answer.plan.device.value->memory, figures.style()).back() + " " +
                      byte_units(figures.style()).back() + ", without activations",
                  Style::dim, device};
  }
  if (!answer.peak) return table;
  // Without a given layout this is the simplest one; other layouts that would fit are shown next to it.
  Line& peak = table.lines.emplace_back(figures.bytes_line(memory + "peak_bytes", "at the peak"));
  peak.remark = {"with activations and loss, data parallelism only", Style::dim, memory + "peak_bytes"};
  if (!answer.peak->ok) {
    for (auto& cell : peak.cells) cell.style = Style::bad;
    peak.remark.text += ": more than it has" + (answer.judged ? std::string() : answer.peak->instead);
  }
  return table;
}

PageTable lora_table(const TrainingAnswer& answer, const Figures& figures) {
  PageTable table =
      own_table("Adapters, rank " + figures.text("lora.rank"), {{"copies"}, {"in"}, {"out"}, {"trained"}});
  for (std::size_t i = 0; i < answer.lora->targets.size(); ++i) {
    const std::string target = "lora.targets." + std::to_string(i) + ".";
    Line& line = table.lines.emplace_back();
    line.label = {printable(answer.lora->targets[i].name.text())};
    line.shared = line.label.text.find('}') + 1;  // 0 where there is none
    if (answer.lora->targets[i].kind == LoraTarget::Kind::saved) line.label.text += ", in full";
    for (const char* key : {"copies", "inputs", "outputs", "trained"}) {
      line.cells.push_back(figures.has(target + key) ? figures.cell(target + key) : Cell{""});
    }
  }
  Line sum{{"trained"}, {{""}, {""}, {""}, figures.cell("lora.trained", Style::strong)}};
  sum.remark = {
      figure_text({figures.number("lora.trained") / figures.number("params.total"), Unit::share}, figures.style()) +
          " of the model",
      Style::dim, "lora.trained params.total"};
  table.lines.push_back(std::move(sum));
  return table;
}

Note published_note(const TrainingAnswer& answer, const FigureStyle& style) {
  const auto& figures = answer.published.figures;
  const std::string source = printable(answer.published.source);
  const auto& full_speed = figures.mfu_low ? figures.mfu_low : figures.mfu;
  const auto& implied = answer.from_hours.mfu;
  if (!implied || !full_speed || *implied >= 0.995 * *full_speed) return {"published", source + "."};
  return {"published", "its MFU is for steps at full speed; its hours (" + source +
                           ") cover the whole run, including restarts, evaluation and other stages, and imply " +
                           figure_text({*implied, Unit::share}, style) + "."};
}

void energy_notes(const TrainingPlan& plan, std::vector<Note>& notes) {
  if (!plan.energy) {
    const std::string device = printable(plan.device.value->name);
    notes.push_back({"energy", "no rated power is known for " + device + "; --watts sets it."});
    return;
  }
  const auto by = [](Origin origin, const char* published, const char* assumed) {
    return origin == Origin::given ? "" : origin == Origin::published ? published : assumed;
  };
  notes.push_back({"energy",
                   "device-hours × " + shortest(plan.watts.value) + " W" +
                       by(plan.watts.origin, " (as published)", " (rated)") +
                       (plan.host_overhead == 1 ? ", without hosts (--host-overhead; 1.82 for a DGX H100)"
                                                : " × " + shortest(plan.host_overhead) + " for hosts") +
                       ", PUE " + shortest(plan.pue.value) + by(plan.pue.origin, " as published", " assumed") + ".",
                   Note::Weight::basis});
  notes.push_back({"carbon",
                   "location-based; " + printable(plan.grid) +
                       (plan.g_per_kwh.origin == Origin::published ? "" : ", " + printable(plan.grid_source)) + ".",
                   Note::Weight::basis});
}

std::vector<Note> train_notes(const TrainingAnswer& answer, const FigureStyle& style) {
  std::vector<Note> notes;
  add_family_notes(answer.inventory, notes);
  const auto& plan = answer.plan;
  if (plan.sequence.origin == Origin::given) note_long_context(answer.inventory, plan.sequence.value, notes);
  note_assumed_tokens(plan, notes);
  if (answer.of_pretraining && *answer.of_pretraining < 0.995) {
    notes.push_back(
        {"tokens", figure_text({*answer.of_pretraining, Unit::share}, style) + " of what pre-training took."});
  }
  notes.push_back(convention_note(plan, answer.work.stack_share < 1));
  notes.push_back({"FLOPs",
                   "attention over sequences of " + grouped(plan.sequence.value) + " tokens" +
                       (plan.sequence.origin == Origin::published ? ", as published" : "") +
                       "; --convention and --context change it.",
                   Note::Weight::basis});
  if (plan.recompute != Recompute::none) {
    notes.push_back({"HFU", std::string(kRecomputeNames[static_cast<std::size_t>(plan.recompute)]) +
                                " recomputation adds " +
                                figure_text({plan.hardware_flops.value / plan.flops.value - 1, Unit::share}, style) +
                                " to the hardware's FLOPs."});
  }
  notes.push_back(
      {"MFU", mfu_text(plan, style) +
                  (plan.mfu_follows ? (plan.throughput > 0 ? ", from the given throughput." : ", from the given time.")
                   : plan.mfu.origin == Origin::published ? ", as published."
                   : plan.mfu.origin == Origin::assumed   ? ", assumed; --mfu changes it."
                                                          : ", as given.")});
  if (answer.published.figures.has_results()) notes.push_back(published_note(answer, style));
  const bool fewest = plan.devices.origin == Origin::assumed;
  if (plan.device.origin == Origin::assumed || fewest) {
    const std::string devices = fixed(plan.devices.value, 0);
    notes.push_back({"device", (plan.device.origin == Origin::assumed ? plan.device.value->name + " assumed; " : "") +
                                   devices +
                                   (!fewest                   ? " as published"
                                    : plan.devices.value == 1 ? " is enough"
                                                              : ": the fewest it fits on") +
                                   "; --device and --devices change it."});
  }
  std::string range;
  if (plan.high_price > plan.low_price) {
    const auto at = [&](DollarsPerHour price) {
      return figure_text(price * plan.device_time, style) + " at $" + fixed(price.value, 2);
    };
    range = "; from " + at(plan.low_price) + " to " + at(plan.high_price) + " (--pricing, --price)";
  }
  notes.push_back({"cost", price_text(plan) + range + ". Devices only, without staff, storage or failed runs.",
                   Note::Weight::basis});
  energy_notes(plan, notes);
  if (answer.lora && !answer.lora->refused.empty()) {
    std::string names;
    for (const auto& name : answer.lora->refused) names += (names.empty() ? "" : ", ") + printable(name);
    notes.push_back({"adapters", names + ": also matches modules that PEFT has no adapter for and refuses unless "
                                         "exclude_modules excludes them; they are not counted."});
  }
  const auto& memory = answer.memory;
  std::string stages;
  for (const Bytes bytes : memory.by_stage) stages += (stages.empty() ? "" : " · ") + byte_texts(bytes, style).back();
  notes.push_back({"memory",
                   printable(memory.optimizer.name) + ": " + shortest(memory.optimizer.bytes_per_parameter()) +
                       " B per trained parameter; " + printable(memory.optimizer.source) + ". ZeRO 0 to 3 over " +
                       grouped(memory.ranks) + ": " + stages + " " + byte_units(style).back() + "." +
                       (memory.stage_chosen ? " The lowest stage that fits is shown; --zero changes it." : ""),
                   Note::Weight::basis});
  peak_notes(answer, style, notes);
  return notes;
}

Row train_tree(const TrainingAnswer& answer, const std::vector<Note>& notes) {
  Row root = Row::group("");
  RowTree tree(root);
  tree.text("id", "id", printable(answer.model.id));
  tree.text("name", "name", printable(answer.model.name));
  tell_family(answer.inventory, tree);
  tree.text("source", "source", printable(answer.model.origin));
  if (!answer.impossible().empty()) tree.text("impossible", "impossible", answer.impossible());
  {
    const auto params = tree.group("params", "parameters");
    tree.leaf("total", "parameters", answer.params.total, "Σ trainable tensors");
    tree.leaf("active", "active per token", answer.params.active, "routed experts by the fraction a token uses");
  }
  tell_training(answer, tree);
  tell_layouts(answer, tree);
  tell_work(answer.work, tree);
  tell_memory(answer, tree);
  if (answer.lora) tell_lora(*answer.lora, tree);
  tell_comparables(answer, tree);
  const auto list = tree.list("notes", "notes");
  for (const auto& note : notes) tree.text("", "", note.line());
  return root;
}

}  // namespace

Report train_report(const TrainingAnswer& answer, bool picture, const ReportOptions& options) {
  Report report;
  auto notes = train_notes(answer, options.style);
  const Row& tree = report.models.emplace_back(train_tree(answer, notes));
  if (!options.pages) return report;
  const Figures figures(tree, options.style);
  Page& page = report.pages.emplace_back();
  page.title = {printable(answer.model.name) + " on " + fixed(answer.plan.devices.value, 0) + " × " +
                    printable(answer.plan.device.value->name),
                Style::strong};
  page.aside = {answer.lora ? "training adapters" : "training"};
  if (Cell verdict = peak_verdict(answer, options.style); !verdict.text.empty()) page.aside = std::move(verdict);
  page.tables.push_back(training_table(answer, figures));
  // Each way of counting, where someone asks for more than one.
  if (options.all || answer.plan.convention != FlopsConvention::six_nd)
    page.tables.push_back(conventions_table(answer, figures));
  if (answer.lora) page.tables.push_back(lora_table(answer, figures));
  if (answer.laid_out) {
    if (!answer.layouts.empty()) page.tables.push_back(layouts_table(answer, figures));
    for (auto& table : peak_tables(answer, figures)) page.tables.push_back(std::move(table));
  } else {
    page.tables.push_back(memory_table(answer, figures));
  }
  if (picture) page.tables.push_back(comparables_table(answer, figures));
  page.notes = std::move(notes);
  return report;
}

}  // namespace paramcount
