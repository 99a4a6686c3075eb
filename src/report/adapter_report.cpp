#include "report/adapter_report.hpp"

#include "base/numbers.hpp"
#include "base/text.hpp"
#include "paramcount/count/adapter.hpp"
#include "report/checkpoint_report.hpp"
#include "report/figures.hpp"
#include "report/memory_report.hpp"
#include "report/tables.hpp"

namespace paramcount {
namespace {

Value text_or_null(const std::string& text) { return text.empty() ? Value{} : Value(printable(text)); }

/// One rank of all; null where there are several, or none.
Value one_rank(std::uint64_t low, std::uint64_t high) { return low == high && low > 0 ? count_value(low) : Value{}; }

/// "16", or "8–16" where ranks differ.
std::string rank_text(std::uint64_t low, std::uint64_t high) {
  if (high == 0) return kNone;
  return low == high ? grouped(low) : grouped(low) + "–" + grouped(high);
}

/// "LoRA adapter"
std::string title_of(const AdapterSummary& adapter) {
  if (adapter.type.empty()) return "adapter";
  std::string title = lower(adapter.type) == "lora" ? "LoRA" : printable(adapter.type);
  for (const auto& variant : adapter.variants) title += " (" + variant + ")";
  return title + " adapter" + (adapter.from_config ? ", by its config" : "");
}

std::vector<Cell> summary(const AdapterSummary& adapter) {
  std::vector<Cell> facts;
  facts.push_back(
      {"base model " + (adapter.base.empty() ? kNone : printable(adapter.base)), Style::plain, "adapter.base"});
  facts.push_back(
      {"rank " + rank_text(adapter.rank_low, adapter.rank_high), Style::plain, "adapter.rank_low adapter.rank_high"});
  facts.push_back({"alpha " + (adapter.alpha ? shortest(*adapter.alpha) : kNone), Style::plain, "adapter.alpha"});
  return facts;
}

std::string listed(const std::vector<std::string>& names) {
  std::string text;
  for (const auto& name : names) text += (text.empty() ? "" : ", ") + name;
  return text;
}

PageTable targets_table(const AdapterSummary& adapter, const Figures& figures) {
  const std::string total = "adapter.parameters";
  PageTable table = own_table("Trainable", {{"parameters"}, {""}, {"modules"}, {"rank"}});
  for (std::size_t i = 0; i < adapter.targets.size(); ++i) {
    const auto& target = adapter.targets[i];
    const std::string key = "adapter.by_target." + std::to_string(i);
    table.lines.push_back({{target.name},
                           cells_of(figures.cell(key + ".parameters"), figures.share(key + ".parameters", total),
                                    figures.cell(key + ".modules"),
                                    Cell{rank_text(target.rank_low, target.rank_high), Style::plain,
                                         key + ".rank_low " + key + ".rank_high"})});
  }
  if (figures.number("adapter.in_full") > 0) {
    table.lines.push_back({{listed(adapter.modules_to_save) + ", in full"},
                           cells_of(figures.cell("adapter.in_full"), figures.share("adapter.in_full", total))});
  }
  table.lines.push_back(
      {{"together"}, cells_of(figures.cell(total, Style::strong), figures.scaled(total, Style::strong))});
  return table;
}

PageTable base_table(const AdapterSummary& adapter, const Figures& figures) {
  PageTable table = own_table("With its base model", {{"parameters"}, {""}});
  const auto line = [&](std::string label, const std::string& key, Style style) -> Line& {
    return table.lines.emplace_back(Line{{std::move(label)}, cells_of(figures.cell(key, style), figures.scaled(key))});
  };
  line(printable(adapter.base_model), "adapter.base_parameters", Style::plain);
  line("adapter", "adapter.parameters", Style::plain);
  line("together", "adapter.with_base", Style::strong).remark = {figures.text("adapter.trainable_share") + " trainable",
                                                                 Style::dim, "adapter.trainable_share"};
  return table;
}

}  // namespace

void tell_adapter(const AdapterSummary& adapter, Tree& tree) {
  const auto group = tree.group("adapter", "adapter");
  tree.leaf("type", "type", text_or_null(adapter.type));
  tree.leaf("base", "base model", text_or_null(adapter.base));
  tree.leaf("rank", "rank", one_rank(adapter.rank_low, adapter.rank_high));
  tree.leaf("rank_low", "lowest rank", adapter.rank_low);
  tree.leaf("rank_high", "highest rank", adapter.rank_high);
  tree.leaf("alpha", "alpha", adapter.alpha ? number_value(*adapter.alpha) : Value{});
  const auto texts = [&](const Label& key, const Label& label, const auto& items, const auto& text_of) {
    Value::List list;
    for (const auto& item : items) list.emplace_back(std::string(text_of(item)));
    tree.leaf(key, label, Value(std::move(list)));
  };
  texts("targets", "target modules", adapter.targets, [](const AdapterSummary::Target& t) { return t.name; });
  texts("modules_to_save", "modules stored whole", adapter.modules_to_save, [](const std::string& s) { return s; });
  tree.leaf("parameters", "trainable parameters", adapter.parameters);
  Params in_targets;
  for (const auto& target : adapter.targets) in_targets += target.parameters;
  tree.leaf("in_full", "of which in fully trained modules", Params{adapter.parameters.value - in_targets.value});
  tree.leaf("frozen", "parameters stored but not trained", adapter.frozen);
  tree.leaf("bytes", "bytes of the tensors", adapter.from_config ? Measure() : Measure(adapter.bytes));
  tree.leaf("from_config", "counted by the config", Value(adapter.from_config));
  texts("variants", "variants", adapter.variants, [](const std::string& s) { return s; });
  const bool known = !adapter.base_model.empty();
  tree.leaf("base_model", "model used as the base", text_or_null(adapter.base_model));
  tree.leaf("base_parameters", "parameters of the base model", known ? Measure(adapter.base_parameters) : Measure());
  const Params both = adapter.base_parameters + adapter.parameters;
  tree.leaf("with_base", "base model and adapter", known ? Measure(both) : Measure(),
            grouped(adapter.base_parameters.value) + " + " + grouped(adapter.parameters.value));
  tree.leaf("trainable_share", "trainable share",
            known
                ? Measure(static_cast<double>(adapter.parameters.value) / static_cast<double>(both.value), Unit::share)
                : Measure(),
            grouped(adapter.parameters.value) + " / " + grouped(both.value));
  tree.leaf("by_config", "parameters by the config", adapter.by_config ? Measure(*adapter.by_config) : Measure());
  const auto targets = tree.list("by_target", "by target module");
  for (const auto& target : adapter.targets) {
    const auto row = tree.group("");
    tree.text("target", "target module", target.name);
    tree.leaf("modules", "modules", target.modules);
    tree.leaf("rank_low", "lowest rank", target.rank_low);
    tree.leaf("rank_high", "highest rank", target.rank_high);
    tree.leaf("parameters", "trainable parameters", target.parameters);
  }
}

std::vector<Note> adapter_notes(const Answer& answer) {
  const AdapterSummary& adapter = *answer.inventory.adapter;
  std::vector<Note> notes;
  if (adapter.from_config) {
    notes.push_back({"read",
                     printable(answer.model.config_file) + ", no weights. Names match modules as in PEFT 0.18 on " +
                         "the classes of transformers 5.",
                     Note::Weight::answer});
    if (!answer.not_applied.empty()) {
      notes.push_back(
          {"not applied", answer.not_applied + ": an adapter has no context, cache or training of its own."});
    }
  } else {
    notes = checkpoint_notes(answer);
  }
  const std::string apart =
      adapter.base_model.empty()
          ? "matrices added to the weights of its base model, which is not in these files: no "
            "layers, vocabulary or KV cache of its own. paramcount BASE " +
                printable(answer.model.origin) + " --sum counts both."
          : "matrices added to the weights of its base model: no layers, vocabulary or KV cache of its "
            "own. --base names another base model.";
  notes.push_back({"adapter", apart, Note::Weight::answer});
  for (const auto& remark : adapter.remarks) notes.push_back({"adapter", remark, Note::Weight::answer});
  if (!adapter.modules_to_save.empty()) {
    notes.push_back({adapter.from_config ? "in full" : "stored whole",
                     listed(adapter.modules_to_save) + ": among the trainable parameters, without a rank.",
                     Note::Weight::answer});
  }
  if (!adapter.problem.empty())
    notes.push_back({"broken", adapter.problem + "; programs refuse such an adapter.", Note::Weight::answer});
  return notes;
}

Page adapter_page(const Answer& answer, const Row& tree, const FigureStyle& style) {
  const Figures figures(tree, style);
  const AdapterSummary& adapter = *answer.inventory.adapter;
  const std::string& architecture = answer.inventory.stored->architecture;
  Page page;
  page.title = {printable(answer.model.name), Style::strong};
  page.aside = {(architecture.empty() ? "" : printable(architecture) + ", ") + title_of(adapter)};
  page.summary = summary(adapter);
  page.tables.push_back(targets_table(adapter, figures));
  if (!adapter.base_model.empty()) page.tables.push_back(base_table(adapter, figures));
  if (!adapter.from_config) page.tables.push_back(checkpoint_table(*answer.inventory.stored, figures));
  if (answer.dtypes_given) page.tables.push_back(memory_table(answer, figures));
  page.notes = adapter_notes(answer);
  return page;
}

}  // namespace paramcount
