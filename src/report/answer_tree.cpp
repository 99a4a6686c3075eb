#include <string>

#include "base/numbers.hpp"
#include "base/text.hpp"
#include "paramcount/checked.hpp"
#include "report/count_report.hpp"
#include "report/memory_report.hpp"
#include "report/stored_report.hpp"

namespace paramcount {
namespace {

Row dims(const Inventory& inventory) {
  Row group = Row::group("dims", "dimensions");
  for (const auto& [name, value] : inventory.dims) group.add(Row::leaf(name, name, value));
  return group;
}

void count(Row& group, std::string key, std::string label, Params params, std::string formula) {
  group.add(Row::leaf(std::move(key), std::move(label), count_value(params.value), std::move(formula)));
}

/// "embedding + attention + ffn + norm + head" with the numbers put in.
std::string role_sum(const ParamCounts& params, bool active) {
  std::string text;
  for (const auto& role : params.by_role) {
    const auto value = (active ? role.active : role.total).value;
    if (role.total.value == 0) continue;
    text += (text.empty() ? "" : " + ") + grouped(value);
  }
  return text;
}

Row params_group(const Answer& answer) {
  const auto& p = answer.params;
  Row group = Row::group("params", "parameters");
  count(group, "total", "parameters", p.total, role_sum(p, false));
  count(group, "active", "active for each token", p.active, role_sum(p, true));
  count(group, "active_without_embedding", "active, without the input embedding", p.active_without_embedding,
        grouped(p.active.value) + " - input table and learned positions");
  count(group, "non_embedding", "without embedding, positions and head", p.non_embedding,
        grouped(p.total.value) + " - input table, learned positions and head");
  count(group, "embedding", "input embedding", p.embedding, derivation(answer.inventory, RoleKind::embedding));
  count(group, "matmul", "in matrix multiplications", p.matmul, "weights of roles that multiply, a tied head included");
  count(group, "active_matmul", "in matrix multiplications, for each token", p.active_matmul,
        "as matmul, of routed experts the share one token uses");
  count(group, "biases", "of which biases", p.biases, "Σ tensors of roles ending in .bias");
  count(group, "buffers", "buffers, no parameters", p.buffers, "Σ tensors of roles ending in .buffer");
  count(group, "mtp", "multi-token prediction", p.mtp, "Σ tensors of the multi-token-prediction modules");
  count(group, "scales", "scales of block-scaled fp8, no parameters", p.scales, "Σ blocks of the linear layers");
  Row& roles = group.add(Row::group("by_role", "by role"));
  for (std::size_t i = 0; i < kRoleKinds; ++i) {
    const auto kind = static_cast<RoleKind>(i);
    if (p.of(kind).total.value == 0) continue;
    count(roles, std::string(name_of(kind)), std::string(name_of(kind)), p.of(kind).total,
          derivation(answer.inventory, kind));
  }
  return group;
}

void optional_number(Row& group, const char* key, const std::optional<double>& value) {
  if (value) group.add(Row::leaf(key, key, *value));
}

/// A double that is a whole number below 2^53 reads better, and as exactly, without its ".0".
Value number_value(double value) {
  if (value >= 0 && value < 9007199254740992.0 && value == static_cast<double>(static_cast<std::int64_t>(value))) {
    return static_cast<std::int64_t>(value);
  }
  return value;
}

Row published_group(const Published& published) {
  Row group = Row::group("published", "published");
  if (published.total) group.add(Row::leaf("total", "parameters", count_value(*published.total)));
  if (!published.total_is.empty()) group.add(Row::leaf("total_is", "the total is", published.total_is));
  if (published.active) group.add(Row::leaf("active", "active", count_value(*published.active)));
  if (published.tokens) group.add(Row::leaf("tokens", "tokens", number_value(*published.tokens)));
  optional_number(group, "flops", published.flops);
  if (published.device_hours)
    group.add(Row::leaf("device_hours", "device-hours", number_value(*published.device_hours)));
  optional_number(group, "days", published.days);
  optional_number(group, "mfu", published.mfu);
  if (published.cost_usd) group.add(Row::leaf("cost_usd", "cost", number_value(*published.cost_usd)));
  optional_number(group, "energy_kwh", published.energy_kwh);
  optional_number(group, "co2e_t", published.co2e_t);
  if (!published.source.empty()) group.add(Row::leaf("source", "source", published.source));
  return group;
}

Row training_group(const Answer& answer) {
  const auto& t = *answer.training;
  const auto& device = t.device.value;
  Row group = Row::group("training", "training");
  group.add(Row::leaf("tokens", "tokens", number_value(t.tokens.value),
                      t.tokens.origin == Origin::assumed ? "20 × " + grouped(answer.params.total.value) : ""));
  group.add(Row::leaf("convention", "convention", "6nd"));
  group.add(Row::leaf("flops", "FLOPs, 6nd", t.flops.value,
                      "6 × " + grouped(answer.params.active.value) + " × " + fixed(t.tokens.value, 0) + " tokens"));
  group.add(Row::leaf("device", "device", device.id));
  group.add(Row::leaf("devices", "devices", number_value(t.devices.value)));
  group.add(Row::leaf("mfu", "MFU", t.mfu.value));
  group.add(Row::leaf("peak_flops_per_s", "peak FLOP/s, " + t.peak_dtype, number_value(t.peak.value)));
  group.add(Row::leaf("device_hours", device.name + " hours", hours(t.cost.device_time),
                      shortest(t.flops.value) + " / (" + shortest(t.peak.value) + " FLOP/s × " + shortest(t.mfu.value) +
                          ") / 3,600 s"));
  group.add(Row::leaf("days", "days", hours(t.cost.wall_time) / 24,
                      shortest(hours(t.cost.device_time)) + " h / " + fixed(t.devices.value, 0) + " devices / 24"));
  if (t.price) {
    group.add(Row::leaf("price_usd_per_hour", "price", t.price->value));
    group.add(Row::leaf("cost_usd", "cost", t.cost.cost.value,
                        shortest(hours(t.cost.device_time)) + " h × $" + shortest(t.price->value)));
  }
  Row published = published_group(answer.model.published);
  if (!published.children.empty()) group.add(std::move(published));
  return group;
}

}  // namespace

Row sum_tree(const std::vector<Answer>& answers) {
  Params total;
  std::vector<WeightMemory> weights;
  double flops = 0;
  for (const auto& answer : answers) {
    if (!answer.model.disclosed) continue;
    total += Params{checked_mul(answer.params.total.value, answer.copies)};
    if (weights.empty()) {
      weights.resize(answer.weights.size());
      for (std::size_t i = 0; i < weights.size(); ++i) weights[i].id = answer.weights[i].id;
    }
    for (std::size_t i = 0; i < weights.size(); ++i) {
      weights[i].bytes += Bytes{checked_mul(answer.weights[i].bytes.value, answer.copies)};
    }
    if (answer.training) flops += answer.training->flops.value * static_cast<double>(answer.copies);
  }
  Row sum = Row::group("sum", "together");
  sum.add(Row::group("params")).add(Row::leaf("total", "parameters", count_value(total.value)));
  Row& list = sum.add(Row::group("memory")).add(Row::list("weights"));
  for (const auto& weight : weights) {
    Row row = Row::group("");
    row.add(Row::leaf("dtype", "number format", weight.id));
    row.add(Row::leaf("bytes", "weights, " + weight.id, count_value(weight.bytes.value)));
    list.add(std::move(row));
  }
  sum.add(Row::group("training")).add(Row::leaf("flops", "FLOPs, 6nd", flops));
  return sum;
}

Row answer_tree(const Answer& answer) {
  const auto& model = answer.model;
  Row tree = Row::group("");
  tree.add(Row::leaf("id", "id", printable(model.id)));
  tree.add(Row::leaf("name", "name", printable(model.name)));
  tree.add(Row::leaf("disclosed", "disclosed", model.disclosed));
  if (answer.copies > 1) tree.add(Row::leaf("copies", "copies", count_value(answer.copies)));
  if (!model.disclosed) {
    tree.add(Row::leaf("statement", "what is published", printable(model.statement)));
    if (!model.as_of.empty()) tree.add(Row::leaf("as_of", "as of", printable(model.as_of)));
    tree.add(Row::leaf("statement_source", "source", printable(model.source)));
    return tree;
  }
  tree.add(Row::leaf("family", "family", answer.inventory.family));
  tree.add(Row::leaf("source", "source", printable(model.origin)));
  tree.add(dims(answer.inventory));
  tree.add(params_group(answer));
  if (model.stored) tree.add(stored_tree(*model.stored));
  tree.add(memory_tree(answer));
  if (answer.training) tree.add(training_group(answer));
  Row& notes = tree.add(Row::list("notes", "notes"));
  for (const auto& note : answer_notes(answer)) {
    notes.add(Row::leaf("", "", note.label.empty() ? note.text : note.label + ": " + note.text));
  }
  return tree;
}

}  // namespace paramcount
