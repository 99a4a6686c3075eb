#include <algorithm>
#include <string>
#include <utility>

#include "base/numbers.hpp"
#include "base/text.hpp"
#include "paramcount/base/checked.hpp"
#include "paramcount/count/adapter.hpp"
#include "paramcount/count/companion.hpp"
#include "report/adapter_report.hpp"
#include "report/checkpoint_report.hpp"
#include "report/companion_report.hpp"
#include "report/count_report.hpp"
#include "report/family_line.hpp"
#include "report/figures.hpp"
#include "report/media_report.hpp"
#include "report/memory_report.hpp"
#include "report/parts_report.hpp"
#include "report/training_report.hpp"
#include "report/tree.hpp"

namespace paramcount {
namespace {

void tell_dims(const Inventory& inventory, Tree& tree) {
  const auto group = tree.group("dims", "dimensions");
  for (const auto& [name, value] : inventory.dims) tree.named(name, value);
}

constexpr std::string_view kKaplan = "Kaplan et al. 2020, arXiv:2001.08361, section 2.1";

/// A text for each role kind that has any, joined by plus signs: "attention 1,342,177,280 + ffn 5,637,144,576".
template <class Sum>
std::string sum_by_role(const Sum& sum) {
  std::string text;
  for (std::size_t i = 0; i < kRoleKinds; ++i) {
    const auto kind = static_cast<RoleKind>(i);
    const std::uint64_t value = sum(kind);
    if (value > 0) text += (text.empty() ? "" : " + ") + std::string(name_of(kind)) + " " + grouped(value);
  }
  return text;
}

/// The same over the tensors that are counted, not all of a role kind: "none" when there is nothing.
template <class Chosen, class Size>
std::string sum_over(const Inventory& inventory, const Chosen& chosen, const Size& size) {
  const std::string text = sum_by_role([&](RoleKind kind) {
    std::uint64_t sum = 0;
    for (const auto& tensor : inventory.tensors) {
      if (tensor.role.kind == kind && chosen(tensor)) sum = checked_add(sum, size(tensor).value);
    }
    return sum;
  });
  return text.empty() ? "no such tensor" : text;
}

std::string minus(const std::string& text, const std::string& what, Params params) {
  return params.value > 0 ? text + " - " + what + " " + grouped(params.value) : text;
}

Params total_of(const Answer& answer) { return {checked_mul(answer.params.total.value, answer.copies)}; }

void tell_ratio(const Answer& answer, const Answer* baseline, Tree& tree) {
  if (baseline == nullptr) return;
  const double whole = static_cast<double>(total_of(*baseline).value);
  tree.leaf("ratio", "to the baseline", {static_cast<double>(total_of(answer).value) / whole, Unit::factor},
            answer.explained ? Label(grouped(total_of(answer).value) + " / " + shortest(whole)) : Label());
}

void tell_params(const Answer& answer, const Answer* baseline, Tree& tree) {
  const auto& p = answer.params;
  const auto& inventory = answer.inventory;
  const std::string tensors = answer.explained
                                  ? "the tensors of " + (inventory.family.empty() ? "the files" : inventory.family) +
                                        ", which `paramcount tensors` lists"
                                  : "";
  const auto group = tree.group("params", "parameters");
  const auto count = [&](Label key, Label label, Params params, const auto& formula, std::string_view source) {
    if (answer.explained) {
      tree.leaf(std::move(key), std::move(label), params, formula(), source);
    } else {
      tree.leaf(std::move(key), std::move(label), params);
    }
  };
  const auto all = [](const Tensor& tensor) { return tensor.params(); };
  const auto used = [](const Tensor& tensor) { return tensor.active(); };
  const auto positions = p.of(RoleKind::position).total;
  const bool tied = p.active_without_embedding + positions == p.active;
  count(
      "total", "parameters", p.total,
      [&] { return sum_by_role([&](RoleKind kind) { return p.of(kind).total.value; }); }, tensors);
  const std::string experts = answer.explained && inventory.count("n_experts") > 0
                                  ? ", of routed experts " + grouped(inventory.count("experts_per_token")) + " of " +
                                        grouped(inventory.count("n_experts"))
                                  : "";
  count(
      "active", "active per token", p.active,
      [&] { return sum_by_role([&](RoleKind kind) { return p.of(kind).active.value; }); }, tensors + experts);
  count(
      "active_without_embedding", "active, without the input embedding", p.active_without_embedding,
      [&] {
        return minus(minus("active " + grouped(p.active.value), "input embedding", tied ? Params{} : p.embedding),
                     "learned positions", positions);
      },
      tied ? "the tied embedding is the head and stays" : "the embedding is looked up, not multiplied");
  count(
      "non_embedding", "without embedding, positions and head", p.non_embedding,
      [&] {
        return minus(
            minus(minus("total " + grouped(p.total.value), "input embedding", p.embedding), "positions", positions),
            "head", p.of(RoleKind::head).total);
      },
      kKaplan);
  count(
      "embedding", "input embedding", p.embedding, [&] { return derivation(inventory, RoleKind::embedding); }, tensors);
  const auto multiplies = [&](const Tensor& tensor) { return tensor.counts() && tensor.role.is_matmul(); };
  const auto matmul = [&](const std::string& sum, Params whole, Params rest) {
    return whole == rest ? sum : sum + " + tied input embedding " + grouped(p.embedding.value);
  };
  Params plain;
  for (const auto& tensor : inventory.tensors) {
    if (answer.explained && multiplies(tensor)) plain += tensor.params();
  }
  count(
      "matmul", "in matrix multiplications", p.matmul,
      [&] { return matmul(sum_over(inventory, multiplies, all), p.matmul, plain); }, "weights of roles that multiply");
  count(
      "active_matmul", "in matrix multiplications, per token", p.active_matmul,
      [&] { return matmul(sum_over(inventory, multiplies, used), p.matmul, plain); },
      "as matmul, routed experts by the fraction used");
  count(
      "biases", "of which biases", p.biases,
      [&] {
        return sum_over(
            inventory, [&](const Tensor& t) { return t.counts() && t.role.suffix == RoleSuffix::bias; }, all);
      },
      "tensors of roles ending in .bias");
  count(
      "buffers", "buffers, not parameters", p.buffers,
      [&] {
        return sum_over(
            inventory, [](const Tensor& t) { return t.role.is_buffer() && !t.mtp; }, all);
      },
      "tensors of roles ending in .buffer");
  count(
      "mtp", "multi-token prediction", p.mtp,
      [&] {
        return sum_over(
            inventory, [](const Tensor& t) { return t.mtp; }, all);
      },
      "tensors of the multi-token-prediction modules");
  count(
      "scales", "scales of block-scaled fp8, not parameters", p.scales,
      [&] {
        return inventory.scale_rows == 0 ? "no block-scaled format announced"
                                         : "a scale for each " + grouped(inventory.scale_rows) + " × " +
                                               grouped(inventory.scale_columns) + " block of the linear layers";
      },
      "/quantization_config/weight_block_size");
  const auto with = [&](const Label& key, const Label& label, Params part, Params whole) {
    if (part.value == 0) return;
    count(
        key, label, whole, [&] { return grouped((whole - part).value) + " + " + grouped(part.value); },
        "sums of the keys above");
  };
  with("with_buffers", "parameters and buffers", p.buffers, p.total + p.buffers);
  with("with_mtp", "with multi-token prediction", p.mtp, p.total + p.buffers + p.mtp);
  with("with_scales", "with fp8 scales", p.scales, p.total + p.buffers + p.mtp + p.scales);
  if (answer.copies > 1) {
    count(
        "of_copies", "parameters of all copies", Params{checked_mul(p.total.value, answer.copies)},
        [&] { return grouped(answer.copies) + " × " + grouped(p.total.value); }, tensors);
  }
  tell_ratio(answer, baseline, tree);
  const auto each_role = [&](auto part, const auto& source) {
    for (std::size_t i = 0; i < kRoleKinds; ++i) {
      const auto kind = static_cast<RoleKind>(i);
      if (p.of(kind).total.value == 0) continue;
      const auto name = Label::literal(name_of(kind));
      count(
          name, name, p.of(kind).*part, [&] { return derivation(inventory, kind); }, source);
    }
  };
  {
    const auto roles = tree.group("by_role", "by role");
    each_role(&RoleCount::total, tensors);
  }
  if (p.active != p.total) {
    const auto roles = tree.group("active_by_role", "active per token, by role");
    each_role(&RoleCount::active, tensors + experts);
  }
}

void tell_bound(const DecodeBound& bound, Tree& tree) {
  const auto estimate = [&](Label key, Label label, Measure measure, Label formula = {}) {
    tree.leaf(std::move(key), std::move(label), std::move(measure), std::move(formula), {}, Said::estimated);
  };
  tree.leaf("weights_bytes", "weights read per step", bound.weights);
  tree.leaf("cache_bytes", "KV cache read per step", bound.cache);
  tree.leaf("read_bytes", "read per step", bound.weights + bound.cache,
            grouped(bound.weights.value) + " + " + grouped(bound.cache.value));
  tree.leaf("device", "device", printable(bound.device->id));
  tree.leaf("devices", "devices", bound.devices);
  tree.leaf("sequences", "sequences", bound.sequences);
  if (!bound.impossible.empty()) {
    tree.text("impossible", "impossible", bound.impossible);
    return;
  }
  estimate("seconds_per_step", "seconds per step", bound.step,
           "(" + grouped(bound.weights.value) + " + " + grouped(bound.cache.value) + ") B / (" +
               grouped(bound.devices) + " × " + shortest(bound.device->bandwidth) + " B/s)");
  estimate("tokens_per_second", "tokens/s", {bound.tokens_per_second, Unit::rate});
  if (bound.likely) {
    estimate("likely_tokens_per_second", "likely tokens/s", {bound.likely->likely, Unit::rate});
    estimate("likely_tokens_per_second_low", "likely tokens/s, low", {bound.likely->low, Unit::rate});
    estimate("likely_tokens_per_second_high", "likely tokens/s, high", {bound.likely->high, Unit::rate});
  }
  if (bound.per_thousand) {
    tree.leaf("price_usd_per_hour", "price", *bound.price);
    estimate("usd_per_1000_tokens", "cost of 1,000 tokens", *bound.per_thousand);
  }
}

}  // namespace

void tell_decode(const std::vector<DecodeBound>& bounds, Tree& tree) {
  const auto group = tree.group("decode", "generation, at best");
  tell_bound(bounds.front(), tree);
  if (bounds.size() == 1) return;
  const auto list = tree.list("by_dtype", "by number format");
  for (const auto& bound : bounds) {
    const auto row = tree.group("");
    tree.text("dtype", "number format", bound.dtype);
    tell_bound(bound, tree);
  }
}

namespace {

/// Bytes of all copies of all models, in each number format that every one of them has: one of them may be published in
/// a format of its own.
std::vector<WeightMemory> summed_weights(const std::vector<Answer>& answers) {
  std::vector<WeightMemory> sums;
  bool first = true;
  for (const auto& answer : answers) {
    if (!answer.model.disclosed) continue;
    if (std::exchange(first, false)) {
      for (const auto& weight : answer.weights) sums.emplace_back().id = weight.id;
    }
    std::erase_if(sums, [&](WeightMemory& sum) {
      const auto at = std::find_if(answer.weights.begin(), answer.weights.end(),
                                   [&](const WeightMemory& weight) { return weight.id == sum.id; });
      if (at == answer.weights.end()) return true;
      sum.bytes += Bytes{checked_mul(at->bytes.value, answer.copies)};
      return false;
    });
  }
  return sums;
}

}  // namespace

Row sum_tree(const std::vector<Answer>& answers, const Answer* baseline) {
  Params total;
  double flops = 0;
  bool assumed = false;
  for (const auto& answer : answers) {
    if (!answer.model.disclosed) continue;
    total += total_of(answer);
    if (!answer.training) continue;
    flops += answer.training->flops.value * static_cast<double>(answer.copies);
    assumed = assumed || answer.training->tokens.origin == Origin::assumed;
  }
  Row sum = Row::group("sum", "together");
  Row& params = sum.add(Row::group("params"));
  params.add(Row::leaf("total", "parameters", total));
  if (baseline != nullptr && total_of(*baseline).value > 0) {
    params.add(
        Row::leaf("ratio", "to the baseline",
                  {static_cast<double>(total.value) / static_cast<double>(total_of(*baseline).value), Unit::factor}));
  }
  Row& list = sum.add(Row::group("memory")).add(Row::list("weights"));
  for (const auto& weight : summed_weights(answers)) {
    Row row = Row::group("");
    row.add(Row::leaf("dtype", "number format", weight.id));
    row.add(Row::leaf("bytes", "weights, " + weight.id, weight.bytes));
    list.add(std::move(row));
  }
  sum.add(Row::group("training"))
      .add(Row::leaf("flops", "FLOPs, 6nd", Flops{flops}, {}, {}, assumed ? Said::assumed : Said::counted));
  return sum;
}

void tell_names(const Model& model, Tree& tree) {
  tree.text("id", "id", printable(model.id));
  tree.text("name", "name", printable(model.name));
}

namespace {

/// Figures of files that are not a model on their own.
void tell_part(const Answer& answer, const Answer* baseline, Tree& tree) {
  const auto kind = answer.model.kind();
  tree.text("source", "source", printable(answer.model.origin));
  if (is_companion(kind)) {
    tell_companion(answer.model, tree);
  } else {
    if (answer.inventory.adapter) tell_adapter(*answer.inventory.adapter, tree);
    {
      const auto group = tree.group("params", "parameters");
      tree.leaf("total", "parameters", answer.params.total);
      if (answer.copies > 1) tree.leaf("of_copies", "parameters of all copies", total_of(answer));
      tell_ratio(answer, baseline, tree);
      const auto roles = tree.group("by_role", "by role");
      for (std::size_t i = 0; i < kRoleKinds; ++i) {
        const auto role = static_cast<RoleKind>(i);
        if (answer.params.of(role).total.value == 0) continue;
        tree.leaf(Label::literal(name_of(role)), Label::literal(name_of(role)), answer.params.of(role).total);
      }
    }
    tell_memory(answer, tree);
  }
  if (!answer.inventory.adapter || !answer.inventory.adapter->from_config) tree.add(checkpoint_tree(answer));
}

/// All but the notes.
void tell_values(const Answer& answer, Tree& tree, const Answer* baseline) {
  const auto& model = answer.model;
  tell_names(model, tree);
  tree.leaf("disclosed", "disclosed", model.disclosed);
  if (answer.copies > 1) tree.leaf("copies", "copies", count_value(answer.copies));
  if (!model.disclosed) {
    tree.leaf("statement", "what is published", printable(model.statement));
    if (!model.as_of.empty()) tree.leaf("as_of", "as of", printable(model.as_of));
    tree.leaf("statement_source", "source", printable(model.source));
    return;
  }
  if (model.kind() != CheckpointKind::model) return tell_part(answer, baseline, tree);
  tell_family(answer.inventory, tree);
  tree.text("source", "source", printable(model.origin));
  tell_dims(answer.inventory, tree);
  tell_params(answer, baseline, tree);
  tell_parts(answer, tree);
  if (answer.inventory.gguf) tree.add(file_tree(answer));
  if (answer.media) tell_media(*answer.media, tree);
  tell_memory(answer, tree);
  if (!answer.decode.empty()) tell_decode(answer.decode, tree);
  if (answer.inventory.stored) tree.add(checkpoint_tree(answer));
  if (answer.training) tell_training(answer, tree);
}

}  // namespace

void tell_answer(const Answer& answer, Tree& tree, const Answer* baseline) {
  tell_values(answer, tree, baseline);
  if (!answer.model.disclosed) return;
  const auto notes = tree.list("notes", "notes");
  for (const auto& note : answer_notes(answer, {})) tree.text("", "", note.line());
}

Row answer_tree(const Answer& answer, const Answer* baseline, bool for_pages) {
  Row root = Row::group("");
  RowTree tree(root);
  for_pages ? tell_values(answer, tree, baseline) : tell_answer(answer, tree, baseline);
  return root;
}

}  // namespace paramcount
