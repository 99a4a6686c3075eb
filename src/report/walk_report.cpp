#include "report/walk_report.hpp"

#include <array>

#include "base/numbers.hpp"
#include "base/text.hpp"
#include "paramcount/count/params.hpp"
#include "report/family_line.hpp"
#include "report/figures.hpp"

namespace paramcount {
namespace {

const std::string kTotal = "params.total";

/// A part of the model: what it holds, in the order a token passes it.
struct Step {
  std::string title;
  std::string text;
  std::vector<RoleKind> kinds;
};

std::string some(const Inventory& inventory, std::string_view dim) { return grouped(inventory.count(dim)); }

std::string times_wide(std::uint64_t wide, std::uint64_t narrow) {
  return significant(static_cast<double>(wide) / static_cast<double>(narrow), 2) + " times";
}

std::string embedding_text(const Inventory& inventory) {
  if (inventory.count("vocab_size") == 0 || inventory.count("d_model") == 0) return "A row of numbers for each token.";
  return "Each of " + some(inventory, "vocab_size") + " word pieces has a row of " + some(inventory, "d_model") +
         " numbers.";
}

std::string attention_text(const Inventory& inventory) {
  std::string text = "Looks at the other pieces and takes over what matters: query, key, value and output";
  const auto heads = inventory.count("n_heads");
  const auto kv = inventory.count("n_kv_heads");
  if (heads > 0) text += ", in " + grouped(heads) + (heads == 1 ? " head" : " heads");
  if (inventory.count("kv_lora_rank") > 0) {
    text += ", keys and values squeezed into " + some(inventory, "kv_lora_rank") + " numbers a piece";
  } else if (kv > 0 && kv < heads) {
    text += " that share " + grouped(kv) + " of keys and values";
  }
  return text + ".";
}

std::string ffn_text(const Inventory& inventory) {
  const auto wide = inventory.count("d_ff");
  const auto narrow = inventory.count("d_model");
  std::string text = "Considers each piece alone";
  if (wide > 0 && narrow > 0) text += ", in " + grouped(wide) + " numbers: " + times_wide(wide, narrow) + " as wide";
  return text + ".";
}

std::string expert_text(const Inventory& inventory) {
  const auto all = inventory.count("n_experts");
  const auto used = inventory.count("experts_per_token");
  std::string text = "Feed-forward parts of which a piece meets only some";
  if (all > 0 && used > 0) text += ": " + grouped(used) + " of " + grouped(all) + " in a layer";
  return text + ". All are stored, few are at work.";
}

std::string text_of(RoleKind kind, const Inventory& inventory) {
  switch (kind) {
    case RoleKind::vision:
      return "Turns pictures into rows of numbers.";
    case RoleKind::audio:
      return "Turns sound into rows of numbers.";
    case RoleKind::projector:
      return "Fits those rows to the language model.";
    case RoleKind::embedding:
      return embedding_text(inventory);
    case RoleKind::position:
      return "What tells one place in the text from another.";
    case RoleKind::attention:
      return attention_text(inventory);
    case RoleKind::mixer:
      return "Carries a state of fixed size from piece to piece, where attention would look back at all of them.";
    case RoleKind::ffn:
      return ffn_text(inventory);
    case RoleKind::expert:
      return expert_text(inventory);
    case RoleKind::shared_expert:
      return "An expert that every piece meets.";
    case RoleKind::router:
      return "Scores the experts for each piece.";
    case RoleKind::norm:
      return "Keeps the numbers in range: a scale, and in some models a shift.";
    case RoleKind::other:
      return "Tensors of the file that no known architecture explains.";
    case RoleKind::head:
      break;
  }
  return "Scores for what the model is asked for, a row for each answer it can give.";
}

std::string blocks_text(const Inventory& inventory) {
  const auto encoder = inventory.count("n_encoder_layers");
  const auto layers = inventory.layer_count;
  std::string text = "The row passes ";
  if (inventory.flag("encoder_decoder") && encoder > 0 && inventory.count("n_layers") > 0) {
    text += grouped(encoder) + " blocks that read and " + some(inventory, "n_layers") + " that write";
  } else {
    text += grouped(layers) + (layers == 1 ? " block" : " blocks");
  }
  return text + "; each adds something to it.";
}

/// How a row of numbers passes a layer whose parts follow each other, each adding what it finds; empty: otherwise.
std::vector<std::string> drawing_of(const Inventory& inventory, const ParamCounts& params) {
  const auto has = [&](RoleKind kind) { return params.of(kind).total.value > 0; };
  const bool experts = has(RoleKind::expert);
  if (!has(RoleKind::attention) || (!experts && !has(RoleKind::ffn)) || has(RoleKind::mixer)) return {};
  if (inventory.flag("encoder_decoder") || inventory.layer_count == 0) return {};
  const std::string second = experts ? " experts " : " ffn ";
  std::string below = "└";
  std::string bar;
  for (std::size_t i = 0; i < second.size() + 3; ++i) bar += "─";
  below += "──────────────┘";
  return {"─┬─ attention ─(+)─┬─" + second + "─(+)─▶   " + grouped(inventory.layer_count) + " times",
          " " + below + "  └" + bar + "┘"};
}

std::vector<Step> steps_of(const Inventory& inventory, const ParamCounts& params) {
  std::vector<Step> steps{
      {"What is seen and heard", "", {RoleKind::vision, RoleKind::audio, RoleKind::projector}},
      {"From words to numbers",
       "A text is cut into word pieces; the model only knows their numbers.",
       {RoleKind::embedding, RoleKind::position}},
      {"The layers",
       blocks_text(inventory),
       {RoleKind::attention, RoleKind::mixer, RoleKind::ffn, RoleKind::router, RoleKind::expert,
        RoleKind::shared_expert, RoleKind::norm}},
      {"What is not known", "", {RoleKind::other}},
      {"From numbers to words", "What leaves the last block is scored.", {RoleKind::head}},
  };
  if (params.of(RoleKind::head).total.value == 0) {
    steps.back().text = inventory.flag("tied_embeddings")
                            ? "The next piece is read off with the rows of the embedding again: a tied head costs "
                              "nothing more."
                            : "There is no head: the last block's rows are the answer.";
  }
  return steps;
}

std::string label_of(RoleKind kind) {
  std::string label(name_of(kind));
  replace_all(label, "_", " ");
  return label;
}

Row tree_of(const Model& model, const Inventory& inventory, const ParamCounts& params, const std::vector<Step>& steps) {
  Row tree = Row::group("");
  tree.add(Row::leaf("id", "id", printable(model.id)));
  tree.add(Row::leaf("name", "name", printable(model.name)));
  tell_family(inventory, tree);
  Row& counts = tree.add(Row::group("params", "parameters"));
  counts.add(Row::leaf("total", "parameters", count_value(params.total.value), "all steps together"));
  counts.add(Row::leaf("active", "active per token", count_value(params.active.value)));
  Row& list = tree.add(Row::list("steps", "steps"));
  for (const auto& step : steps) {
    for (const auto kind : step.kinds) {
      const auto part = params.of(kind).total;
      if (part.value == 0) continue;
      Row row = Row::group("");
      row.add(Row::leaf("title", "step", step.title));
      row.add(Row::leaf("role", "role", std::string(name_of(kind))));
      row.add(Row::leaf("text", "what it does", text_of(kind, inventory)));
      row.add(Row::leaf("formula", "formula", derivation(inventory, kind)));
      row.add(Row::leaf("params", label_of(kind), count_value(part.value), derivation(inventory, kind)));
      list.add(std::move(row));
    }
  }
  return tree;
}

/// A figure of `key`, and its share of all parameters.
Line part_line(const Figures& figures, const std::string& key, const std::string& label = {}) {
  Line line = figures.line(key, label);
  line.cells.push_back(figures.number(kTotal) > 0 ? figures.share(key, kTotal) : Cell{kNone});
  return line;
}

Page page_of(const Figures& figures, const Inventory& inventory, const ParamCounts& params,
             const std::vector<Step>& steps, bool in_turn) {
  Page page;
  page.title = {figures.text("name") + " is " + figures.text(kTotal) + " numbers. This is where they live.",
                Style::strong, kTotal};
  PageTable first;
  first.head.label = {"What a parameter is", Style::strong};
  first.head.details = {
      "Each number is a parameter: training sets it, using the model only multiplies and adds with it. They stand in "
      "tables, so a part's count is rows × columns."};
  page.tables.push_back(std::move(first));
  int number = 0;
  std::size_t told = 0;
  for (const auto& step : steps) {
    PageTable table;
    table.head.label = {std::to_string(number + 1) + "  " + step.title, Style::strong};
    if (!step.text.empty()) table.head.details = {step.text};
    if (in_turn && step.kinds.front() == RoleKind::attention) table.drawing = drawing_of(inventory, params);
    for (;; ++told) {
      const std::string part = "steps." + std::to_string(told) + ".";
      if (!figures.has(part + "title") || figures.text(part + "title") != step.title) break;
      table.lines.push_back(part_line(figures, part + "params"));
      table.lines.back().details = {figures.text(part + "text"), figures.text(part + "formula")};
    }
    if (table.lines.empty() && step.kinds.front() != RoleKind::head) continue;
    page.tables.push_back(std::move(table));
    ++number;
  }
  PageTable sum;
  sum.head = part_line(figures, kTotal, "Together");
  sum.head.label.style = sum.head.cells.front().style = Style::strong;
  if (params.active != params.total) {
    sum.lines.push_back(part_line(figures, "params.active", "at work for one piece"));
  }
  page.tables.push_back(std::move(sum));
  add_family_notes(inventory, page.notes);
  return page;
}

}  // namespace

Report walk_report(const Model& model, const Inventory& inventory, ReportOptions wanted, bool in_turn) {
  const ParamCounts params = count_params(inventory);
  const auto steps = steps_of(inventory, params);
  Report report;
  report.records = "steps";
  report.models.push_back(tree_of(model, inventory, params, steps));
  const Figures figures(report.models.front(), wanted.style);
  if (wanted.pages) report.pages.push_back(page_of(figures, inventory, params, steps, in_turn));
  return report;
}

}  // namespace paramcount
