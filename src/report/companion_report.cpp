#include "report/companion_report.hpp"

#include "base/numbers.hpp"
#include "base/text.hpp"
#include "paramcount/count/companion.hpp"
#include "report/checkpoint_report.hpp"
#include "report/figures.hpp"
#include "report/tables.hpp"

namespace paramcount {
namespace {

Value text_or_null(const std::string& text) { return text.empty() ? Value{} : Value(printable(text)); }

Measure count_or_null(const std::optional<std::uint64_t>& count) { return count ? Measure(*count) : Measure(); }

}  // namespace

void tell_companion(const Model& model, Tree& tree) {
  const CompanionSummary summary = read_companion(*model.checkpoint);
  const auto group = tree.group(Label::literal(name_of(model.kind())), Label::literal(noun_of(model.kind())));
  switch (model.kind()) {
    case CheckpointKind::imatrix: {
      tree.leaf("entries", "weights with statistics", summary.entries);
      tree.leaf("chunks", "chunks of text", count_or_null(summary.chunks));
      tree.leaf("chunk_size", "tokens of a chunk", count_or_null(summary.chunk_size));
      Value::List datasets;
      for (const auto& name : summary.datasets) datasets.emplace_back(name);
      tree.leaf("datasets", "texts", Value(std::move(datasets)));
      return;
    }
    case CheckpointKind::control_vector:
      tree.leaf("layers", "layers with a direction", summary.layers);
      tree.leaf("width", "elements of a direction", summary.width > 0 ? Measure(summary.width) : Measure());
      tree.leaf("architecture", "made for", text_or_null(summary.model_hint));
      return;
    default:
      tree.leaf("tokens", "tokens", summary.vocabulary);
      tree.leaf("tokenizer", "tokenizer", text_or_null(summary.tokenizer));
  }
}

Page companion_page(const Answer& answer, const Row& tree, const FigureStyle& style) {
  const Figures figures(tree, style);
  const auto kind = answer.model.kind();
  const std::string key = std::string(name_of(kind)) + ".";
  Page page;
  page.title = {printable(answer.model.name), Style::strong};
  page.aside = {std::string(noun_of(kind)) + ", no model"};
  PageTable& table = page.tables.emplace_back(own_table("Holds"));
  for (const auto* part :
       {"tokens", "tokenizer", "entries", "chunks", "chunk_size", "layers", "width", "architecture"}) {
    if (figures.has(key + part)) table.lines.push_back(figures.line(key + part));
  }
  const auto datasets = read_companion(*answer.model.checkpoint).datasets;
  for (std::size_t i = 0; i < datasets.size(); ++i) {
    table.lines.push_back({{"made from"}, {{datasets[i], Style::plain, key + "datasets." + std::to_string(i)}}});
  }
  const std::string size = "checkpoint.file_bytes";
  table.lines.push_back({{"bytes"}, {figures.dressed(size, grouped(answer.inventory.stored->file_bytes))}});
  page.notes = checkpoint_notes(answer);
  return page;
}

}  // namespace paramcount
