// `paramcount list`: the models.
#include <algorithm>

#include "base/numbers.hpp"
#include "base/text.hpp"
#include "paramcount/catalog/model.hpp"
#include "report/list_report.hpp"
#include "report/tables.hpp"

namespace paramcount {
namespace {

/// By group, in natural order, those without one last; within a group as they come.
void sort_groups(std::vector<ListedModel>& models, Label ListedModel::*by) {
  std::stable_sort(models.begin(), models.end(), [&](const ListedModel& a, const ListedModel& b) {
    const auto left = (a.*by).view();
    const auto right = (b.*by).view();
    if (left.empty() || right.empty()) return right.empty() && !left.empty();
    return natural_less(lower(left), lower(right));
  });
}

Value or_null(const Label& text) { return text.empty() ? Value{} : Value(text.view()); }

}  // namespace

Report list_models_report(std::vector<ListedModel> models, Label ListedModel::*by, std::size_t undated,
                          ReportOptions wanted) {
  Report report;
  if (by != nullptr) sort_groups(models, by);
  if (wanted.tree) {
    for (const auto& model : models) {
      Row row = Row::group("");
      row.add(Row::leaf("id", "id", model.id.view()));
      row.add(Row::leaf("name", "name", model.name.view()));
      row.add(Row::leaf("disclosed", "disclosed", !model.family.empty()));
      if (!model.family.empty()) {
        row.add(Row::leaf("family", "family", model.family.view()));
        Row& params = row.add(Row::group("params", "parameters"));
        params.add(Row::leaf("total", "parameters", count_value(model.total), "", "counted from the tensors"));
        params.add(Row::leaf("active", "active", count_value(model.active), "", "counted from the tensors"));
        row.add(Row::leaf("context", "context", model.context > 0 ? count_value(model.context) : Value{}));
      }
      row.add(Row::leaf("released", "released", or_null(model.released)));
      row.add(Row::leaf("lab", "lab", or_null(model.lab)));
      row.add(Row::leaf("licence", "licence", or_null(model.licence)));
      row.add(Row::leaf("modality", "modality", or_null(model.modality)));
      tell_unverified(row, model.unverified.view());
      report.models.push_back(std::move(row));
    }
  }
  if (!wanted.pages) return report;
  const auto new_table = [&](std::string heading) {
    return record_table(std::move(heading),
                        {{"parameters", "params.total"},
                         {"active", "params.active"},
                         {"context", "context"},
                         {"released", "released"},
                         {"family", "family"}},
                        {}, wanted.style);
  };
  Page& page = report.pages.emplace_back();
  page.heading = "Models";
  PageTable table = new_table("  id");
  if (by == nullptr) table.lines.reserve(models.size());
  std::string_view group;
  for (const auto& model : models) {
    if (by != nullptr && (table.lines.empty() || (model.*by).view() != group)) {
      if (!table.lines.empty()) page.tables.push_back(std::move(table));
      group = (model.*by).view();
      table = new_table(group.empty() ? kNone : std::string(group));
    }
    // To make rows first would take longer than all else, so cells are made of the model itself.
    Line& line = table.lines.emplace_back();
    line.label.text = model.id.text();
    line.cells.reserve(5);
    const bool disclosed = !model.family.empty();
    const bool marks = !model.unverified.empty();
    const auto marked = [&](std::string_view fact) { return marks && marks_unverified(model.unverified, fact); };
    const auto cell = [&](std::string text, bool unverified = false) {
      line.cells.emplace_back().text = std::move(text);
      if (unverified) line.cells.back().text += kUnverified;
    };
    cell(disclosed ? scaled(static_cast<double>(model.total)) : "not disclosed",
         disclosed && (marked("dims") || marked("config")));
    if (!disclosed) line.cells.back().style = Style::dim;
    cell(model.active != model.total ? scaled(static_cast<double>(model.active)) : kNone);
    cell(model.context > 0 ? grouped(model.context) : kNone);
    cell(model.released.empty() ? kNone : model.released.text(), !model.released.empty() && marked("released"));
    cell(disclosed ? model.family.text() : kNone);
  }
  page.tables.push_back(std::move(table));
  if (undated > 0)
    page.notes.push_back({"--since", grouped(undated) + " more have no day of release and are left out."});
  return report;
}

}  // namespace paramcount
