#include "report/list_report.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "base/numbers.hpp"
#include "base/text.hpp"
#include "report/tables.hpp"

namespace paramcount {
namespace {

/// What a list tells of each record: its id, what `tell` says, and its source where it names one.
template <class Record, class Tell>
std::vector<Row> told(const std::vector<Record>& records, const Tell& tell) {
  std::vector<Row> rows;
  for (const auto& record : records) {
    Row& row = rows.emplace_back(Row::group(""));
    row.add(Row::leaf("id", "id", record.id));
    tell(row, record);
    if constexpr (requires { record.source; }) {
      if (!record.source.empty()) row.add(Row::leaf("source", "source", printable(record.source)));
    }
  }
  return rows;
}

void tell_texts(Row& row, const Label& key, const Label& label, const std::vector<std::string>& texts) {
  row.add(Row::leaf(key, label, Value::List(texts.begin(), texts.end())));
}

template <class Record>
void tell_names(Row& row, const Record& record) {
  row.add(Row::leaf("name", "name", printable(record.name)));
  tell_texts(row, "aliases", "aliases", record.aliases);
}

enum class Sources : std::uint8_t { none, sources, names };  ///< what notes say of each record

Report report_of(const char* collection, std::vector<Row> rows, const ReportOptions& wanted,
                 const std::vector<Column>& columns, std::string_view remark = {}, Sources sources = Sources::none) {
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

/// Says it on the page, where there is one.
void note(Report& report, Note text) {
  for (auto& page : report.pages) page.notes.push_back(text);
}

void tell_device(Row& row, const Device& device) {
  row.add(Row::leaf("name", "name", device.name));
  if (device.memory.value > 0) row.add(Row::leaf("memory_bytes", "memory", device.memory));
  const auto bandwidth = [](Row& of, double value) {
    if (value > 0) of.add(Row::leaf("bandwidth_bytes_per_s", "bandwidth", {value, Unit::bytes_per_s}));
  };
  bandwidth(row, device.bandwidth);
  Row& peaks = row.add(Row::group("peak_flops_per_s", "dense peak"));
  for (const auto& [dtype, speed] : device.peak) peaks.add(Row::leaf(dtype, dtype, {speed.value, Unit::flops_per_s}));
  if (device.power.value > 0) row.add(Row::leaf("watts", "watts", device.power.value));
  if (!device.link.empty()) row.add(Row::leaf("link", "link", device.link));
  if (device.link_gb_s > 0) row.add(Row::leaf("link_gb_s", "GB/s of the link in each direction", device.link_gb_s));
  row.add(Row::leaf("node", "devices in a node", count_value(device.node)));
  row.add(Row::leaf("consumer", "for consumers", device.consumer));
  row.add(Row::leaf("unified", "memory of the host", device.unified));
  row.add(Row::leaf("gpu_share", "share of the memory for the GPU", device.gpu_share));
  Row& sizes = row.add(Row::list("sizes", "memory sizes"));
  for (const auto& size : device.sizes) {
    Row one = Row::group("");
    one.add(Row::leaf("memory_bytes", "memory", size.memory));
    bandwidth(one, size.bandwidth);
    one.add(Row::leaf("gpu_share", "share of the memory for the GPU", size.gpu_share));
    sizes.add(std::move(one));
  }
  Row& prices = row.add(Row::list("prices", "prices"));
  for (const auto& quote : device.prices) {
    Row& price = prices.add(Row::group(""));
    price.add(Row::leaf("usd_per_hour", "price", {quote.price.value, Unit::usd_per_hour}));
    price.add(Row::leaf("pricing", "pricing", quote.pricing.view()));
    price.add(Row::leaf("provider", "provider", quote.provider.view()));
    price.add(Row::leaf("as_of", "as of", quote.as_of.view()));
  }
}

Cell memory(const Figures& device, std::string_view key) { return device.bytes(key).back(); }

Cell peak(const Figures& device, std::string_view key) {
  return device.cell(std::string(key) + (device.has(std::string(key) + ".bf16") ? ".bf16" : ".fp16"));
}

/// From the least to the most that anybody asks for it.
Cell prices(const Figures& device, std::string_view key) {
  Cell cell{kNone};
  double low = 0;
  double high = 0;
  for (const auto& quote : device.members(key)) {
    const double usd = quote.number("usd_per_hour");
    low = cell.key.empty() ? usd : std::min(low, usd);
    high = std::max(high, usd);
    cell.key += (cell.key.empty() ? "" : " ") + quote.cell("usd_per_hour").key;
  }
  if (high > 0) cell.text = fixed(low, 2) + (high > low ? "–" + fixed(high, 2) : "");
  return cell;
}

}  // namespace

Report list_report(const std::vector<Device>& devices, const ReportOptions& wanted) {
  std::vector<Row> rows = told(devices, tell_device);
  for (std::size_t i = 0; i < rows.size(); ++i) tell_unverified(rows[i], devices[i].unverified);
  Report report = report_of("devices", std::move(rows), wanted,
                            {{"memory " + byte_units(wanted.style).back(), "memory_bytes", memory},
                             {"GB/s", "bandwidth_bytes_per_s"},
                             {"TFLOP/s", "peak_flops_per_s", peak},
                             {"W", "watts", rounded},
                             {"$/h", "prices", prices},
                             {"link", "link"},
                             {"name", "name"}});
  note(report, {"TFLOP/s", "dense, bf16 or fp16. $/h: the range of dated quotes; --format json names each."});
  note(report, {"memory", "as the driver reports it where that is known; unified memory: the largest size sold."});
  note(report, {"--device",
                "takes ids and what people say: 'RTX 4090', 2x4090 (two), m4-max:64GB (a size), here (this machine's), "
                "memory=48GiB,bandwidth=864GB/s (written out)."});
  for (auto& page : report.pages) page.heading = "Devices";
  return report;
}

namespace {

/// "fp32 for 64", or what all scales together say.
std::string scales_text(const Dtype& dtype) {
  std::string text;
  for (const auto& scale : dtype.scales) {
    const std::string extent = scale.rows == 0      ? (scale.columns == 0 ? "tensor" : "column")
                               : scale.columns == 0 ? "row"
                               : scale.rows > 1     ? grouped(scale.rows) + " × " + grouped(scale.columns)
                                                    : grouped(scale.columns);
    text += (text.empty() ? "" : ", ") + std::to_string(scale.bits) + " for " + extent;
  }
  return text.empty() ? kNone : text;
}

Cell five_digits(const Figures& dtype, std::string_view key) {
  return dtype.dressed(key, significant(dtype.number(key), 5));
}

Cell added(const Figures& type, std::string_view key) {
  const double more = type.number(key);
  return type.dressed(key, (more < 0 ? "-" : "+") + fixed(std::fabs(more), 4));
}

}  // namespace

Report list_dtypes_report(const std::vector<Dtype>& dtypes, const std::vector<FileType>& file_types,
                          const ReportOptions& wanted) {
  Report report;
  report.collection = "dtypes";
  report.models = told(dtypes, [](Row& row, const Dtype& dtype) {
    tell_names(row, dtype);
    row.add(
        Row::leaf("bits", "bits of an element", static_cast<double>(dtype.bits) / static_cast<double>(dtype.elements)));
    row.add(Row::leaf("scales", "bits of scales", scales_text(dtype)));
    row.add(Row::leaf("bits_per_weight", "bits per weight", dtype.bits_per_weight()));
    Value::List leaves;
    for (const auto kind : dtype.leaves) leaves.emplace_back(name_of(kind));
    row.add(Row::leaf("leaves", "leaves alone", std::move(leaves)));
    if (!dtype.rest.empty()) row.add(Row::leaf("rest", "what is left alone is in", dtype.rest));
    if (dtype.ggml_block > 0) row.add(Row::leaf("gguf_block", "block in GGUF files", count_value(dtype.ggml_block)));
    row.add(Row::leaf("gguf_only", "a block type of GGUF files", dtype.gguf_only));
  });
  Row& types = report.extras.emplace_back(Row::list("file_types", "llama.cpp file types"));
  types.children = told(file_types, [](Row& row, const FileType& type) {
    tell_texts(row, "aliases", "aliases", type.aliases);
    row.add(Row::leaf("number", "general.file_type", count_value(type.number)));
    row.add(Row::leaf("type", "of most tensors", type.type));
    if (!type.perplexity) return;
    row.add(Row::leaf("perplexity_more", "perplexity added", type.perplexity->more));
    row.add(Row::leaf("perplexity_model", "to that of", type.perplexity->model));
    row.add(Row::leaf("perplexity_source", "source", type.perplexity->source));
  });
  if (!wanted.pages) return report;
  std::array<std::vector<Row>, 2> rows;  // those of whole models, and block types of GGUF files
  for (std::size_t i = 0; i < dtypes.size(); ++i) rows[dtypes[i].gguf_only ? 1 : 0].push_back(report.models[i]);
  Page& page = report.pages.emplace_back();
  page.heading = "Number formats";
  const std::vector<Column> columns{{"bits per weight", "bits_per_weight", five_digits}, {"scales, bits", "scales"}};
  page.tables.push_back(record_table("Number formats", columns, rows[0], wanted.style, "name"));
  page.tables.push_back(record_table("llama.cpp file types",
                                     {{"most tensors", "type"}, {"perplexity", "perplexity_more", added}},
                                     types.children, wanted.style, "perplexity_model"));
  page.tables.push_back(record_table("GGUF block types", columns, rows[1], wanted.style));
  std::erase_if(page.tables, [](const PageTable& table) { return table.lines.empty(); });
  for (auto& table : page.tables) table.own_grid = true;
  page.notes.push_back({"leaves alone",
                        "nf4 and bnb-int8 keep embedding, norms and head in 16 bits; gptq, awq, hqq, fp8-block128 and "
                        "fp8-tensor the router and the towers too; mlx norms and towers only; every vector stays. "
                        "The rest takes all.",
                        Note::Weight::basis});
  page.notes.push_back({"braces", "stand for numbers: mlx-{bits}bit-g{group} is mlx-4bit-g64, mlx-8bit-g32 and others.",
                        Note::Weight::basis});
  page.notes.push_back({"file types",
                        "mix block types by rules of llama.cpp's own: paramcount tensors MODEL --dtype q4_k_m shows "
                        "them. Where a number format has the name, gguf:NAME is the file type.",
                        Note::Weight::basis});
  page.notes.push_back({"perplexity",
                        "more than unquantised, as llama.cpp publishes it; – where it publishes none. Sources: "
                        "--format json.",
                        Note::Weight::basis});
  return report;
}

Report list_report(const std::vector<ListedFamily>& families, const ReportOptions& wanted) {
  const auto tell = [](Row& row, const ListedFamily& family) {
    row.add(Row::leaf("title", "title", family.title));
    tell_texts(row, "model_types", "model types", family.model_types);
  };
  Report report = report_of("families", told(families, tell), wanted, {}, "title");
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
  note(report, {"", "Published training runs, as their sources state them; --format json names each source."});
  return report;
}

namespace {

Cell yes_or_no(const Figures& record, std::string_view key) {
  return record.dressed(key, record.text(key) == "true" ? "yes" : "no");
}

Cell digits(const Figures& record, std::string_view key) { return record.dressed(key, shortest(record.number(key))); }

}  // namespace

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

}  // namespace paramcount
