#include "report/adapter_report.hpp"

#include "base/numbers.hpp"
#include "base/text.hpp"
#include "paramcount/count/adapter.hpp"
#include "report/checkpoint_report.hpp"
#include "report/figures.hpp"
#include "report/memory_report.hpp"

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
  return (lower(adapter.type) == "lora" ? "LoRA" : printable(adapter.type)) + " adapter";
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

PageTable targets_table(const AdapterSummary& adapter, const Figures& figures) {
  const std::string total = "adapter.parameters";
  PageTable table;
  table.own_grid = true;
  table.head = {{"Trainable", Style::strong}, {{"parameters"}, {""}, {"modules"}, {"rank"}}};
  for (std::size_t i = 0; i < adapter.targets.size(); ++i) {
    const auto& target = adapter.targets[i];
    const std::string key = "adapter.by_target." + std::to_string(i);
    table.lines.push_back({{target.name},
                           cells_of(figures.cell(key + ".parameters"), figures.share(key + ".parameters", total),
                                    figures.cell(key + ".modules"),
                                    Cell{rank_text(target.rank_low, target.rank_high), Style::plain,
                                         key + ".rank_low " + key + ".rank_high"})});
  }
  table.lines.push_back(
      {{"together"}, cells_of(figures.cell(total, Style::strong), figures.scaled(total, Style::strong))});
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
  tree.leaf("bytes", "bytes of the tensors", adapter.bytes);
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
  std::vector<Note> notes = checkpoint_notes(answer);
  notes.push_back({"adapter",
                   "matrices beside the weights of its base model, which does not lie in these files: no "
                   "layers, vocabulary or KV cache of its own. paramcount BASE " +
                       printable(answer.model.origin) + " --sum counts both."});
  if (!adapter.modules_to_save.empty()) {
    std::string names;
    for (const auto& name : adapter.modules_to_save) names += (names.empty() ? "" : ", ") + name;
    notes.push_back({"stored whole", names + ": among the trainable parameters, without a rank."});
  }
  if (!adapter.problem.empty()) notes.push_back({"broken", adapter.problem + "; programs refuse such an adapter."});
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
  page.tables.push_back(checkpoint_table(*answer.inventory.stored, figures));
  if (answer.dtypes_given) page.tables.push_back(memory_table(answer, figures));
  page.notes = adapter_notes(answer);
  return page;
}

}  // namespace paramcount
