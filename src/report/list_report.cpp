#include "report/list_report.hpp"

#include <algorithm>
#include <cmath>

#include "base/numbers.hpp"
#include "base/text.hpp"
#include "paramcount/catalog/model.hpp"
#include "report/figures.hpp"

namespace paramcount {
namespace {

PageTable table_of(const std::vector<std::string>& headings) {
  PageTable table;
  table.folds = true;
  table.head.label = {headings[0], Style::strong};
  for (std::size_t i = 1; i < headings.size(); ++i) table.head.cells.push_back({headings[i], Style::strong});
  return table;
}

std::string or_none(std::string_view text) { return text.empty() ? kNone : std::string(text); }

}  // namespace

namespace {

std::string_view group_of(const ListedModel& model, ListBy by) {
  switch (by) {
    case ListBy::lab:
      return model.lab.view();
    case ListBy::family:
      return model.family.view();
    case ListBy::licence:
      return model.licence.view();
    case ListBy::modality:
      return model.modality.view();
    case ListBy::nothing:
      break;
  }
  return {};
}

/// By group, in natural order, those without one last; within a group as they come.
void sort_groups(std::vector<ListedModel>& models, ListBy by) {
  std::stable_sort(models.begin(), models.end(), [&](const ListedModel& a, const ListedModel& b) {
    const auto left = group_of(a, by);
    const auto right = group_of(b, by);
    if (left.empty() || right.empty()) return right.empty() && !left.empty();
    return natural_less(lower(left), lower(right));
  });
}

Value or_null(const Label& text) { return text.empty() ? Value{} : Value(text.view()); }

/// The fact as a table shows it.
std::string with_mark(std::string fact, std::string_view unverified, std::string_view key) {
  if (fact != kNone && marks_unverified(unverified, key)) fact += " unverified";
  return fact;
}

/// Which of these keys are marked; nothing is told where none is.
void tell_unverified(Row& row, std::string_view unverified) {
  if (unverified.empty()) return;
  Row& list = row.add(Row::list("unverified", "facts whose source was not opened"));
  for (const auto key : split(unverified, ',')) list.add(Row::leaf("", "", std::string(key)));
}

}  // namespace

Report list_models_report(std::vector<ListedModel> models, ListBy by, std::size_t undated, ReportOptions wanted) {
  Report report;
  if (by != ListBy::nothing) sort_groups(models, by);
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
  const auto new_table = [&](const std::string& heading) {
    return table_of({heading, "parameters", "active", "context", "released", "family"});
  };
  Page& page = report.pages.emplace_back();
  page.heading = "Models";
  PageTable table = new_table("  id");
  if (by == ListBy::nothing) table.lines.reserve(models.size());
  std::string_view group;
  for (const auto& model : models) {
    if (const auto own = group_of(model, by); by != ListBy::nothing && (table.lines.empty() || own != group)) {
      if (!table.lines.empty()) page.tables.push_back(std::move(table));
      table = new_table(or_none(own));
      group = own;
    }
    Line& line = table.lines.emplace_back();
    line.label.text = model.id.text();
    line.cells.reserve(5);
    const bool disclosed = !model.family.empty();
    const auto marks = model.unverified.view();
    const std::string_view sizes = marks_unverified(marks, "dims") ? "dims" : "config";
    const auto cell = [&](std::string text) { line.cells.emplace_back().text = std::move(text); };
    cell(disclosed ? with_mark(scaled(static_cast<double>(model.total)), marks, sizes) : "not disclosed");
    if (!disclosed) line.cells.back().style = Style::dim;
    cell(disclosed && model.active != model.total ? scaled(static_cast<double>(model.active)) : kNone);
    cell(model.context > 0 ? grouped(model.context) : kNone);
    cell(with_mark(or_none(model.released), marks, "released"));
    cell(or_none(model.family));
  }
  page.tables.push_back(std::move(table));
  if (undated > 0)
    page.notes.push_back({"--since", grouped(undated) + " more have no day of release and are left out."});
  return report;
}

namespace {

/// How a device is joined to others, and to its memory.
void add_joining(Row& row, const Device& device) {
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
    if (size.bandwidth > 0) {
      one.add(Row::leaf("bandwidth_bytes_per_s", "bandwidth", {size.bandwidth, Unit::bytes_per_s}));
    }
    one.add(Row::leaf("gpu_share", "share of the memory for the GPU", size.gpu_share));
    sizes.add(std::move(one));
  }
}

}  // namespace

