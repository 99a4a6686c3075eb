#include "base/numbers.hpp"
#include "base/text.hpp"
#include "report/family_line.hpp"
#include "report/figures.hpp"
#include "report/train_report.hpp"

namespace paramcount {
namespace {

void number(Row& group, const Label& key, const Label& label, const std::optional<double>& value,
            std::string formula = {}, std::string source = {}) {
  if (value) group.add(Row::leaf(key, label, number_value(*value), std::move(formula), std::move(source)));
}

/// Who says an input that no formula gives.
std::string said_by(Origin origin, const std::string& source) {
  return origin == Origin::given ? "as given" : origin == Origin::published ? source : "assumed";
}

Row figures_group(const Label& key, const Label& label, const TrainingFigures& figures, const std::string& formula,
                  const std::string& source) {
  Row group = Row::group(key, label);
  for (const auto& figure : kTrainingFigures) {
    number(group, Label::literal(figure.key), Label::literal(figure.label), figures.*figure.value, formula, source);
  }
  return group;
}

Row plan_group(const TrainingAnswer& answer) {
  const auto& plan = answer.plan;
  const double device_hours = hours(plan.device_time);
  Row group = Row::group("training", "training");
  const std::string run_source = printable(answer.model.training.source);
  number(group, "tokens", "tokens", plan.tokens.value, "", said_by(plan.tokens.origin, run_source));
  group.add(Row::leaf("convention", "convention", std::string(convention_info(plan.convention).id)));
  group.add(Row::leaf("sequence", "tokens of a sequence", count_value(plan.sequence.value), "",
                      said_by(plan.sequence.origin, run_source)));
  number(group, "flops", "FLOPs", plan.flops.value,
         shortest(plan.flops.value / plan.tokens.value) + " a token × " + fixed(plan.tokens.value, 0) + " tokens");
  group.add(
      Row::leaf("recompute", "recomputation", std::string(kRecomputeNames[static_cast<std::size_t>(plan.recompute)])));
  number(group, "hardware_flops", "FLOPs with what is recomputed", plan.hardware_flops.value,
         "FLOPs and what is recomputed");
  group.add(Row::leaf("device", "device", printable(plan.device.value->id)));
  number(group, "devices", "devices", plan.devices.value, "", said_by(plan.devices.origin, run_source));
  number(group, "peak_flops_per_s", "peak FLOP/s", plan.peak.value, "dense, " + plan.peak_dtype,
         printable(plan.device.value->source));
  group.add(Row::leaf("peak_dtype", "the peak's number format", plan.peak_dtype));
  number(group, "mfu", "MFU", plan.mfu.value, plan.mfu_follows ? "FLOPs / (peak × device-hours)" : "",
         said_by(plan.mfu.origin, run_source));
  number(group, "hfu", "HFU", plan.hfu, "MFU × hardware FLOPs / FLOPs");
  number(group, "device_hours", "device-hours", device_hours,
         shortest(plan.flops.value) + " / (" + shortest(plan.peak.value) + " FLOP/s × " + shortest(plan.mfu.value) +
             ") / 3,600 s");
  number(group, "days", "days", hours(plan.wall_time) / 24,
         shortest(device_hours) + " h / " + fixed(plan.devices.value, 0) + " devices / 24");
  if (plan.price) {
    number(group, "price_usd_per_hour", "price", plan.price->value, price_text(plan));
    number(group, "price_low_usd_per_hour", "lowest quote", plan.low_price.value, "", price_text(plan));
    number(group, "price_high_usd_per_hour", "highest quote", plan.high_price.value, "", price_text(plan));
    number(group, "cost_usd", "cost", plan.cost->value,
           shortest(device_hours) + " h × $" + shortest(plan.price->value));
  }
  if (plan.energy && plan.carbon) {
    number(group, "watts", "watts of a device", plan.watts.value, "",
           said_by(plan.watts.origin, printable(plan.device.value->source)));
    number(group, "host_overhead", "factor for hosts", plan.host_overhead, "", "--host-overhead");
    number(group, "pue", "PUE", plan.pue.value, "", said_by(plan.pue.origin, run_source));
    number(group, "energy_kwh", "energy", plan.energy->value,
           shortest(device_hours) + " h × " + shortest(plan.watts.value) + " W × " + shortest(plan.host_overhead) +
               " × " + shortest(plan.pue.value));
    group.add(Row::leaf("grid", "grid", printable(plan.grid)));
    number(group, "g_per_kwh", "CO2e of a kWh, g", plan.g_per_kwh.value, "", printable(plan.grid_source));
    number(group, "co2e_t", "carbon", plan.carbon->value,
           shortest(plan.energy->value) + " kWh × " + shortest(plan.g_per_kwh.value) + " g / 10^6");
  }
  number(group, "of_pretraining", "share of pre-training's FLOPs", answer.of_pretraining,
         "FLOPs / those of the published training");
  Row& conventions = group.add(Row::group("flops_by_convention", "FLOPs by convention"));
  Row& per_token = group.add(Row::group("flops_per_token", "FLOPs of a token, by convention"));
  for (std::size_t i = 0; i < kConventions.size(); ++i) {
    const auto& each = answer.flops_per_token[i];
    if (!each) continue;
    const auto& info = kConventions[i];
    const Label id = Label::literal(info.id);
    conventions.add(Row::leaf(id, id, *each * plan.tokens.value, "of a token × tokens"));
    per_token.add(Row::leaf(id, id, number_value(*each), std::string(info.text), std::string(info.source)));
  }
  if (answer.published.figures.has_results()) {
    const std::string source = printable(answer.published.source);
    Row published = figures_group("published", "published", answer.published.figures, "", source);
    published.add(Row::leaf("source", "source", source));
    published.add(Row::leaf("record", "record", answer.published.id));
    group.add(std::move(published));
    group.add(figures_group("from_hours", "from the published hours", answer.from_hours,
                            "as in the plan, with the published hours", ""));
  }
  return group;
}

Row work_group(const TrainingAnswer& answer) {
  static constexpr std::array<std::string_view, 4> kKinds{"full", "window", "bidirectional", "cross"};
  const auto& work = answer.work;
  Row group = Row::group("token_work", "forward work of one token");
  number(group, "weights", "parameters multiplied with", work.weights, "Σ matrices a token passes");
  number(group, "head", "of these the head's", work.head, "the head, or the tied table");
  number(group, "recurrent_flops", "FLOPs of recurrences and convolutions", work.recurrent,
         "4 × elements of state + 2 × weights of convolutions");
  number(group, "attention_flops", "FLOPs of attention, unmasked", work.attention_flops(false), "Σ kinds below");
  number(group, "attention_causal_flops", "FLOPs of attention, masked", work.attention_flops(true),
         "Σ kinds below, over the keys a mask leaves");
  Row& list = group.add(Row::list("attention", "attention by kind of layer"));
  for (const auto& one : work.attention) {
    Row row = Row::group("");
    row.add(Row::leaf("kind", "kind", std::string(kKinds[static_cast<std::size_t>(one.kind)])));
    row.add(Row::leaf("layers", "layers", count_value(one.layers), "", "the family's dimensions"));
    row.add(Row::leaf("heads", "heads", count_value(one.heads), "", "the family's dimensions"));
    row.add(Row::leaf("key_width", "width of a key", count_value(one.key_width), "", "the family's dimensions"));
    row.add(Row::leaf("value_width", "width of a value", count_value(one.value_width), "", "the family's dimensions"));
    number(row, "keys", "keys of a query", one.keys, "the sequence, or the window");
    number(row, "visible_keys", "keys of a query, masked", one.visible, "in the mean over the sequence");
    number(row, "flops", "FLOPs", one.flops(one.keys), "2 × layers × heads × (key width + value width) × keys");
    list.add(std::move(row));
  }
  return group;
}

Row memory_group(const TrainingAnswer& answer) {
  const auto& memory = answer.memory;
  Row group = Row::group("training_memory", "memory of each device, without activations");
  group.add(Row::leaf("optimizer", "optimizer", printable(memory.optimizer.id)));
  group.add(Row::leaf("trained", "trained parameters", count_value(memory.trained.value),
                      answer.lora ? Label("Σ adapters") : Label("all")));
  group.add(Row::leaf("zero_stage", "ZeRO stage", count_value(memory.stage),
                      memory.stage_chosen ? Label("the lowest that fits") : Label("as given")));
  group.add(Row::leaf("ranks", "data-parallel devices", count_value(memory.ranks), "devices"));
  const auto bytes = [&](const Label& key, const Label& label, Bytes value, double each) {
    group.add(Row::leaf(key, label, count_value(value.value),
                        shortest(each) + " B × " + grouped(memory.trained.value) + " parameters, ZeRO-" +
                            std::to_string(memory.stage) + " over " + grouped(memory.ranks)));
  };
  bytes("weights_bytes", "weights", memory.weights, memory.optimizer.weights);
  bytes("gradients_bytes", "gradients", memory.gradients, memory.optimizer.gradients);
  bytes("master_bytes", "master copy", memory.master, memory.optimizer.master);
  bytes("states_bytes", "optimizer states", memory.states, memory.optimizer.states);
  group.add(Row::leaf("frozen_bytes", "weights that are not trained", count_value(memory.frozen.value),
                      "weights below the adapters"));
  group.add(Row::leaf("bytes", "together", count_value(memory.total().value), "Σ of the above"));
  Row& stages = group.add(Row::group("bytes_by_zero_stage", "together, by ZeRO stage"));
  for (std::size_t i = 0; i < memory.by_stage.size(); ++i) {
    stages.add(Row::leaf(std::to_string(i), "ZeRO-" + std::to_string(i), count_value(memory.by_stage[i].value), "",
                         "Rajbhandari et al. 2019, arXiv:1910.02054"));
  }
  return group;
}

}  // namespace

Row train_tree(const TrainingAnswer& answer) {
  Row tree = Row::group("");
  tree.add(Row::leaf("id", "id", printable(answer.model.id)));
  tree.add(Row::leaf("name", "name", printable(answer.model.name)));
  tell_family(answer.inventory, tree);
  tree.add(Row::leaf("source", "source", printable(answer.model.origin)));
  Row& params = tree.add(Row::group("params", "parameters"));
  params.add(Row::leaf("total", "parameters", count_value(answer.params.total.value), "Σ trainable tensors"));
  params.add(Row::leaf("active", "active for each token", count_value(answer.params.active.value),
                       "of routed experts the share a token uses"));
  tree.add(plan_group(answer));
  tree.add(work_group(answer));
  tree.add(memory_group(answer));
  if (answer.lora) {
    Row& lora = tree.add(Row::group("lora", "adapters"));
    lora.add(Row::leaf("rank", "rank", count_value(answer.lora->rank), "as given"));
    lora.add(Row::leaf("trained", "trained parameters", count_value(answer.lora->trained.value), "Σ targets"));
    Row& targets = lora.add(Row::list("targets", "adapted matrices"));
    for (const auto& target : answer.lora->targets) {
      Row row = Row::group("");
      row.add(Row::leaf("name", "name", printable(target.name)));
      row.add(Row::leaf("copies", "copies", count_value(target.copies), "the inventory"));
      row.add(Row::leaf("inputs", "inputs", count_value(target.inputs), "the inventory"));
      row.add(Row::leaf("outputs", "outputs", count_value(target.outputs), "the inventory"));
      row.add(Row::leaf("trained", "trained parameters", count_value(target.trained.value),
                        grouped(target.copies) + " × " + grouped(answer.lora->rank) + " × (" + grouped(target.inputs) +
                            " + " + grouped(target.outputs) + ")"));
      targets.add(std::move(row));
    }
  }
  Row& list = tree.add(Row::list("comparables", "in other terms"));
  for (const auto& [one, ratio] : answer.comparables) {
    Row row = Row::group("");
    row.add(Row::leaf("id", "id", printable(one.id)));
    row.add(Row::leaf("of", "of", one.of));
    row.add(Row::leaf("ratio", "ratio", ratio, "amount / " + shortest(one.each)));
    row.add(Row::leaf("each", "one of them", number_value(one.each), "", printable(one.source)));
    row.add(Row::leaf("label", "label", printable(one.label)));
    row.add(Row::leaf("source", "source", printable(one.source)));
    list.add(std::move(row));
  }
  Row& notes = tree.add(Row::list("notes", "notes"));
  for (const auto& note : train_notes(answer)) notes.add(Row::leaf("", "", note.line()));
  return tree;
}

}  // namespace paramcount
