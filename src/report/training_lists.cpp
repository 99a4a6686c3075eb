#include "report/training_lists.hpp"

#include "base/numbers.hpp"
#include "base/text.hpp"
#include "report/figures.hpp"

namespace paramcount {
namespace {

PageTable headed(const std::string& label, const std::vector<std::string>& headings) {
  PageTable table;
  table.folds = true;
  table.head.label = {label, Style::strong};
  for (const auto& heading : headings) table.head.cells.push_back({heading, Style::strong});
  return table;
}

void texts(Row& row, const Label& key, const std::vector<std::string>& values) {
  Row& list = row.add(Row::list(key, key));
  for (const auto& value : values) list.add(Row::leaf("", "", printable(value)));
}

}  // namespace

Report list_runs_report(const std::vector<PublishedTraining>& runs, const ReportOptions& wanted) {
  Report report;
  report.collection = "runs";
  for (const auto& run : runs) {
    Row& row = report.models.emplace_back(Row::group(""));
    const auto text = [&](const Label& key, const std::string& value) {
      if (!value.empty()) row.add(Row::leaf(key, key, printable(value)));
    };
    const auto number = [&](const Label& key, const std::optional<double>& value, Unit unit = Unit::none) {
      if (value) row.add(Row::leaf(key, key, Measure::whole(*value, unit), {}, {}, Said::published));
    };
    const auto& figures = run.figures;
    std::optional<double> mwh;
    if (figures.energy_kwh) mwh = *figures.energy_kwh / 1000;
    text("id", run.id);
    text("name", run.name);
    text("model", run.model);
    text("hardware", run.hardware);
    text("device", run.device);
    number("params", run.params);
    number("active", run.active);
    number("tokens", run.tokens, Unit::tokens);
    if (run.sequence) row.add(Row::leaf("sequence", "sequence", *run.sequence));
    number("devices", figures.devices, Unit::count);
    number("device_hours", figures.device_hours, Unit::hours);
    number("days", figures.days, Unit::days);
    number("mfu", figures.mfu, Unit::share);
    number("mfu_low", figures.mfu_low, Unit::share);
    number("mfu_high", figures.mfu_high, Unit::share);
    number("hfu", figures.hfu, Unit::share);
    number("tflops_per_device", run.tflops_per_device);
    number("flops", figures.flops, Unit::flops);
    number("energy_mwh", mwh, Unit::rate);
    number("pue", run.pue);
    number("watts", run.watts);
    number("co2e_t", figures.co2e_t, Unit::tonnes);
    number("kg_per_kwh", run.kg_per_kwh);
    number("cost_usd", figures.cost_usd, Unit::usd);
    text("note", run.note);
    text("source", run.source);
  }
  if (!wanted.pages) return report;
  PageTable table =
      headed("  id", {"tokens", "FLOPs", "hardware", "devices", "hours", "days", "MFU", "MWh", "t CO2e", "cost"});
  for (const auto& row : report.models) {
    const Figures figures(row, wanted.style);
    Line line{{figures.text("id")}, {}};
    for (const char* key : {"tokens", "flops", "hardware", "devices", "device_hours", "days", "mfu", "energy_mwh",
                            "co2e_t", "cost_usd"}) {
      line.cells.push_back(figures.cell(key));
    }
    table.lines.push_back(std::move(line));
  }
  Page& page = report.pages.emplace_back();
  page.tables.push_back(std::move(table));
  page.notes.push_back({"", "Published training runs, as their sources state them; --format json names each source."});
  return report;
}

Report list_optimizers_report(const std::vector<Optimizer>& optimizers) {
  Report report;
  report.collection = "optimizers";
  PageTable table = headed("  id", {"weights", "gradients", "master", "states", "bytes together"});
  for (const auto& optimizer : optimizers) {
    Row row = Row::group("");
    row.add(Row::leaf("id", "id", optimizer.id));
    row.add(Row::leaf("name", "name", printable(optimizer.name)));
    texts(row, "aliases", optimizer.aliases);
    row.add(Row::leaf("weights_bytes", "weights", Measure::whole(optimizer.weights, Unit::bytes)));
    row.add(Row::leaf("gradients_bytes", "gradients", Measure::whole(optimizer.gradients, Unit::bytes)));
    row.add(Row::leaf("master_bytes", "master copy", Measure::whole(optimizer.master, Unit::bytes)));
    row.add(Row::leaf("states_bytes", "states", Measure::whole(optimizer.states, Unit::bytes)));
    row.add(Row::leaf("bytes_per_parameter", "together", Measure::whole(optimizer.bytes_per_parameter(), Unit::bytes)));
    row.add(Row::leaf("source", "source", printable(optimizer.source)));
    report.models.push_back(std::move(row));
    Line line{{optimizer.id},
              {{shortest(optimizer.weights)},
               {shortest(optimizer.gradients)},
               {shortest(optimizer.master)},
               {shortest(optimizer.states)},
               {shortest(optimizer.bytes_per_parameter())}}};
    table.lines.push_back(std::move(line));
  }
  Page& page = report.pages.emplace_back();
  page.tables.push_back(std::move(table));
  for (const auto& optimizer : optimizers) {
    page.notes.push_back(
        {optimizer.id, printable(optimizer.name) + ". " + printable(optimizer.source) + ".", Note::Weight::basis});
  }
  return report;
}

Report list_grids_report(const std::vector<Grid>& grids) {
  Report report;
  report.collection = "grids";
  PageTable table = headed("  id", {"g CO2e per kWh", "as of"});
  for (const auto& grid : grids) {
    Row row = Row::group("");
    row.add(Row::leaf("id", "id", grid.id));
    row.add(Row::leaf("name", "name", printable(grid.name)));
    texts(row, "aliases", grid.aliases);
    row.add(Row::leaf("g_per_kwh", "g CO2e per kWh", number_value(grid.g_per_kwh)));
    row.add(Row::leaf("as_of", "as of", grid.as_of));
    row.add(Row::leaf("source", "source", printable(grid.source)));
    report.models.push_back(std::move(row));
    Line line{{grid.id}, {{fixed(grid.g_per_kwh, 0)}, {grid.as_of}}};
    line.remark = {printable(grid.name), Style::dim};
    table.lines.push_back(std::move(line));
  }
  report.pages.emplace_back().tables.push_back(std::move(table));
  return report;
}

Report list_laws_report(const std::vector<ScalingLaw>& laws) {
  Report report;
  report.collection = "laws";
  PageTable table = headed("  id", {"predicts loss", "fitted to FLOPs"});
  for (const auto& law : laws) {
    Row row = Row::group("");
    row.add(Row::leaf("id", "id", law.id));
    row.add(Row::leaf("name", "name", printable(law.name)));
    texts(row, "aliases", law.aliases);
    row.add(Row::leaf("predicts_loss", "predicts loss", law.predicts_loss()));
    row.add(Row::leaf("fitted_to_flops", "fitted to", law.fitted_to));
    row.add(Row::leaf("source", "source", printable(law.source)));
    report.models.push_back(std::move(row));
    Line line{{law.id}, {{law.predicts_loss() ? "yes" : "no"}, {scientific(law.fitted_to)}}};
    line.remark = {printable(law.name), Style::dim};
    table.lines.push_back(std::move(line));
  }
  Page& page = report.pages.emplace_back();
  page.tables.push_back(std::move(table));
  for (const auto& law : laws) page.notes.push_back({law.id, printable(law.source) + ".", Note::Weight::basis});
  return report;
}

Report list_equivalents_report(const std::vector<Equivalent>& equivalents, const ReportOptions& wanted) {
  Report report;
  report.collection = "equivalents";
  PageTable table = headed("  id", {"of", "one of them", "as of"});
  for (const auto& equivalent : equivalents) {
    Row row = Row::group("");
    row.add(Row::leaf("id", "id", equivalent.id));
    row.add(Row::leaf("of", "of", equivalent.of));
    row.add(Row::leaf("each", "one of them", number_value(equivalent.each)));
    row.add(Row::leaf("label", "label", printable(equivalent.label)));
    row.add(Row::leaf("as_of", "as of", equivalent.as_of));
    row.add(Row::leaf("source", "source", printable(equivalent.source)));
    report.models.push_back(std::move(row));
    Line line{{equivalent.id},
              {{equivalent.of}, {figure_text({equivalent.each, Unit::amount}, wanted.style)}, {equivalent.as_of}}};
    line.remark = {printable(equivalent.label), Style::dim};
    table.lines.push_back(std::move(line));
  }
  Page& page = report.pages.emplace_back();
  page.tables.push_back(std::move(table));
  for (const auto& equivalent : equivalents)
    page.notes.push_back({equivalent.id, printable(equivalent.source) + ".", Note::Weight::basis});
  return report;
}

}  // namespace paramcount