Report list_devices_report(const std::vector<Device>& devices, const FigureStyle& style) {
  Report report;
  report.collection = "devices";
  PageTable table =
      table_of({"  id", "memory " + byte_units(style).back(), "GB/s", "TFLOP/s", "W", "$/h", "link", "name"});
  for (const auto& device : devices) {
    Row row = Row::group("");
    row.add(Row::leaf("id", "id", device.id));
    row.add(Row::leaf("name", "name", device.name));
    if (device.memory.value > 0) row.add(Row::leaf("memory_bytes", "memory", device.memory));
    if (device.bandwidth > 0)
      row.add(Row::leaf("bandwidth_bytes_per_s", "bandwidth", {device.bandwidth, Unit::bytes_per_s}));
    Row& peaks = row.add(Row::group("peak_flops_per_s", "dense peak"));
    for (const auto& [dtype, speed] : device.peak) peaks.add(Row::leaf(dtype, dtype, speed.value));
    if (device.power.value > 0) row.add(Row::leaf("watts", "watts", device.power.value));
    add_joining(row, device);
    Row& prices = row.add(Row::list("prices", "prices"));
    double least = 0;
    double most = 0;
    for (const auto& quote : device.prices) {
      Row price = Row::group("");
      price.add(Row::leaf("usd_per_hour", "price", quote.price.value));
      price.add(Row::leaf("pricing", "pricing", quote.pricing.view()));
      price.add(Row::leaf("provider", "provider", quote.provider.view()));
      price.add(Row::leaf("as_of", "as of", quote.as_of.view()));
      prices.add(std::move(price));
      least = least == 0 ? quote.price.value : std::min(least, quote.price.value);
      most = std::max(most, quote.price.value);
    }
    row.add(Row::leaf("source", "source", device.source));
    tell_unverified(row, device.unverified);
    report.models.push_back(std::move(row));
    auto peak = device.peak_for("bf16");
    if (!peak) peak = device.peak_for("fp16");
    Line line{{device.id}, {}};
    const auto cell = [&](std::string text, std::string_view key) {
      line.cells.push_back({with_mark(std::move(text), device.unverified, key)});
    };
    cell(device.memory.value > 0 ? byte_texts(device.memory, style).back() : kNone, "memory_bytes");
    cell(device.bandwidth > 0 ? fixed(device.bandwidth / 1e9, 0) : kNone, "bandwidth_bytes_per_s");
    cell(peak ? significant(peak->value / 1e12, 3) : kNone, "peak_flops");
    cell(device.power.value > 0 ? fixed(device.power.value, 0) : kNone, "watts");
    cell(most == 0 ? kNone : fixed(least, 2) + (most > least ? "–" + fixed(most, 2) : ""), "prices");
    cell(or_none(device.link), "link");
    line.cells.push_back({device.name});
    table.lines.push_back(std::move(line));
  }
  Page& page = report.pages.emplace_back();
  page.heading = "Devices";
  page.tables.push_back(std::move(table));
  page.notes.push_back({"TFLOP/s", "dense, bf16 or fp16. $/h: the range of dated quotes; --format json names each."});
  page.notes.push_back(
      {"memory", "as the driver reports it where that is known; unified memory: the largest size sold."});
  page.notes.push_back(
      {"--device",
       "takes ids and what people say: 'RTX 4090', 2x4090 (two), m4-max:64GB (a size), here (this machine's), "
       "memory=48GiB,bandwidth=864GB/s (written out)."});
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
  return or_none(text);
}

