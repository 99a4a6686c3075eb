#include "report/list_rows.hpp"

namespace paramcount {

void tell_texts(Row& row, const Label& key, const Label& label, const std::vector<std::string>& texts) {
  row.add(Row::leaf(key, label, Value::List(texts.begin(), texts.end())));
}

Report report_of(const char* collection, std::vector<Row> rows, const ReportOptions& wanted,
                 const std::vector<Column>& columns, std::string_view remark, Sources sources) {
  Report report;
  report.collection = collection;
  report.models = std::move(rows);
  if (!wanted.pages) return report;
  Page& page = report.pages.emplace_back();
  page.tables.push_back(record_table("  id", columns, report.models, wanted.style, remark));
  if (sources == Sources::none) return report;
  for (const auto& row : report.models) {
    const Figures figures(row, wanted.style);
    const std::string name = sources == Sources::names ? figures.text("name") + ". " : "";
    page.notes.push_back({figures.text("id"), name + figures.text("source") + ".", Note::Weight::basis});
  }
  return report;
}

void add_note(Report& report, Note text) {
  for (auto& page : report.pages) page.notes.push_back(text);
}

}  // namespace paramcount
