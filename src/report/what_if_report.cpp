#include "report/what_if_report.hpp"

#include <cmath>

#include "base/numbers.hpp"
#include "base/text.hpp"
#include "report/figures.hpp"

namespace paramcount {
namespace {

/// "−50.0 %", "+0.3 %", "the same".
Cell change(double before, double after) {
  if (before == after) return {"=", Style::dim};
  if (before == 0) return {"new"};
  const double percent = 100 * (after / before - 1);
  const std::string digits = fixed(std::fabs(percent), std::fabs(percent) < 0.1 ? 2 : 1);
  return {(percent < 0 ? "-" : "+") + digits + " %", percent < 0 ? Style::good : Style::caution};
}

double bytes(Bytes value) { return static_cast<double>(value.value); }
double count(Params value) { return static_cast<double>(value.value); }

class Table {
 public:
  PageTable table;

  void params(const std::string& label, Params before, Params after) {
    if (before.value == 0 && after.value == 0) return;
    row(label, grouped(before.value), grouped(after.value), count(before), count(after));
  }
  void gigabytes(const std::string& label, Bytes before, Bytes after) {
    row(label, gb(before), gb(after), bytes(before), bytes(after));
  }
  void row(const std::string& label, std::string before, std::string after, double from, double to) {
    Line line{{label}, {{std::move(before)}, {std::move(after)}}};
    line.cells.push_back(change(from, to));
    table.lines.push_back(std::move(line));
  }
};

Table headed(const std::string& label, bool columns) {
  Table made;
  made.table.head = {{label, Style::strong}, {}};
  if (columns) made.table.head.cells = {{"before"}, {"after"}, {"change"}};
  return made;
}

Bytes decode(const WhatIfSide& side) { return *side.decode_weights + side.answer.kv.total(); }

std::string format_of(const WhatIf& answer) {
  const auto& before = answer.before.answer.weights.front().id;
  const auto& after = answer.after.answer.weights.front().id;
  return before == after ? before : before + " → " + after;
}

std::vector<Note> what_if_notes(const WhatIf& answer) {
  std::vector<Note> notes;
  if (answer.after.pruned) {
    notes.push_back(
        {"sparse", "matrices of the layers are pruned, but routers; indices take " + gb(answer.after.pruned->index) +
                       " GB. Training FLOPs stay; those of inference fall " + "only where kernels skip zeros."});
  }
  if (answer.before.decode_weights && answer.after.decode_weights) {
    notes.push_back({"read for a token", "weights one token passes and its cache at " +
                                             grouped(answer.before.answer.context.value) + " tokens × " +
                                             grouped(answer.before.answer.cache.sequences) +
                                             "; generation is bounded by it."});
  }
  notes.push_back({"6nd", "six FLOPs per active parameter and token. Quality is not predicted."});
  return notes;
}

Row side_tree(const std::string& key, const WhatIfSide& side) {
  Row tree = Row::group(key, key);
  const auto& answer = side.answer;
  tree.add(Row::leaf("id", "id", printable(answer.model.id)));
  Row& params = tree.add(Row::group("params", "parameters"));
  params.add(Row::leaf("total", "parameters", count_value(answer.params.total.value), "Σ trainable tensors"));
  params.add(Row::leaf("active", "active for each token", count_value(answer.params.active.value),
                       "of routed experts the share a token uses"));
  if (side.pruned) {
    params.add(Row::leaf("nonzero", "not pruned", count_value(side.pruned->total.value), "total - pruned"));
    params.add(Row::leaf("pruned", "pruned", count_value(side.pruned->pruned.value), "Σ matrices of the layers"));
  }
  Row& roles = params.add(Row::group("by_role", "by role"));
  for (std::size_t i = 0; i < kRoleKinds; ++i) {
    const auto kind = static_cast<RoleKind>(i);
    if (answer.params.of(kind).total.value == 0) continue;
    roles.add(Row::leaf(std::string(name_of(kind)), std::string(name_of(kind)),
                        count_value(answer.params.of(kind).total.value), derivation(answer.inventory, kind)));
  }
  Row& memory = tree.add(Row::group("memory", "memory"));
  memory.add(Row::leaf("dtype", "number format", answer.weights.front().id));
  memory.add(Row::leaf("weights_bytes", "weights", count_value(side.weight_bytes().value),
                       "Σ tensors in their format" + std::string(side.pruned ? ", pruned, with indices" : "")));
  if (side.pruned)
    memory.add(Row::leaf("index_bytes", "indices", count_value(side.pruned->index.value),
                         "a bit an element, or log2 m bits of each kept"));
  memory.add(Row::leaf("kv_cache_bytes", "KV cache", count_value(answer.kv.total().value),
                       grouped(answer.context.value) + " tokens × " + grouped(answer.cache.sequences)));
  if (side.decode_weights) {
    memory.add(Row::leaf("decode_weights_bytes", "weights read for a token", count_value(side.decode_weights->value),
                         "Σ weights one token passes"));
    memory.add(Row::leaf("decode_bytes", "read for a token", count_value(decode(side).value), "weights + KV cache"));
  }
  Row& training = tree.add(Row::group("training", "training"));
  training.add(Row::leaf("flops_per_token", "FLOPs of a token, 6nd", number_value(side.flops_per_token), "6 × active"));
  if (answer.training) {
    training.add(Row::leaf("tokens", "tokens", number_value(answer.training->tokens.value), "",
                           answer.training->tokens.origin == Origin::published ? printable(answer.model.training.source)
                                                                               : "given or assumed"));
    training.add(Row::leaf("flops", "FLOPs, 6nd", answer.training->flops.value, "of a token × tokens"));
  }
  return tree;
}

}  // namespace

Page what_if_page(const WhatIf& answer) {
  const auto& before = answer.before;
  const auto& after = answer.after;
  Page page;
  page.title = {printable(before.answer.model.name), Style::strong};
  page.aside = {"before and after"};
  page.summary = answer.changes;

  Table params = headed("Parameters", true);
  const auto& p = before.answer.params;
  const auto& q = after.answer.params;
  for (std::size_t i = 0; i < kRoleKinds; ++i) {
    const auto kind = static_cast<RoleKind>(i);
    params.params(std::string(name_of(kind)), p.of(kind).total, q.of(kind).total);
  }
  params.params("total", p.total, q.total);
  if (p.active != p.total || q.active != q.total) params.params("active", p.active, q.active);
  if (after.pruned) params.params("not pruned", p.total, after.pruned->total);
  page.tables.push_back(std::move(params.table));

  Table memory = headed("Memory, GB", false);
  memory.gigabytes("weights, " + format_of(answer), before.weight_bytes(), after.weight_bytes());
  memory.gigabytes("KV cache", before.answer.kv.total(), after.answer.kv.total());
  memory.gigabytes("together", before.weight_bytes() + before.answer.kv.total(),
                   after.weight_bytes() + after.answer.kv.total());
  if (before.decode_weights && after.decode_weights) {
    memory.gigabytes("read for a token", decode(before), decode(after));
  }
  page.tables.push_back(std::move(memory.table));

  Table training = headed("Training", false);
  training.row("FLOPs a token, 6nd", scientific(before.flops_per_token), scientific(after.flops_per_token),
               before.flops_per_token, after.flops_per_token);
  if (before.answer.training && after.answer.training) {
    const auto& s = *before.answer.training;
    const auto& t = *after.answer.training;
    const auto tokens = [](const TrainingAnswer& run) {
      return (run.tokens.origin == Origin::assumed ? "~" : "") + amount(run.tokens.value);
    };
    training.row("tokens", tokens(s), tokens(t), s.tokens.value, t.tokens.value);
    training.row("FLOPs, 6nd", scientific(s.flops.value), scientific(t.flops.value), s.flops.value, t.flops.value);
  }
  page.tables.push_back(std::move(training.table));
  page.notes = what_if_notes(answer);
  return page;
}

Row what_if_tree(const WhatIf& answer) {
  Row tree = Row::group("");
  tree.add(Row::leaf("id", "id", printable(answer.before.answer.model.id)));
  tree.add(Row::leaf("name", "name", printable(answer.before.answer.model.name)));
  Row& changes = tree.add(Row::list("changes", "changes"));
  for (const auto& one : answer.changes) changes.add(Row::leaf("", "", one));
  tree.add(side_tree("before", answer.before));
  tree.add(side_tree("after", answer.after));
  Row& notes = tree.add(Row::list("notes", "notes"));
  for (const auto& note : what_if_notes(answer)) notes.add(Row::leaf("", "", note.line()));
  return tree;
}

}  // namespace paramcount