Row dtype_tree(const Dtype& dtype) {
  Row row = Row::group("");
  row.add(Row::leaf("id", "id", dtype.id));
  row.add(Row::leaf("name", "name", dtype.name));
  Row& aliases = row.add(Row::list("aliases", "aliases"));
  for (const auto& alias : dtype.aliases) aliases.add(Row::leaf("", "", alias));
  row.add(
      Row::leaf("bits", "bits of an element", static_cast<double>(dtype.bits) / static_cast<double>(dtype.elements)));
  row.add(Row::leaf("scales", "bits of scales", scales_text(dtype)));
  row.add(Row::leaf("bits_per_weight", "bits per weight", dtype.bits_per_weight()));
  Row& leaves = row.add(Row::list("leaves", "leaves alone"));
  for (const auto kind : dtype.leaves) leaves.add(Row::leaf("", "", std::string(name_of(kind))));
  if (!dtype.rest.empty()) row.add(Row::leaf("rest", "what is left alone is in", dtype.rest));
  if (dtype.ggml_block > 0) row.add(Row::leaf("gguf_block", "block in GGUF files", count_value(dtype.ggml_block)));
  row.add(Row::leaf("gguf_only", "a block type of GGUF files", dtype.gguf_only));
  row.add(Row::leaf("source", "source", dtype.source));
  return row;
}

Row file_type_tree(const FileType& type) {
  Row row = Row::group("");
  row.add(Row::leaf("id", "id", type.id));
  Row& aliases = row.add(Row::list("aliases", "aliases"));
  for (const auto& alias : type.aliases) aliases.add(Row::leaf("", "", alias));
  row.add(Row::leaf("number", "general.file_type", count_value(type.number)));
  row.add(Row::leaf("type", "of most tensors", type.type));
  if (type.perplexity) {
    row.add(Row::leaf("perplexity_more", "perplexity added", type.perplexity->more));
    row.add(Row::leaf("perplexity_model", "to that of", type.perplexity->model));
    row.add(Row::leaf("perplexity_source", "source", type.perplexity->source));
  }
  row.add(Row::leaf("source", "source", type.source));
  return row;
}

PageTable dtypes_table(const std::string& heading, const std::vector<Dtype>& dtypes, bool gguf_only) {
  PageTable table = table_of({heading, "bits per weight", "scales, bits"});
  table.own_grid = true;
  for (const auto& dtype : dtypes) {
    if (dtype.gguf_only != gguf_only) continue;
    Line line{{dtype.id}, {{significant(dtype.bits_per_weight(), 5)}, {scales_text(dtype)}}};
    line.remark = {gguf_only ? "" : dtype.name, Style::dim};
    table.lines.push_back(std::move(line));
  }
  return table;
}

}  // namespace

Report list_dtypes_report(const std::vector<Dtype>& dtypes, const std::vector<FileType>& file_types) {
  Report report;
  report.collection = "dtypes";
  for (const auto& dtype : dtypes) report.models.push_back(dtype_tree(dtype));
  Row& types = report.extras.emplace_back(Row::list("file_types", "llama.cpp file types"));
  for (const auto& type : file_types) types.add(file_type_tree(type));

  Page& page = report.pages.emplace_back();
  page.heading = "Number formats";
  page.tables.push_back(dtypes_table("Number formats", dtypes, false));
  PageTable files = table_of({"llama.cpp file types", "most tensors", "perplexity"});
  files.own_grid = true;
  for (const auto& type : file_types) {
    std::string cost = kNone;
    if (type.perplexity) cost = (type.perplexity->more < 0 ? "-" : "+") + fixed(std::fabs(type.perplexity->more), 4);
    Line line{{type.id}, {{type.type}, {cost}}};
    if (type.perplexity) line.remark = {type.perplexity->model, Style::dim};
    files.lines.push_back(std::move(line));
  }
  page.tables.push_back(std::move(files));
  page.tables.push_back(dtypes_table("GGUF block types", dtypes, true));
  std::erase_if(page.tables, [](const PageTable& table) { return table.lines.empty(); });
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
  Page& page = report.pages.emplace_back();
  page.heading = "Families";
  page.tables.push_back(std::move(table));
  return report;
}

}  // namespace paramcount
