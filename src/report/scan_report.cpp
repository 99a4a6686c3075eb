#include "report/scan_report.hpp"

#include <algorithm>

#include "base/numbers.hpp"
#include "base/text.hpp"
#include "report/family_line.hpp"
#include "report/figures.hpp"

namespace paramcount {
namespace {

Row tree_of(const ScannedModel& model) {
  Row row = Row::group("");
  row.add(Row::leaf("path", "path", printable(model.path)));
  if (!model.name.empty()) row.add(Row::leaf("name", "name", printable(model.name)));
  if (!model.cache.empty()) row.add(Row::leaf("cache", "cache", model.cache));
  if (!model.error.empty()) {
    row.add(Row::leaf("error", "error", model.error));
    return row;
  }
  row.add(Row::leaf("kind", "kind", model.kind));
  if (!model.type.empty()) row.add(Row::leaf("type", "what it holds", model.type));
  tell_family(model.inventory, row);
  Row& params = row.add(Row::group("params", "parameters"));
  params.add(Row::leaf("total", "parameters", count_value(model.total)));
  params.add(Row::leaf("active", "active", count_value(model.active)));
  row.add(Row::leaf("bytes", "bytes of files", model.bytes > 0 ? Measure(Bytes{model.bytes}) : Measure()));
  row.add(Row::leaf("dtype", "number format", model.dtype.empty() ? Value{} : Value(model.dtype)));
  row.add(Row::leaf("context", "context", model.context > 0 ? count_value(model.context) : Value{}));
  return row;
}

std::string or_none(const std::string& text) { return text.empty() ? kNone : text; }

/// "the Hub's cache: 3 models, 45.2 GB, ~/.cache/huggingface/hub".
Note note_of(const ScannedCache& cache, const FigureStyle& style) {
  std::string text = grouped(cache.models) + (cache.models == 1 ? " model, " : " models, ");
  if (cache.bytes > 0) text += byte_texts(Bytes{cache.bytes}, style).front() + " " + byte_units(style).front() + ", ";
  return {std::string(cache.title), text + printable(cache.folder), Note::Weight::answer};
}

Page page_of(const std::string& title, const std::vector<ScannedModel>& models, const std::vector<ScannedCache>& caches,
             const FigureStyle& style) {
  Page page;
  const auto failed = static_cast<std::uint64_t>(
      std::count_if(models.begin(), models.end(), [](const auto& model) { return !model.error.empty(); }));
  const std::uint64_t read = models.size() - failed;
  page.title = {title, Style::strong};
  page.aside = {grouped(read) + (read == 1 ? " model" : " models") +
                (failed > 0 ? ", " + grouped(failed) + " that could not be read" : "")};
  PageTable table;
  table.folds = true;
  table.head = {{caches.empty() ? "  path" : "  name", Style::strong},
                {{"parameters", Style::strong},
                 {"active", Style::strong},
                 {"file " + byte_units(style).front(), Style::strong},
                 {"dtype", Style::strong},
                 {"family", Style::strong}}};
  for (const auto& model : models) {
    if (!model.error.empty()) {
      page.notes.push_back({printable(model.shown), model.error, Note::Weight::answer});
      continue;
    }
    for (const auto& note : family_notes(model.inventory)) page.notes.push_back({printable(model.shown), note.line()});
    table.lines.push_back({{printable(model.shown)},
                           {{scaled(static_cast<double>(model.total))},
                            {model.active != model.total ? scaled(static_cast<double>(model.active)) : kNone},
                            {model.bytes > 0 ? byte_texts(Bytes{model.bytes}, style).front() : kNone},
                            {or_none(model.dtype)},
                            {or_none(model.type.empty() ? model.inventory.family : std::string(model.type))}}});
  }
  if (!table.lines.empty()) page.tables.push_back(std::move(table));
  for (const auto& cache : caches) page.notes.push_back(note_of(cache, style));
  return page;
}

}  // namespace

Report scan_report(const std::string& title, const std::vector<ScannedModel>& models,
                   const std::vector<ScannedCache>& caches, ReportOptions wanted) {
  Report report;
  if (wanted.tree) {
    for (const auto& model : models) report.models.push_back(tree_of(model));
  }
  if (wanted.pages) report.pages.push_back(page_of(title, models, caches, wanted.style));
  return report;
}

}  // namespace paramcount
