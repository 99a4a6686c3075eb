#include "report/catalog_lists.hpp"

#include <algorithm>
#include <array>

#include "base/numbers.hpp"
#include "base/text.hpp"
#include "paramcount/base/error.hpp"
#include "report/list_report.hpp"
#include "report/list_rows.hpp"

namespace paramcount {
namespace {

bool contains(std::string_view text, std::string_view lower_part) {
  return lower(text).find(lower_part) != std::string::npos;
}

/// Only rows that have the text in one of their names; none may be left.
template <class Rows, class Names>
Rows rows_among(Rows rows, const ListQuestion& question, const Names& names) {
  const std::string text = lower(question.within);
  std::erase_if(rows, [&](const auto& row) {
    const std::vector<std::string> all = names(row);
    return std::none_of(all.begin(), all.end(), [&](const std::string& name) { return contains(name, text); });
  });
  return rows;
}

template <class Rows, class Names>
Rows rows_with(Rows rows, const ListQuestion& question, const Names& names) {
  rows = rows_among(std::move(rows), question, names);
  if (rows.empty()) {
    throw Error(joined({"list ", question.word, " ", printable(question.within), ": no ", question.word,
                        " with that in their names"}));
  }
  return rows;
}

template <class Rows>
Rows rows_with(Rows rows, const ListQuestion& question) {
  return rows_with(std::move(rows), question, [](const auto& row) { return std::vector<std::string>{row.id}; });
}

/// Ids of a table, sorted as people sort.
std::vector<std::string> ids(const Catalog& catalog, std::string_view table) {
  std::vector<std::string> result;
  catalog.each_name(table, [&](std::string_view name, bool is_id) {
    if (is_id) result.emplace_back(name);
  });
  std::sort(result.begin(), result.end(), natural_less);
  result.erase(std::unique(result.begin(), result.end()), result.end());
  return result;
}

Report devices(const ListQuestion& question) {
  std::vector<Device> devices;
  for (const auto& id : ids(question.catalog, Device::kTable)) devices.push_back(*question.catalog.device(id));
  const auto names = [](const Device& one) { return std::vector<std::string>{one.id, one.name, one.maker}; };
  return list_devices_report(rows_with(std::move(devices), question, names), question.wanted);
}

Report dtypes(const ListQuestion& question) {
  const Catalog& catalog = question.catalog;
  std::vector<Dtype> dtypes;
  for (const auto& id : ids(catalog, Dtype::kTable)) dtypes.push_back(catalog.dtype(id));
  std::erase_if(dtypes, [](const Dtype& dtype) { return !dtype.refused.empty(); });
  std::sort(dtypes.begin(), dtypes.end(), [](const Dtype& a, const Dtype& b) {
    return a.bits_per_weight() != b.bits_per_weight() ? a.bits_per_weight() > b.bits_per_weight() : a.id < b.id;
  });
  std::vector<FileType> types;
  for (const auto& id : ids(catalog, FileType::kTable)) types.push_back(*catalog.find<FileType>(id));
  std::sort(types.begin(), types.end(), [&](const FileType& a, const FileType& b) {
    const double left = catalog.dtype(a.type).bits_per_weight();
    const double right = catalog.dtype(b.type).bits_per_weight();
    return left != right ? left > right : a.id < b.id;
  });
  const auto names = [](const auto& one) {
    auto all = one.aliases;
    all.push_back(one.id);
    return all;
  };
  dtypes = rows_among(std::move(dtypes), question, names);
  types = rows_among(std::move(types), question, names);
  if (dtypes.empty() && types.empty()) {
    throw Error("list dtypes " + printable(question.within) + ": no number formats with that in their names");
  }
  return list_dtypes_report(dtypes, types, question.wanted);
}

Report families(const ListQuestion& question) {
  struct Listed {
    std::string id, title;
    std::vector<std::string> model_types;
  };
  std::vector<Listed> families;
  for (const auto& id : ids(question.catalog, Catalog::Kind::family)) {
    const auto& family = question.catalog.family(id);
    families.push_back({family.id, family.title, family.model_types});
  }
  families = rows_with(std::move(families), question, [](const Listed& one) {
    std::vector<std::string> all = one.model_types;
    all.push_back(one.id);
    all.push_back(one.title);
    return all;
  });
  std::vector<Row> rows = told(families, [](Row& row, const Listed& family) {
    row.add(Row::leaf("title", "title", family.title));
    tell_texts(row, "model_types", "model types", family.model_types);
  });
  Report report = report_of("families", std::move(rows), question.wanted, {}, "title");
  for (auto& page : report.pages) page.heading = "Families";
  return report;
}

Report list_report(const std::vector<PublishedTraining>& runs, const ReportOptions& wanted) {
  const auto tell = [](Row& row, const PublishedTraining& run) {
    const auto text = [&](const Label& key, const std::string& value) {
      if (!value.empty()) row.add(Row::leaf(key, key, printable(value)));
    };
    const auto number = [&](const Label& key, const std::optional<double>& value, Unit unit = Unit::none) {
      if (value) row.add(Row::leaf(key, key, Measure::whole(*value, unit), {}, {}, Said::published));
    };
    const auto& figures = run.figures;
    std::optional<double> mwh;
    if (figures.energy_kwh) mwh = *figures.energy_kwh / 1000;
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
  };
  Report report = report_of("runs", told(runs, tell), wanted,
                            {{"tokens", "tokens"},
                             {"FLOPs", "flops"},
                             {"hardware", "hardware"},
                             {"devices", "devices"},
                             {"hours", "device_hours"},
                             {"days", "days"},
                             {"MFU", "mfu"},
                             {"MWh", "energy_mwh"},
                             {"t CO2e", "co2e_t"},
                             {"cost", "cost_usd"}});
  add_note(report, {"", "Published training runs, as their sources state them; --format json names each source."});
  return report;
}

Cell yes_or_no(const Figures& record, std::string_view key) {
  return record.dressed(key, record.text(key) == "true" ? "yes" : "no");
}

Cell digits(const Figures& record, std::string_view key) { return record.dressed(key, shortest(record.number(key))); }

Report list_report(const std::vector<Optimizer>& optimizers, const ReportOptions& wanted) {
  const auto tell = [](Row& row, const Optimizer& optimizer) {
    tell_names(row, optimizer);
    const auto bytes = [&](const Label& key, const Label& label, double value) {
      row.add(Row::leaf(key, label, Measure::whole(value, Unit::bytes)));
    };
    bytes("weights_bytes", "weights", optimizer.weights);
    bytes("gradients_bytes", "gradients", optimizer.gradients);
    bytes("master_bytes", "master copy", optimizer.master);
    bytes("states_bytes", "states", optimizer.states);
    bytes("bytes_per_parameter", "together", optimizer.bytes_per_parameter());
  };
  return report_of("optimizers", told(optimizers, tell), wanted,
                   {{"weights", "weights_bytes", digits},
                    {"gradients", "gradients_bytes", digits},
                    {"master", "master_bytes", digits},
                    {"states", "states_bytes", digits},
                    {"bytes together", "bytes_per_parameter", digits}},
                   {}, Sources::names);
}

Report list_report(const std::vector<Grid>& grids, const ReportOptions& wanted) {
  const auto tell = [](Row& row, const Grid& grid) {
    tell_names(row, grid);
    row.add(Row::leaf("g_per_kwh", "g CO2e per kWh", number_value(grid.g_per_kwh)));
    row.add(Row::leaf("as_of", "as of", grid.as_of));
  };
  return report_of("grids", told(grids, tell), wanted, {{"g CO2e per kWh", "g_per_kwh", rounded}, {"as of", "as_of"}},
                   "name");
}

Report list_report(const std::vector<ScalingLaw>& laws, const ReportOptions& wanted) {
  const auto tell = [](Row& row, const ScalingLaw& law) {
    tell_names(row, law);
    row.add(Row::leaf("predicts_loss", "predicts loss", law.predicts_loss()));
    row.add(Row::leaf("fitted_to_flops", "fitted to", {law.fitted_to, Unit::flops}));
  };
  return report_of("laws", told(laws, tell), wanted,
                   {{"predicts loss", "predicts_loss", yes_or_no}, {"fitted to FLOPs", "fitted_to_flops"}}, "name",
                   Sources::sources);
}

Report list_report(const std::vector<Equivalent>& equivalents, const ReportOptions& wanted) {
  const auto tell = [](Row& row, const Equivalent& equivalent) {
    row.add(Row::leaf("of", "of", equivalent.of));
    row.add(Row::leaf("each", "one of them", {number_value(equivalent.each), Unit::amount}));
    row.add(Row::leaf("label", "label", printable(equivalent.label)));
    row.add(Row::leaf("as_of", "as of", equivalent.as_of));
  };
  return report_of("equivalents", told(equivalents, tell), wanted,
                   {{"of", "of"}, {"one of them", "each"}, {"as of", "as_of"}}, "label", Sources::sources);
}

/// A table whose rows are a struct, all there is.
template <class Row>
Report rows_of(const ListQuestion& question) {
  return list_report(rows_with(question.catalog.all<Row>(), question), question.wanted);
}

constexpr auto kLists = std::to_array<CatalogList>({
    {"devices", "gpus gpu cards accelerators hardware device", "", devices},
    {"dtypes", "quants quant quantizations formats dtype", "", dtypes},
    {"families", "family", "", families},
    {"runs", "", "published trainings", rows_of<PublishedTraining>},
    {"optimizers", "", "", rows_of<Optimizer>},
    {"grids", "", "", rows_of<Grid>},
    {"laws", "", "of scaling", rows_of<ScalingLaw>},
    {"equivalents", "", "", rows_of<Equivalent>},
});

}  // namespace

std::span<const CatalogList> catalog_lists() { return kLists; }

const CatalogList* find_catalog_list(std::string_view word) {
  const auto has = [&](std::string_view words) {
    const auto all = split(words, ' ');
    return std::find(all.begin(), all.end(), word) != all.end();
  };
  const auto* at = std::find_if(kLists.begin(), kLists.end(), [&](const CatalogList& list) {
    return !word.empty() && (list.word == word || has(list.also));
  });
  return at != kLists.end() ? at : nullptr;
}

}  // namespace paramcount
