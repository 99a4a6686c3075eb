#include "report/list_report.hpp"

#include <algorithm>

#include "base/numbers.hpp"
#include "base/text.hpp"

namespace paramcount {
namespace {

const std::string kNone = "–";

PageTable table_of(const std::vector<std::string>& headings) {
  PageTable table;
  table.folds = true;
  table.head.label = {headings[0], Style::strong};
  for (std::size_t i = 1; i < headings.size(); ++i) table.head.cells.push_back({headings[i], Style::strong});
  return table;
}

std::string or_none(std::string text) { return text.empty() ? kNone : text; }

}  // namespace

Report list_models_report(const std::vector<ListedModel>& models, bool tree) {
  Report report;
  if (tree) {
    for (const auto& model : models) {
      Row row = Row::group("");
      row.add(Row::leaf("id", "id", model.id));
      row.add(Row::leaf("name", "name", model.name));
      row.add(Row::leaf("disclosed", "disclosed", !model.family.empty()));
      if (!model.family.empty()) {
        row.add(Row::leaf("family", "family", model.family));
        Row& params = row.add(Row::group("params", "parameters"));
        params.add(Row::leaf("total", "parameters", count_value(model.total)));
        params.add(Row::leaf("active", "active", count_value(model.active)));
        row.add(Row::leaf("context", "context", model.context > 0 ? count_value(model.context) : Value{}));
      }
      row.add(Row::leaf("released", "released", model.released.empty() ? Value{} : Value(model.released)));
      report.models.push_back(std::move(row));
    }
    return report;
  }
  PageTable table = table_of({"  id", "parameters", "active", "context", "released", "family"});
  table.lines.reserve(models.size());
  for (const auto& model : models) {
    Line line{{model.id}, {}};
    line.cells.reserve(5);
    const bool disclosed = !model.family.empty();
    line.cells.push_back(disclosed ? Cell{scaled(static_cast<double>(model.total))}
                                   : Cell{"not disclosed", Style::dim});
    line.cells.push_back(
        {disclosed && model.active != model.total ? scaled(static_cast<double>(model.active)) : kNone});
    line.cells.push_back({model.context > 0 ? grouped(model.context) : kNone});
    line.cells.push_back({or_none(model.released)});
    line.cells.push_back({or_none(model.family)});
    table.lines.push_back(std::move(line));
  }
  report.pages.emplace_back().tables.push_back(std::move(table));
  return report;
}

Report list_devices_report(const std::vector<Device>& devices) {
  Report report;
  report.collection = "devices";
  PageTable table = table_of({"  id", "memory", "GB/s", "TFLOP/s", "W", "$/h", "name"});
  for (const auto& device : devices) {
    Row row = Row::group("");
    row.add(Row::leaf("id", "id", device.id));
    row.add(Row::leaf("name", "name", device.name));
    if (device.memory.value > 0) row.add(Row::leaf("memory_bytes", "memory", count_value(device.memory.value)));
    if (device.bandwidth > 0) row.add(Row::leaf("bandwidth_bytes_per_s", "bandwidth", device.bandwidth));
    Row& peaks = row.add(Row::group("peak_flops_per_s", "dense peak"));
    for (const auto& [dtype, speed] : device.peak) peaks.add(Row::leaf(dtype, dtype, speed.value));
    if (device.power.value > 0) row.add(Row::leaf("watts", "watts", device.power.value));
    Row& prices = row.add(Row::list("prices", "prices"));
    double least = 0;
    double most = 0;
    for (const auto& quote : device.prices) {
      Row price = Row::group("");
      price.add(Row::leaf("usd_per_hour", "price", quote.price.value));
      price.add(Row::leaf("pricing", "pricing", quote.pricing));
      price.add(Row::leaf("provider", "provider", quote.provider));
      price.add(Row::leaf("as_of", "as of", quote.as_of));
      prices.add(std::move(price));
      least = least == 0 ? quote.price.value : std::min(least, quote.price.value);
      most = std::max(most, quote.price.value);
    }
    row.add(Row::leaf("source", "source", device.source));
    report.models.push_back(std::move(row));
    auto peak = device.peak_for("bf16");
    if (!peak) peak = device.peak_for("fp16");
    Line line{{device.id}, {}};
    line.cells.push_back({or_none(device.memory_label)});
    line.cells.push_back({device.bandwidth > 0 ? fixed(device.bandwidth / 1e9, 0) : kNone});
    line.cells.push_back({peak ? significant(peak->value / 1e12, 3) : kNone});
    line.cells.push_back({device.power.value > 0 ? fixed(device.power.value, 0) : kNone});
    line.cells.push_back({most == 0 ? kNone : fixed(least, 2) + (most > least ? "–" + fixed(most, 2) : "")});
    line.cells.push_back({device.name});
    table.lines.push_back(std::move(line));
  }
  Page& page = report.pages.emplace_back();
  page.tables.push_back(std::move(table));
  page.notes.push_back({"TFLOP/s", "dense, bf16 or fp16. $/h: the range of dated quotes; --format json names each."});
  return report;
}

Report list_dtypes_report(const std::vector<Dtype>& dtypes) {
  Report report;
  report.collection = "dtypes";
  PageTable table = table_of({"  id", "bits", "per weight", "block"});
  for (const auto& dtype : dtypes) {
    Row row = Row::group("");
    row.add(Row::leaf("id", "id", dtype.id));
    row.add(Row::leaf("name", "name", dtype.name));
    Row& aliases = row.add(Row::list("aliases", "aliases"));
    for (const auto& alias : dtype.aliases) aliases.add(Row::leaf("", "", alias));
    row.add(Row::leaf("bits", "bits of an element", count_value(dtype.bits)));
    row.add(Row::leaf("bits_per_weight", "bits per weight", dtype.bits_per_weight()));
    row.add(Row::leaf("source", "source", dtype.source));
    report.models.push_back(std::move(row));
    Line line{{dtype.id}, {{std::to_string(dtype.bits)}, {shortest(dtype.bits_per_weight())}}};
    line.remark = {dtype.name, Style::dim};
    table.lines.push_back(std::move(line));
  }
  report.pages.emplace_back().tables.push_back(std::move(table));
  return report;
}

Report list_families_report(const std::vector<ListedFamily>& families) {
  Report report;
  report.collection = "families";
  PageTable table = table_of({"  id"});
  for (const auto& family : families) {
    Row row = Row::group("");
    row.add(Row::leaf("id", "id", family.id));
    row.add(Row::leaf("title", "title", family.title));
    Row& types = row.add(Row::list("model_types", "model types"));
    for (const auto& type : family.model_types) types.add(Row::leaf("", "", type));
    report.models.push_back(std::move(row));
    Line line{{family.id}, {}};
    line.remark = {family.title, Style::dim};
    table.lines.push_back(std::move(line));
  }
  report.pages.emplace_back().tables.push_back(std::move(table));
  return report;
}

}  // namespace paramcount
