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

/// A part of the model; steps are in the order in which a token passes through them.
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
  if (inventory.count("vocab_size") == 0 || inventory.count("d_model") == 0) return "A vector for each token.";
  return "A vector of " + some(inventory, "d_model") + " numbers (d_model) for each of the " +
         some(inventory, "vocab_size") + " tokens in the vocabulary.";
}

std::string attention_text(const Inventory& inventory) {
  std::string text = "Gathers information from the other tokens: query, key, value and output projections";
  const auto heads = inventory.count("n_heads");
  const auto kv = inventory.count("n_kv_heads");
  if (heads > 0) text += ", " + grouped(heads) + (heads == 1 ? " head" : " heads");
  if (inventory.count("kv_lora_rank") > 0) {
    text += ", keys and values compressed to " + some(inventory, "kv_lora_rank") + " numbers per token (MLA)";
  } else if (kv > 0 && kv < heads) {
    text += " that share " + grouped(kv) + (kv == 1 ? " key-value head" : " key-value heads");
  }
  return text + ".";
}

std::string ffn_text(const Inventory& inventory) {
  const auto wide = inventory.count("d_ff");
  const auto narrow = inventory.count("d_model");
  std::string text = "Transforms each token on its own";
  if (wide > 0 && narrow > 0) {
    text += ", in a hidden layer of " + grouped(wide) + " numbers (d_ff): " + times_wide(wide, narrow) + " d_model";
  }
  return text + ".";
}

std::string expert_text(const Inventory& inventory) {
  const auto all = inventory.count("n_experts");
  const auto used = inventory.count("experts_per_token");
  std::string text = "Feed-forward networks of which a token uses only some";
  if (all > 0 && used > 0) text += ": " + grouped(used) + " of " + grouped(all) + " per layer";
  return text + ". All are stored, few are active.";
}

std::string text_of(RoleKind kind, const Inventory& inventory) {
  switch (kind) {
    case RoleKind::vision:
      return "Turns images into vectors.";
    case RoleKind::audio:
      return "Turns audio into vectors.";
    case RoleKind::projector:
      return "Maps those vectors into the same space as text.";
    case RoleKind::embedding:
      return embedding_text(inventory);
    case RoleKind::position:
      return "Tells the model where in the text each token is.";
    case RoleKind::attention:
      return attention_text(inventory);
    case RoleKind::mixer:
      return "Carries a state of fixed size from token to token, where attention would look back at all of them.";
    case RoleKind::ffn:
      return ffn_text(inventory);
    case RoleKind::expert:
      return expert_text(inventory);
    case RoleKind::shared_expert:
      return "An expert that every token uses.";
    case RoleKind::router:
      return "Scores the experts for each token.";
    case RoleKind::norm:
      return "Normalises activations: a scale and, in some models, a bias.";
    case RoleKind::other:
      return "Tensors in the file that no known architecture explains.";
    case RoleKind::head:
      break;
  }
  return "A score for each possible output, such as each token in the vocabulary.";
}

std::string layers_text(const Inventory& inventory) {
  const auto encoder = inventory.count("n_encoder_layers");
  const auto layers = inventory.layer_count;
  if (inventory.flag("encoder_decoder") && encoder > 0 && inventory.count("n_layers") > 0) {
    return "Vectors pass through an encoder of " + grouped(encoder) + " and a decoder of " +
           some(inventory, "n_layers") + " layers; each layer adds its output to them.";
  }
  if (layers == 1) return "Each token's vector passes through 1 layer, which adds its output to it.";
  return "Each token's vector passes through " + grouped(layers) + " layers; each layer adds its output to it.";
}

/// The residual connections of a layer of attention followed by ffn or experts; empty for any other layer.
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
      {"Images and audio", "", {RoleKind::vision, RoleKind::audio, RoleKind::projector}},
      {"From text to vectors",
       "The tokenizer splits text into tokens; the model looks up a vector for each.",
       {RoleKind::embedding, RoleKind::position}},
      {"The layers",
       layers_text(inventory),
       {RoleKind::attention, RoleKind::mixer, RoleKind::ffn, RoleKind::router, RoleKind::expert,
        RoleKind::shared_expert, RoleKind::norm}},
      {"Unknown", "", {RoleKind::other}},
      {"From vectors to scores", "The head scores the output of the last layer.", {RoleKind::head}},
  };
  if (params.of(RoleKind::head).total.value == 0) {
    steps.back().text = inventory.flag("tied_embeddings")
                            ? "The embedding scores the next token as well: a tied head adds no parameters."
                            : "There is no head: the vectors of the last layer are the output.";
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
  page.title = {figures.text("name") + " has " + figures.text(kTotal) + " parameters. This is where they are.",
                Style::strong, kTotal};
  PageTable first;
  first.head.label = {"What a parameter is", Style::strong};
  first.head.details = {
      "One number in a weight matrix or vector: training sets it, running the model only multiplies and adds with it. "
      "A part's count is therefore a sum of rows × columns."};
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
  sum.head = part_line(figures, kTotal, "Total");
  sum.head.label.style = sum.head.cells.front().style = Style::strong;
  if (params.active != params.total) {
    sum.lines.push_back(part_line(figures, "params.active", "active per token"));
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
