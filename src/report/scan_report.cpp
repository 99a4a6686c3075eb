#include "report/scan_report.hpp"

#include "base/numbers.hpp"
#include "base/text.hpp"
#include "report/family_line.hpp"
#include "report/tables.hpp"

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

Cell with_scale(const Figures& model, std::string_view key) { return model.count(key); }
Cell if_fewer(const Figures& model, std::string_view key) {
  return model.number(key) != model.number("params.total") ? model.count(key) : Cell{kNone};
}
Cell size(const Figures& model, std::string_view key) { return model.bytes(key).front(); }
Cell type_or(const Figures& model, std::string_view key) { return model.cell(model.has("type") ? "type" : key); }

/// "the Hub's cache: 3 models, 45.2 GB, ~/.cache/huggingface/hub".
Note note_of(const ScannedCache& cache, const FigureStyle& style) {
  std::string text = grouped(cache.models) + (cache.models == 1 ? " model, " : " models, ");
  if (cache.bytes > 0) text += figure_text(Bytes{cache.bytes}, style) + ", ";
  return {std::string(cache.title), text + printable(cache.folder), Note::Weight::answer};
}

Page page_of(const std::string& title, const std::vector<ScannedModel>& models, const std::vector<Row>& trees,
             const std::vector<ScannedCache>& caches, const FigureStyle& style) {
  Page page;
  std::vector<Row> read;
  std::vector<std::string> names;
  for (std::size_t i = 0; i < models.size(); ++i) {
    const std::string name = printable(models[i].shown);
    if (!models[i].error.empty()) {
      page.notes.push_back({name, models[i].error, Note::Weight::answer});
      continue;
    }
    for (const auto& note : family_notes(models[i].inventory)) page.notes.push_back({name, note.line()});
    read.push_back(trees[i]);
    names.push_back(name);
  }
  const std::size_t failed = models.size() - read.size();
  page.title = {title, Style::strong};
  page.aside = {several(read.size(), "model") + (failed > 0 ? ", " + grouped(failed) + " that could not be read" : "")};
  PageTable table = record_table(caches.empty() ? "  path" : "  name",
                                 {{"parameters", "params.total", with_scale},
                                  {"active", "params.active", if_fewer},
                                  {"file " + byte_units(style).front(), "bytes", size},
                                  {"dtype", "dtype"},
                                  {"family", "family", type_or}},
                                 read, style, {}, "path");
  for (std::size_t i = 0; i < names.size(); ++i) table.lines[i].label.text = names[i];
  if (!read.empty()) page.tables.push_back(std::move(table));
  for (const auto& cache : caches) page.notes.push_back(note_of(cache, style));
  return page;
}

}  // namespace

Report scan_report(const std::string& title, const std::vector<ScannedModel>& models,
                   const std::vector<ScannedCache>& caches, ReportOptions wanted) {
  Report report;
  for (const auto& model : models) report.models.push_back(tree_of(model));
  if (wanted.pages) report.pages.push_back(page_of(title, models, report.models, caches, wanted.style));
  return report;
}

}  // namespace paramcount
