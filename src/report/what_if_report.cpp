#include "report/what_if_report.hpp"

#include <cmath>

#include "base/numbers.hpp"
#include "base/text.hpp"
#include "report/figures.hpp"

namespace paramcount {
namespace {

/// The figure before, after, and how it changed: "-50.0 %", "+0.3 %", "=".
Line changed(const Figures& figures, const std::string& key, std::string label = {}) {
  const std::string before = "before." + key;
  const std::string after = "after." + key;
  Line line = figures.line(before, std::move(label));
  line.cells.push_back(figures.cell(after));
  const std::string keys = before + " " + after;
  const double from = figures.number(before);
  const double to = figures.number(after);
  if (from == to) {
    line.cells.push_back({"=", Style::dim});
  } else if (from == 0) {
    line.cells.push_back({"new"});
  } else {
    const double percent = 100 * (to / from - 1);
    const std::string digits = fixed(std::fabs(percent), std::fabs(percent) < 0.1 ? 2 : 1);
    line.cells.push_back({(percent < 0 ? "-" : "+") + digits + " %", percent < 0 ? Style::good : Style::caution, keys});
  }
  return line;
}

PageTable headed(const std::string& label, bool columns = false) {
  PageTable table;
  table.head = {{label, Style::strong}, {}};
  if (columns) table.head.cells = {{"before"}, {"after"}, {"change"}};
  return table;
}

Bytes decode(const WhatIfSide& side) { return *side.decode_weights + side.answer.kv.total(); }

std::string format_of(const WhatIf& answer) {
  const auto& before = answer.before.answer.weights.front().id;
  const auto& after = answer.after.answer.weights.front().id;
  return before == after ? before : before + " → " + after;
}

std::vector<Note> what_if_notes(const WhatIf& answer, const FigureStyle& style) {
  std::vector<Note> notes;
  if (answer.after.pruned) {
    notes.push_back(
        {"sparse", "the layers' matrices are pruned, except routers; indices take " +
                       figure_text(answer.after.pruned->index, style) +
                       ". Training FLOPs stay the same; inference FLOPs fall only where kernels skip zeros."});
  }
  if (answer.before.decode_weights && answer.after.decode_weights) {
    notes.push_back({"read per token",
                     "weights that one token uses and its cache at " + grouped(answer.before.answer.context.value) +
                         " tokens × " + grouped(answer.before.answer.cache.sequences) + "; bounds generation speed."});
  }
  notes.push_back({"6nd", "six FLOPs per active parameter and token. Quality is not predicted.", Note::Weight::basis});
  return notes;
}

Row side_tree(const std::string& key, const WhatIfSide& side) {
  Row tree = Row::group(key, key);
  const auto& answer = side.answer;
  tree.add(Row::leaf("id", "id", printable(answer.model.id)));
  Row& params = tree.add(Row::group("params", "parameters"));
  params.add(Row::leaf("total", "parameters", answer.params.total, "Σ trainable tensors"));
  params.add(
      Row::leaf("active", "active per token", answer.params.active, "routed experts by the fraction a token uses"));
  if (side.pruned) {
    params.add(Row::leaf("nonzero", "not pruned", side.pruned->total, "total - pruned"));
    params.add(Row::leaf("pruned", "pruned", side.pruned->pruned, "Σ matrices of the layers"));
  }
  Row& roles = params.add(Row::group("by_role", "by role"));
  for (std::size_t i = 0; i < kRoleKinds; ++i) {
    const auto kind = static_cast<RoleKind>(i);
    if (answer.params.of(kind).total.value == 0) continue;
    roles.add(Row::leaf(std::string(name_of(kind)), std::string(name_of(kind)), answer.params.of(kind).total,
                        derivation(answer.inventory, kind)));
  }
  Row& memory = tree.add(Row::group("memory", "memory"));
  memory.add(Row::leaf("dtype", "number format", answer.weights.front().id));
  memory.add(Row::leaf("weights_bytes", "weights", side.weight_bytes(),
                       "Σ tensors in their format" + std::string(side.pruned ? ", pruned, with indices" : "")));
  if (side.pruned)
    memory.add(
        Row::leaf("index_bytes", "indices", side.pruned->index, "1 bit per element, or log2 m bits per kept one"));
  memory.add(Row::leaf("kv_cache_bytes", "KV cache", answer.kv.total(),
                       grouped(answer.context.value) + " tokens × " + grouped(answer.cache.sequences)));
  memory.add(Row::leaf("total_bytes", "together", side.weight_bytes() + answer.kv.total(), "weights + KV cache"));
  if (side.decode_weights) {
    memory.add(Row::leaf("decode_weights_bytes", "weights read per token", *side.decode_weights,
                         "Σ weights that one token uses"));
    memory.add(Row::leaf("decode_bytes", "read per token", decode(side), "weights + KV cache"));
  }
  Row& training = tree.add(Row::group("training", "training"));
  training.add(Row::leaf("flops_per_token", "FLOPs per token, 6nd", Measure::whole(side.flops_per_token, Unit::flops),
                         "6 × active"));
  if (answer.training) {
    const auto& tokens = answer.training->tokens;
    const bool assumed = tokens.origin == Origin::assumed;
    training.add(
        Row::leaf("tokens", "tokens", Measure::whole(tokens.value, Unit::tokens), "",
                  tokens.origin == Origin::published ? printable(answer.model.training.source) : "given or assumed",
                  said_of(tokens.origin)));
    training.add(Row::leaf("flops", "FLOPs, 6nd", answer.training->flops, "per token × tokens", {},
                           assumed ? Said::assumed : Said::counted));
  }
  return tree;
}

}  // namespace

Page what_if_page(const WhatIf& answer, const Row& tree, const FigureStyle& style) {
  const Figures figures(tree, style);
  const auto has = [&](const std::string& key) { return figures.has("before." + key) || figures.has("after." + key); };
  Page page;
  page.title = {printable(answer.before.answer.model.name), Style::strong};
  page.aside = {"before and after"};
  for (const auto& change : answer.changes) page.summary.push_back({change});

  PageTable params = headed("Parameters", true);
  for (std::size_t i = 0; i < kRoleKinds; ++i) {
    const std::string key = "params.by_role." + std::string(name_of(static_cast<RoleKind>(i)));
    if (has(key)) params.lines.push_back(changed(figures, key, std::string(name_of(static_cast<RoleKind>(i)))));
  }
  params.lines.push_back(changed(figures, "params.total", "total"));
  if (figures.number("before.params.active") != figures.number("before.params.total") ||
      figures.number("after.params.active") != figures.number("after.params.total")) {
    params.lines.push_back(changed(figures, "params.active", "active"));
  }
  if (answer.after.pruned) params.lines.push_back(changed(figures, "params.nonzero", "not pruned"));
  page.tables.push_back(std::move(params));

  PageTable memory = headed("Memory");
  memory.lines.push_back(changed(figures, "memory.weights_bytes", "weights, " + format_of(answer)));
  memory.lines.push_back(changed(figures, "memory.kv_cache_bytes"));
  memory.lines.push_back(changed(figures, "memory.total_bytes"));
  if (answer.before.decode_weights && answer.after.decode_weights) {
    memory.lines.push_back(changed(figures, "memory.decode_bytes"));
  }
  page.tables.push_back(std::move(memory));

  PageTable training = headed("Training");
  training.lines.push_back(changed(figures, "training.flops_per_token"));
  if (answer.before.answer.training && answer.after.answer.training) {
    training.lines.push_back(changed(figures, "training.tokens"));
    training.lines.push_back(changed(figures, "training.flops"));
  }
  page.tables.push_back(std::move(training));
  page.notes = what_if_notes(answer, style);
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
  for (const auto& note : what_if_notes(answer, {})) notes.add(Row::leaf("", "", note.line()));
  return tree;
}

}  // namespace paramcount
