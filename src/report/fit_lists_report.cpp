#include "report/fit_lists_report.hpp"

#include <algorithm>
#include <cmath>

#include "base/numbers.hpp"
#include "base/text.hpp"
#include "report/family_line.hpp"
#include "report/figures.hpp"
#include "report/fit_report.hpp"
#include "report/fit_speed_report.hpp"
#include "report/memory_report.hpp"
#include "report/tables.hpp"
#include "report/tree.hpp"

namespace paramcount {
namespace {

/// Rows of a page without --all; JSON has them all.
constexpr std::size_t kMostShown = 24;

constexpr const char* kLayout = "the fewest devices of a layout that the runtime can build";
constexpr const char* kTogether = "weights + KV cache + buffers and runtime";
constexpr const char* kSpare = "usable − together";

std::string id_of(const Device& device) { return device.id.empty() ? device.name : device.id; }

void tell_machine(const Machine& machine, Tree& tree) {
  const auto row = tree.group("");
  tree.text("device", "device", id_of(*machine.device));
  tree.text("name", "device", machine.device->name);
  tree.leaf("ok", "fits", machine.fit.has_value());
  if (machine.fit) {
    const Fit& fit = *machine.fit;
    tree.leaf("devices", "devices", fit.layout.devices(), "tp × pp", kLayout);
    tree.leaf("tp", "tensor parallel", fit.layout.tensor, {}, kLayout);
    tree.leaf("pp", "pipeline parallel", fit.layout.pipeline, {}, kLayout);
    tree.leaf("ep", "expert parallel", fit.layout.expert, {}, kLayout);
    tree.text("runtime", "runtime", fit.runtime.id);
    tree.text("dtype", "number format", fit.dtype);
    tree.leaf("weights_bytes", "weights on the fullest device", fit.weights, {},
              std::string(fit.runtime.profile->serving.source), fit.formats_exact ? Said::counted : Said::estimated);
    tree.leaf("together_bytes", "on the fullest device", fit.together(), kTogether, {}, Said::estimated);
    tree.leaf("usable_bytes", "usable", fit.usable, {}, std::string(fit.runtime.profile->serving.source));
    tree.leaf("spare_bytes", "spare", Measure(fit.spare(), Unit::bytes), kSpare, {}, Said::estimated);
    tree.leaf("max_context", "longest context", fit.max_context, kLongestThatFits, {}, Said::estimated);
    tree.leaf("max_batch", "most sequences", fit.max_batch, kMostThatFit, {}, Said::estimated);
    tell_speed_briefly(fit, tree, true);
    if (machine.price) {
      tree.leaf("usd_per_hour", "price of all", *machine.price, {}, "on-demand quotes, median", Said::assumed);
    }
  }
  if (!machine.why.empty()) tree.text("why", "why fewer do not do", machine.why);
}

Row machines_tree(const MachinesAnswer& answer) {
  Row object = Row::group("");
  object.add(Row::leaf("id", "id", printable(answer.model.id)));
  object.add(Row::leaf("name", "name", printable(answer.model.name)));
  tell_family(answer.inventory, object);
  Row& row = object.add(Row::group("fit", "fit"));
  RowTree tree(row);
  tree.leaf("ok", "fits", answer.ok());
  tree.leaf("context", "context", answer.context.value, {}, "--context", said_of(answer.context.origin));
  tree.leaf("batch", "sequences", answer.cache.sequences, {}, "--batch");
  tree.text("kv_dtype", "format of the cache", cache_dtype(answer.cache));
  const auto list = tree.list("machines", "machines");
  for (const auto& machine : answer.machines) tell_machine(machine, tree);
  return object;
}

Page machines_page(const MachinesAnswer& answer, const Row& object, const FigureStyle& style, bool all) {
  const Figures figures(object, style);
  Page page;
  page.title = {"Machines for " + printable(answer.model.name), Style::strong, "name"};
  page.aside = {grouped(answer.cache.sequences) + " × " + grouped(answer.context.value) + " tokens, " +
                cache_dtype(answer.cache) + " cache"};
  std::string format;
  for (const auto& machine : answer.machines) {
    if (!machine.fit || machine.fit->dtype == format) continue;
    format = format.empty() ? machine.fit->dtype : "several";
    if (format == "several") break;
  }
  const bool several_formats = format == "several";
  PageTable table = own_table((several_formats ? "Devices, " : printable(format) + ", ") + byte_unit(style));
  if (several_formats) table.head.cells.push_back({"format"});
  for (const char* head : {"layout", "spare", "users", "tokens/s", "$/h"}) table.head.cells.push_back({head});
  std::vector<const Machine*> none;
  for (std::size_t i = 0; i < answer.machines.size(); ++i) {
    const Machine& machine = answer.machines[i];
    if (!machine.fit) {
      none.push_back(&machine);
      continue;
    }
    if (!all && table.lines.size() >= kMostShown) continue;
    const std::string key = "fit.machines." + std::to_string(i) + ".";
    const Fit& fit = *machine.fit;
    Line line{{grouped(fit.layout.devices()) + " × " + printable(machine.device->name), Style::plain,
               key + "devices " + key + "device"},
              {}};
    if (several_formats) line.cells.push_back({printable(fit.dtype), Style::plain, key + "dtype"});
    line.cells.push_back({fit.layout.devices() == 1 ? "" : layout_text(fit.layout), Style::plain, key + "tp"});
    line.cells.push_back(figures.gibibytes(key + "spare_bytes", 1));
    line.cells.push_back(figures.cell(key + "max_batch"));
    line.cells.push_back(fit.speed ? figures.cell(key + "tokens_per_second") : Cell{kNone});
    line.cells.push_back(machine.price ? figures.rounded(key + "usd_per_hour", fixed(machine.price->value, 2))
                                       : Cell{kNone});
    table.lines.push_back(std::move(line));
  }
  const std::size_t held = answer.machines.size() - none.size();
  const std::size_t shown = table.lines.size();
  page.tables.push_back(std::move(table));
  add_family_notes(answer.inventory, page.notes);
  if (held > shown) {
    page.notes.push_back({"", grouped(held - shown) + " more kinds of devices fit it: --all", Note::Weight::answer});
  }
  std::string fewer;
  for (std::size_t i = 0; i < std::min<std::size_t>(held, 6); ++i) {
    if (!answer.machines[i].why.empty()) fewer += (fewer.empty() ? "" : "; ") + answer.machines[i].why;
  }
  if (!fewer.empty()) page.notes.push_back({"not", fewer + "; and so on."});
  if (!none.empty()) {
    page.notes.push_back({"", grouped(none.size()) + " kinds of devices do not fit it in any number tried."});
  }
  page.notes.push_back({"devices",
                        "the fewest that a runtime can build: tp divides heads and blocks, 1, 2, 4 ... of a "
                        "machine, then whole machines; llama.cpp on consumer devices, else vllm.",
                        Note::Weight::basis});
  page.notes.push_back(
      {"users", "sequences of " + grouped(answer.context.value) + " tokens that fit at once.", Note::Weight::basis});
  page.notes.push_back(
      {"tokens/s", "per user, " + grouped(answer.cache.sequences) +
                       " at once; a request has 512 tokens in and 128 out unless --prompt and --generate change it."});
  page.notes.push_back(
      {"$/h", "for all devices: the median of dated on-demand quotes, where there is one.", Note::Weight::basis});
  return page;
}

}  // namespace

Report machines_report(const std::vector<MachinesAnswer>& answers, const ReportOptions& wanted, bool all) {
  Report report;
  report.records = "fit.machines";
  for (const auto& answer : answers) {
    report.models.push_back(machines_tree(answer));
  }
  if (!wanted.pages) return report;
  for (std::size_t i = 0; i < answers.size(); ++i) {
    report.pages.push_back(machines_page(answers[i], report.models[i], wanted.style, all));
  }
  return report;
}

Report models_report(const ModelsAnswer& answer, const ReportOptions& wanted, bool all) {
  Report report;
  report.collection.clear();
  report.records = "models";
  Row& fit_row = report.extras.emplace_back(Row::group("fit", "fit"));
  RowTree tree(fit_row);
  tree.leaf("ok", "fits", answer.ok());
  tree.text("device", "device", id_of(*answer.device));
  tree.text("device_name", "device", answer.device->name);
  tree.leaf("devices", "devices", answer.models.empty() ? 1 : answer.models.front().fit.layout.devices(), {},
            "--devices");
  tree.leaf("memory_bytes", "memory of a device", answer.device->gpu_memory(), {}, printable(answer.device->source));
  {
    const auto list = tree.list("models", "models");
    for (const auto& model : answer.models) {
      const auto row = tree.group("");
      const Fit& fit = model.fit;
      tree.text("id", "id", model.id);
      tree.text("name", "name", model.name);
      tree.leaf("params", "parameters", Params{model.params}, {}, "paramcount " + model.id);
      tree.text("dtype", "number format", fit.dtype);
      tree.text("runtime", "runtime", fit.runtime.id);
      tree.leaf("ok", "fits", fit.ok);
      tree.leaf("weights_bytes", "weights", fit.weights, {}, std::string(fit.runtime.profile->serving.source),
                fit.formats_exact ? Said::counted : Said::estimated);
      tree.leaf("total_bytes", "weights, cache and buffers", fit.together(), kTogether, {}, Said::estimated);
      tree.leaf("spare_bytes", "spare", Measure(fit.spare(), Unit::bytes), kSpare, {}, Said::estimated);
      tree.leaf("max_context", "longest context", fit.max_context, kLongestThatFits, {}, Said::estimated);
      tell_speed_briefly(fit, tree, false);
    }
  }
  if (!wanted.pages) return report;
  const auto& style = wanted.style;
  const Figures figures(fit_row, style, "fit.");
  Page& page = report.pages.emplace_back();
  const auto fitting = static_cast<std::size_t>(
      std::count_if(answer.models.begin(), answer.models.end(), [](const RunnableModel& one) { return one.fit.ok; }));
  const auto devices = answer.models.empty() ? 1 : answer.models.front().fit.layout.devices();
  page.title = {"What fits " + (devices == 1 ? std::string("one ") : grouped(devices) + " × ") +
                    printable(answer.device->name) + ", " +
                    in_byte_unit(static_cast<double>(answer.device->gpu_memory().value), 1, style) + " " +
                    byte_unit(style) + (devices == 1 ? "" : " each"),
                Style::strong, "fit.device"};
  page.aside = {grouped(fitting) + " of " + grouped(answer.models.size()) + " models"};
  PageTable table = own_table("Model, " + byte_unit(style),
                              {{"params"}, {"format"}, {"together"}, {"spare"}, {"tokens/s"}, {"context"}});
  for (std::size_t i = 0; i < answer.models.size(); ++i) {
    const auto& model = answer.models[i];
    if (!model.fit.ok || (!all && table.lines.size() >= kMostShown)) continue;
    const std::string key = "models." + std::to_string(i) + ".";
    Line line{{printable(model.name), Style::plain, "fit." + key + "name"},
              cells_of(figures.count(key + "params"),
                       Cell{printable(model.fit.dtype), Style::plain, "fit." + key + "dtype"})};
    line.cells.push_back(figures.gibibytes(key + "total_bytes", 1));
    line.cells.push_back(figures.gibibytes(key + "spare_bytes", 1));
    line.cells.push_back(model.fit.speed ? figures.cell(key + "tokens_per_second") : Cell{kNone});
    line.cells.push_back(model.fit.max_context == kEndlessContext ? figures.dressed(key + "max_context", "no end")
                                                                  : figures.cell(key + "max_context"));
    table.lines.push_back(std::move(line));
  }
  const std::size_t shown = table.lines.size();
  page.tables.push_back(std::move(table));
  if (fitting > shown) {
    page.notes.push_back(
        {"", grouped(fitting - shown) + " more fit: --all lists them; --min, --max, --family and --sort select.",
         Note::Weight::answer});
  }
  if (answer.sort == kUsualSort && shown > 1) {
    page.notes.push_back(
        {"order",
         "by year, newest first and undated last, then by size; models that fill less than a quarter of the device, "
         "or fit only below 4 bits per weight, come after these."});
  }
  const std::string context =
      answer.context ? grouped(*answer.context) + ", or at the model's maximum," : "min(8,192, the model's)";
  page.notes.push_back({"format", "the most bits that fit at " + context + " tokens × " +
                                      grouped(answer.cache.sequences) + "; no ranking by quality."});
  page.notes.push_back(
      {"tokens/s", "per user, " + grouped(answer.cache.sequences) +
                       " at once; a request has 512 tokens in and 128 out unless --prompt and --generate change it."});
  if (fitting < answer.models.size()) {
    page.notes.push_back({"", grouped(answer.models.size() - fitting) + " models do not fit in any format tried."});
  }
  if (answer.left_out > 0) {
    page.notes.push_back({"", grouped(answer.left_out) +
                                  " models that generate no text, or that the runtime cannot load, are left out."});
  }
  return report;
}

}  // namespace paramcount
