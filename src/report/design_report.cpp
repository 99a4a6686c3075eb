#include "report/design_report.hpp"

#include <cmath>

#include "base/numbers.hpp"
#include "base/text.hpp"
#include "report/figures.hpp"
#include "report/json_writer.hpp"
#include "report/tables.hpp"

namespace paramcount {
namespace {

constexpr const char* kTiles =
    "NVIDIA, Matrix Multiplication Background User's Guide (DU-09799-001), sections 2.2 and 2.3: Tensor Cores and "
    "their tiles";
constexpr const char* kCatalog = "the catalog's models";

Row tell_shape(const Shape& shape) {
  Row row = Row::group("shape", "shape");
  const auto dim = [&](const Label& key, const Label& label, std::uint64_t value) {
    if (value > 0) row.add(Row::leaf(key, label, value));
  };
  dim("d_model", "width (d_model)", shape.d_model);
  dim("n_layers", "layers", shape.n_layers);
  dim("n_heads", "heads", shape.n_heads);
  dim("n_kv_heads", "KV heads", shape.n_kv_heads);
  dim("head_dim", "head dimension", shape.head_dim);
  if (shape.sparse()) {
    dim("n_experts", "experts", shape.n_experts);
    dim("experts_per_token", "experts per token", shape.experts_per_token);
    dim("d_ff_expert", "width of an expert (d_ff)", shape.d_ff_expert);
  } else {
    dim("d_ff", "feed-forward width (d_ff)", shape.d_ff);
  }
  dim("vocab_size", "vocabulary", shape.vocab_size);
  dim("max_positions", "context", shape.max_positions);
  row.add(Row::leaf("tied_embeddings", "tied head", shape.tied_embeddings));
  return row;
}

std::string asked_for(const DesignRequest& request) {
  if (request.params) return scaled_short(static_cast<double>(*request.params)) + " parameters";
  if (request.compute) return scientific(*request.compute) + " FLOPs";
  return "what fits " + request.fits->name;
}

void tell_cost(const DesignCost& cost, std::uint64_t context, Row& row) {
  row.add(Row::leaf("params", "parameters", cost.total, "Σ trainable tensors of the config"));
  row.add(Row::leaf("active", "active per token", cost.active));
  row.add(Row::leaf("kv_cache_bytes", "KV cache", cost.cache, "fp16, " + grouped(context) + " tokens per sequence"));
  row.add(Row::leaf("flops_per_token", "FLOPs to generate a token", Measure::whole(cost.flops, Unit::flops),
                    "2 × weights that a token is multiplied with + attention over " + grouped(context) + " tokens"));
}

Row tell_compared(const Design& design) {
  Row row = Row::group("compared", "compared with published models of similar size");
  row.add(Row::leaf("models", "models within a factor of three", static_cast<std::uint64_t>(design.compared)));
  row.add(Row::leaf("family", "of the family", design.compared_with.empty() ? "any" : design.compared_with));
  Row& list = row.add(Row::list("traits", "traits"));
  for (const auto& one : design.spreads) {
    const auto& info = trait_info(one.which);
    Row& member = list.add(Row::group(""));
    member.add(Row::leaf("trait", "trait", info.key));
    member.add(
        Row::leaf("value", Label(std::string(info.label)), {one.value, Unit::rate}, Label(std::string(info.text))));
    member.add(Row::leaf("usual", "usual", {one.usual, Unit::rate},
                         one.given ? Label("as given")
                                   : Label("median of published shapes, weighted towards similar sizes and the newest; "
                                           "for head size and vocabulary, the most common"),
                         kCatalog));
    if (one.low) {
      member.add(Row::leaf("low", "least", {*one.low, Unit::rate}, {}, kCatalog));
      member.add(Row::leaf("high", "most", {*one.high, Unit::rate}, {}, kCatalog));
    }
    member.add(Row::leaf("given", "as given", one.given));
    member.add(Row::leaf("extrapolated", "extrapolated", one.extrapolated()));
  }
  return row;
}

std::vector<Note> design_notes(const Design& design) {
  std::vector<Note> notes;
  const std::string family = printable(design.family);
  std::string by = several(design.family_models, "published shape") + " of " + family + " in the catalog";
  if (!design.by_family) by += ", too few: other families were used too";
  if (design.by_family && design.family_models < kEnoughModels) by += ", which are few";
  notes.push_back({"shapes", by + "; those of similar size and the newest count most."});
  bool beyond = false;
  for (const auto& one : design.spreads) beyond = beyond || one.extrapolated();
  if (design.compared == 0) {
    notes.push_back({"extrapolated", "fewer than five published models are within a factor of three of this size.",
                     Note::Weight::answer});
  } else if (beyond) {
    notes.push_back({"extrapolated", "outside the range of published models of similar size.", Note::Weight::answer});
  }
  std::string multiples = "the width is a multiple of " + grouped(design.multiple);
  if (design.ffn_multiple > 0) multiples += ", d_ff of " + grouped(design.ffn_multiple);
  notes.push_back({"multiples", multiples + ": tiles of matrix units are of 64 to 256."});
  notes.push_back(
      {"config", std::string("--config prints the config.json, which counts to the same number; ") +
                     (design.like.empty() ? "what it leaves out is the class's default."
                                          : "whatever was not chosen is as in " + printable(design.like) + ".")});
  notes.push_back({"choices",
                   "each changes one thing and keeps the rest; wider and deeper keep the budget. KV cache "
                   "in fp16 and FLOPs at " +
                       grouped(design.context) + " tokens. How good a model becomes is not predicted."});
  return notes;
}

Row design_tree(const Design& design) {
  Row tree = Row::group("");
  tree.add(Row::leaf("asked", "request", asked_for(design.request)));
  tree.add(Row::leaf("family", "family", printable(design.family)));
  tree.add(Row::leaf("like", "other settings as in", printable(design.like)));
  Row& params = tree.add(Row::group("params", "parameters"));
  params.add(Row::leaf("total", "parameters", design.params.total, "Σ trainable tensors of the config"));
  params.add(
      Row::leaf("active", "active per token", design.params.active, "routed experts by the fraction a token uses"));
  params.add(Row::leaf("wanted", "target", Measure::whole(std::round(design.wanted), Unit::params)));
  params.add(Row::leaf("off", "deviation from the target",
                       {static_cast<double>(design.params.total.value) / design.wanted - 1, Unit::share},
                       "total / wanted - 1"));
  if (design.wanted_active) {
    params.add(
        Row::leaf("wanted_active", "active, target", Measure::whole(std::round(*design.wanted_active), Unit::params)));
    params.add(Row::leaf("active_off", "active, deviation from the target",
                         {static_cast<double>(design.params.active.value) / *design.wanted_active - 1, Unit::share},
                         "active / wanted_active - 1"));
  }
  Row& roles = params.add(Row::group("by_role", "by role"));
  for (std::size_t i = 0; i < kRoleKinds; ++i) {
    const auto kind = static_cast<RoleKind>(i);
    if (design.params.of(kind).total.value == 0) continue;
    roles.add(Row::leaf(std::string(name_of(kind)), std::string(name_of(kind)), design.params.of(kind).total,
                        derivation(design.inventory, kind)));
  }
  tree.add(tell_shape(design.shape));
  Row& multiples = tree.add(Row::group("multiples", "multiples"));
  multiples.add(Row::leaf("d_model", "of the width", design.multiple, {}, kTiles));
  if (design.ffn_multiple > 0) multiples.add(Row::leaf("d_ff", "of d_ff", design.ffn_multiple, {}, kTiles));
  tree.add(tell_compared(design));
  tree.add(Row::leaf("context", "context of the costs, tokens", design.context));
  tell_cost(design.cost, design.context, tree.add(Row::group("cost", "cost")));
  Row& choices = tree.add(Row::list("choices", "other choices"));
  for (const auto& one : design.choices) {
    Row& row = choices.add(Row::group(""));
    row.add(Row::leaf("choice", "choice", one.key));
    row.add(Row::leaf("label", "choice", one.label));
    row.add(tell_shape(one.shape));
    tell_cost(one.cost, design.context, row);
  }
  Row& neighbours = tree.add(Row::list("neighbours", "published models nearest in size"));
  for (const auto& one : design.neighbours) {
    Row& row = neighbours.add(Row::group(""));
    row.add(Row::leaf("id", "id", printable(one.id)));
    row.add(Row::leaf("name", "name", printable(one.name)));
    row.add(Row::leaf("family", "family", printable(one.family)));
    row.add(Row::leaf("params", "parameters", Params{one.total}));
    row.add(Row::leaf("active", "active", Params{one.active}));
    row.add(tell_shape(one.shape));
  }
  Row& training = tree.add(Row::group("training", "compute-optimal training"));
  training.add(Row::leaf("law", "law", design.law.id));
  const std::string source = printable(design.law.source);
  training.add(Row::leaf("tokens", "tokens", {design.training.tokens, Unit::tokens},
                         "the law's best for the active parameters", source, Said::estimated));
  training.add(Row::leaf("flops", "FLOPs", design.training.compute(), "6 × N × D", source, Said::estimated));
  if (design.fit) {
    const Fit& fit = *design.fit;
    Row& row = tree.add(Row::group("fit", "device to fit"));
    row.add(Row::leaf("device", "device", printable(fit.device->id.empty() ? fit.device->name : fit.device->id)));
    row.add(Row::leaf("dtype", "number format", fit.dtype));
    row.add(Row::leaf("runtime", "runtime", fit.runtime.id));
    row.add(Row::leaf("usable_bytes", "usable", fit.usable));
    row.add(Row::leaf("weights_bytes", "weights", fit.weights));
    row.add(Row::leaf("kv_cache_bytes", "KV cache", fit.cache));
    row.add(Row::leaf("overhead_bytes", "buffers and runtime", fit.overhead, {}, {}, Said::estimated));
    row.add(
        Row::leaf("spare_bytes", "spare", {fit.spare(), Unit::bytes}, "usable - all of these", {}, Said::estimated));
  }
  tree.add(Row::leaf("config", "config.json", design.config));
  Row& notes = tree.add(Row::list("notes", "notes"));
  for (const auto& note : design_notes(design)) notes.add(Row::leaf("", "", note.line()));
  return tree;
}

Cell change(const Figures& figures, const std::string& before, const std::string& after) {
  const double from = figures.number(before);
  const double to = figures.number(after);
  const std::string keys = before + " " + after;
  if (from == to) return {"=", Style::dim};
  const double percent = 100 * (to / from - 1);
  const std::string digits = fixed(std::fabs(percent), std::fabs(percent) < 9.95 ? 1 : 0);
  return {(percent < 0 ? "-" : "+") + digits + " %", Style::plain, keys};
}

PageTable shape_table(const Design& design, const Figures& figures) {
  PageTable table = own_table("Shape");
  const auto line = [&](const char* key) {
    const std::string full = std::string("shape.") + key;
    if (figures.has(full)) table.lines.push_back(figures.line(full));
  };
  for (const char* key : {"d_model", "n_layers", "n_heads", "n_kv_heads", "head_dim", "d_ff", "n_experts",
                          "experts_per_token", "d_ff_expert", "vocab_size", "max_positions"}) {
    line(key);
  }
  table.lines.push_back(
      {{"head"}, {{design.shape.tied_embeddings ? "tied" : "untied", Style::plain, "shape.tied_embeddings"}}});
  return table;
}

PageTable compared_table(const Design& design, const Figures& figures) {
  PageTable table = own_table("Compared with published models", {{"here"}, {"usual"}});
  if (design.compared > 0) {
    table.head.cells.push_back({"least"});
    table.head.cells.push_back({"most"});
  }
  for (std::size_t i = 0; i < design.spreads.size(); ++i) {
    const auto& one = design.spreads[i];
    const std::string member = "compared.traits." + std::to_string(i) + ".";
    const bool whole = one.which == Trait::head_dim || one.which == Trait::vocabulary;
    const auto cell = [&](const char* key) {
      const double value = figures.number(member + key);
      return figures.rounded(member + key, whole ? grouped(static_cast<std::uint64_t>(value)) : fixed(value, 2));
    };
    Line line{{std::string(trait_info(one.which).label)}, cells_of(cell("value"), cell("usual"))};
    if (design.compared > 0) {
      line.cells.push_back(cell("low"));
      line.cells.push_back(cell("high"));
    }
    if (one.extrapolated()) line.remark = {"extrapolated", Style::caution};
    table.lines.push_back(std::move(line));
  }
  return table;
}

PageTable roles_table(const Figures& figures) {
  PageTable table = own_table("Parameters");
  for (std::size_t i = 0; i < kRoleKinds; ++i) {
    const std::string key = "params.by_role." + std::string(name_of(static_cast<RoleKind>(i)));
    if (!figures.has(key)) continue;
    Line line = figures.line(key);
    line.cells.push_back(figures.share(key, "params.total"));
    table.lines.push_back(std::move(line));
  }
  table.lines.push_back(figures.line("params.total", "total"));
  if (figures.number("params.active") != figures.number("params.total")) {
    Line line = figures.line("params.active", "active");
    line.cells.push_back(figures.share("params.active", "params.total"));
    table.lines.push_back(std::move(line));
  }
  return table;
}

PageTable choices_table(const Design& design, const Figures& figures) {
  PageTable table = own_table("What other choices cost", {{"parameters"}});
  const bool sparse = design.shape.sparse();
  if (sparse) table.head.cells.push_back({"active"});
  table.head.cells.push_back({"KV cache"});
  table.head.cells.push_back({"FLOPs/token"});
  Line own{{"as designed"}, {figures.count("cost.params")}};
  if (sparse) own.cells.push_back(figures.count("cost.active"));
  own.cells.push_back(figures.cell("cost.kv_cache_bytes"));
  own.cells.push_back(figures.cell("cost.flops_per_token"));
  table.lines.push_back(std::move(own));
  for (std::size_t i = 0; i < design.choices.size(); ++i) {
    const std::string member = "choices." + std::to_string(i) + ".";
    Line line{{design.choices[i].label, Style::plain, member + "label"},
              cells_of(change(figures, "cost.params", member + "params"))};
    if (sparse) line.cells.push_back(change(figures, "cost.active", member + "active"));
    line.cells.push_back(change(figures, "cost.kv_cache_bytes", member + "kv_cache_bytes"));
    line.cells.push_back(change(figures, "cost.flops_per_token", member + "flops_per_token"));
    table.lines.push_back(std::move(line));
  }
  return table;
}

PageTable neighbours_table(const Design& design, const Figures& figures) {
  PageTable table = own_table("Nearest in size", {{"params"}, {"layers"}, {"width"}, {"heads"}, {"d_ff"}});
  table.folds = true;
  const bool sparse = design.shape.sparse();
  if (sparse) table.head.cells.push_back({"experts"});
  table.head.cells.push_back({"vocab"});
  const auto line = [&](Cell label, const std::string& params, const std::string& shape) {
    Line one{std::move(label), {figures.count(params)}};
    one.cells.push_back(figures.cell(shape + "n_layers"));
    one.cells.push_back(figures.cell(shape + "d_model"));
    one.cells.push_back({figures.text(shape + "n_heads") + "/" + figures.text(shape + "n_kv_heads"), Style::plain,
                         shape + "n_heads " + shape + "n_kv_heads"});
    one.cells.push_back(figures.cell(shape + (sparse ? "d_ff_expert" : "d_ff")));
    if (sparse) {
      one.cells.push_back({figures.text(shape + "experts_per_token") + "/" + figures.text(shape + "n_experts"),
                           Style::plain, shape + "experts_per_token " + shape + "n_experts"});
    }
    one.cells.push_back(figures.cell(shape + "vocab_size"));
    table.lines.push_back(std::move(one));
  };
  line({"this design", Style::strong}, "params.total", "shape.");
  for (std::size_t i = 0; i < design.neighbours.size(); ++i) {
    const std::string member = "neighbours." + std::to_string(i) + ".";
    line({figures.text(member + "name"), Style::plain, member + "name"}, member + "params", member + "shape.");
  }
  return table;
}

}  // namespace

Report design_report(const Design& design, const ReportOptions& wanted) {
  Report report;
  report.collection = "designs";
  report.models.push_back(design_tree(design));
  if (!wanted.pages) return report;
  const Figures figures(report.models.front(), wanted.style);
  Page& page = report.pages.emplace_back();
  page.title = {printable(design.family_title.empty() ? design.family : design.family_title), Style::strong};
  page.aside = {"a design for " + asked_for(design.request)};
  Cell total = figures.count("params.total");
  total.text += " parameters";
  page.summary.push_back(std::move(total));
  if (design.shape.sparse()) {
    Cell active = figures.count("params.active");
    active.text += " active";
    page.summary.push_back(std::move(active));
  }
  page.summary.push_back({figures.text("training.tokens") + " training tokens by " + design.law.id, Style::plain,
                          "training.tokens training.law"});
  page.summary.push_back({figures.text("training.flops") + " FLOPs", Style::plain, "training.flops"});
  if (design.fit) {
    page.summary.push_back({figures.text("fit.weights_bytes") + " in " + design.fit->dtype + " on " +
                                printable(design.fit->device->name) + ", " + figures.text("fit.spare_bytes") + " spare",
                            Style::plain, "fit.weights_bytes fit.dtype fit.spare_bytes"});
  }
  page.tables.push_back(shape_table(design, figures));
  page.tables.push_back(compared_table(design, figures));
  page.tables.push_back(roles_table(figures));
  if (!design.choices.empty()) page.tables.push_back(choices_table(design, figures));
  if (!design.neighbours.empty()) page.tables.push_back(neighbours_table(design, figures));
  page.notes = design_notes(design);
  return report;
}

std::string design_config(const Design& design) {
  JsonWriter writer(JsonWriter::Layout::indented);
  if (const auto* members = design.config.as<Value::Object>()) {
    for (const auto& [key, value] : *members) writer.named(key, value);
  }
  writer.finish();
  return std::string(writer.written());
}

}  // namespace paramcount
