#include "report/fit_report.hpp"

#include <algorithm>
#include <cmath>

#include "base/numbers.hpp"
#include "base/text.hpp"
#include "estimate/fitting.hpp"
#include "report/family_line.hpp"
#include "report/figures.hpp"
#include "report/fit_speed_report.hpp"
#include "report/media_report.hpp"
#include "report/memory_report.hpp"
#include "report/tables.hpp"

namespace paramcount {
namespace {

/// "12.3 GiB", without a sign.
std::string gib(double bytes, const FigureStyle& style) {
  const double size = std::abs(bytes);
  return in_byte_unit(size, size < 9.95 * 0x1p30 ? 2 : 1, style) + " " + byte_unit(style);
}

/// "fits, ~12.3 GiB to spare", "does not fit, ~3.2 GiB too much".
Cell verdict(const FitAnswer& answer, const FigureStyle& style) {
  const Fit& fit = answer.fits[answer.best];
  const std::string keys = "fit.ok fit.spare_bytes";
  const std::string format = answer.ladder ? fit.dtype + " " : "";
  if (!fit.problem.empty()) return {"cannot be built", Style::bad, "fit.ok"};
  const std::string mark = fit.overhead_low == fit.overhead_high && fit.formats_exact ? "" : "~";
  const std::string amount = mark + gib(static_cast<double>(fit.spare()), style);
  if (fit.ok && fit.speed && !fit.speed->enough) return {format + "fits, too slow", Style::bad, "fit.speed.enough"};
  if (fit.ok) return {format + "fits, " + amount + " to spare", Style::good, keys};
  if (fit.spare() >= 0) return {"does not fit in host memory", Style::bad, keys};
  return {(answer.ladder ? "nothing fits, " + fit.dtype + " lacks " : "does not fit, lacks ") + amount, Style::bad,
          keys};
}

Line byte_line(const Figures& figures, const std::string& key, const std::string& label, Bytes low, Bytes high) {
  Line line = figures.bytes_line(key, label);
  if (low != high) line.remark = {range_text(low, high, figures.style()), Style::dim, key + "_low " + key + "_high"};
  return line;
}

Line signed_line(const Figures& figures, const Fit& fit) {
  const auto spare = fit.spare();
  Line line = figures.bytes_line("fit.spare_bytes", spare < 0 ? "lacking" : "spare");
  for (auto& cell : line.cells) cell.style = fit.spare() < 0 ? Style::bad : Style::good;
  return line;
}

std::string share_text(double share) { return shortest(share); }

PageTable memory_table(const FitAnswer& answer, const Figures& figures) {
  const Fit& fit = answer.fits[answer.best];
  PageTable table;
  table.head = {{fit.layout.devices() > 1 ? "Memory of the fullest device" : "Memory", Style::strong},
                figures.byte_heads()};
  table.lines.push_back(
      byte_line(figures, "fit.weights_bytes", "weights, " + printable(fit.dtype), fit.weights_low, fit.weights_high));
  table.lines.push_back(byte_line(figures, "fit.kv_cache_bytes",
                                  "KV cache, " + cache_dtype(answer.cache) + ", " + grouped(answer.context.value) +
                                      " × " + grouped(answer.cache.sequences),
                                  fit.cache, fit.cache));
  for (std::size_t i = 0; i < fit.overheads.size(); ++i) {
    const auto& part = fit.overheads[i];
    table.lines.push_back(byte_line(figures, "fit.overheads." + std::to_string(i) + ".bytes", std::string(part.label),
                                    part.low, part.high));
  }
  table.lines.push_back(figures.bytes_line("fit.together_bytes"));
  const bool whole = fit.utilization == 1 && fit.usable == fit.memory;
  std::string usable = "usable";
  if (!whole) {
    usable += fit.runtime.profile->serving.of_free ? ", " + share_text(fit.utilization) + " of the rest for the cache"
                                                   : ", " + share_text(fit.utilization) + " of " +
                                                         gib(static_cast<double>(fit.memory.value), figures.style());
  }
  table.lines.push_back(figures.bytes_line("fit.usable_bytes", usable));
  table.lines.push_back(signed_line(figures, fit));
  if (fit.split && fit.host.value > 0) {
    table.lines.push_back(figures.bytes_line("fit.host_bytes", "in host memory"));
  }
  return table;
}

PageTable reach_table(const FitAnswer& answer, const Figures& figures) {
  const Fit& fit = answer.fits[answer.best];
  PageTable table = own_table("Room", {{""}});
  const std::string sequences =
      answer.cache.sequences == 1 ? "" : ", " + grouped(answer.cache.sequences) + " sequences";
  const auto or_none = [](Line line, std::uint64_t value) {
    if (value == 0) line.cells = {{kNone}};
    return line;
  };
  Line context = or_none(figures.line("fit.max_context", "longest context" + sequences), fit.max_context);
  if (fit.context_is_models) context.remark = {"the model's maximum", Style::dim};
  if (fit.max_context == kEndlessContext) {
    context.cells = {figures.dressed("fit.max_context", "no end")};
    context.remark = {};
  }
  table.lines.push_back(std::move(context));
  if (fit.cache.value > 0) {
    table.lines.push_back(
        or_none(figures.line("fit.max_batch", "most sequences of " + grouped(answer.context.value)), fit.max_batch));
  }
  if (fit.room && fit.room->concurrency > 0) {
    table.lines.push_back(figures.line("fit.kv_cache_tokens", "KV cache size, tokens"));
    if (fit.room->tokens_before > 0) {
      table.lines.push_back(figures.line("fit.kv_cache_tokens_before_0_22", "  as printed before vLLM 0.22"));
    }
    Cell times = figures.rounded("fit.max_concurrency", fixed(fit.room->concurrency, 2));
    times.text += " ×";
    table.lines.push_back({{"maximum concurrency"}, {std::move(times)}});
  }
  if (fit.split && fit.split->gpu_layers <= fit.layers &&
      (fit.split->gpu_layers < fit.layers || fit.split->cpu_experts > 0)) {
    Line layers = figures.line("fit.gpu_layers", "layers on the device (-ngl)");
    layers.remark = {"of " + grouped(fit.layers), Style::dim, "fit.layers"};
    table.lines.push_back(std::move(layers));
    if (fit.split->cpu_experts > 0) {
      table.lines.push_back(figures.line("fit.cpu_moe_layers", "experts in host memory (--n-cpu-moe)"));
    }
  }
  return table;
}

PageTable ladder_table(const FitAnswer& answer, const Figures& figures) {
  const bool half =
      std::any_of(answer.fits.begin(), answer.fits.end(), [](const Fit& f) { return f.max_context_half.has_value(); });
  const bool rated =
      std::any_of(answer.fits.begin(), answer.fits.end(), [](const Fit& f) { return f.perplexity.has_value(); });
  const bool fast =
      std::any_of(answer.fits.begin(), answer.fits.end(), [](const Fit& f) { return f.speed.has_value(); });
  const std::string unit = byte_unit(figures.style());
  PageTable table = own_table("Format, " + unit, {{"weights"}, {"spare"}, {"context"}});
  if (half) {
    std::string name;
    for (const auto& fit : answer.fits) {
      if (name.empty()) name = fit.half_dtype;
    }
    table.head.cells.push_back({"at " + name});
  }
  if (fast) table.head.cells.push_back({"tokens/s"});
  if (rated) table.head.cells.push_back({"ppl"});
  for (std::size_t i = 0; i < answer.fits.size(); ++i) {
    const Fit& fit = answer.fits[i];
    const std::string key = "fit.ladder." + std::to_string(i) + ".";
    Line line{{printable(fit.dtype), fit.ok ? Style::plain : Style::dim, key + "dtype"}, {}};
    if (!fit.problem.empty()) {
      line.remark = {fit.problem, Style::dim, key + "problem"};
      table.lines.push_back(std::move(line));
      continue;
    }
    line.cells.push_back(figures.gibibytes(key + "weights_bytes", 2));
    line.cells.push_back(figures.gibibytes(key + "spare_bytes", 2));
    line.cells.back().style = fit.spare() < 0 ? Style::bad : Style::good;
    const auto reach = [&](std::uint64_t tokens, const std::string& of) {
      if (tokens == 0) return Cell{kNone};
      return tokens == kEndlessContext ? figures.dressed(key + of, "no end") : figures.cell(key + of);
    };
    line.cells.push_back(reach(fit.max_context, "max_context"));
    if (half) {
      line.cells.push_back(reach(fit.max_context_half.value_or(0), "max_context_" + fit.half_dtype));
    }
    if (fast) line.cells.push_back(fit.speed ? figures.cell(key + "tokens_per_second") : Cell{kNone});
    if (rated) {
      line.cells.push_back(fit.perplexity
                               ? figures.dressed(key + "perplexity_more", (fit.perplexity->more < 0 ? "- " : "+ ") +
                                                                              fixed(std::abs(fit.perplexity->more), 4))
                               : Cell{kNone});
    }
    if (fit.split && fit.split_chosen && (fit.split->gpu_layers < fit.layers || fit.split->cpu_experts > 0)) {
      line.remark = {offload_text(fit), Style::dim, key + "gpu_layers"};
    }
    table.lines.push_back(std::move(line));
  }
  return table;
}

std::vector<Note> notes_of(const FitAnswer& answer, const FigureStyle& style) {
  std::vector<Note> notes;
  const Fit& fit = answer.fits[answer.best];
  add_family_notes(answer.inventory, notes);
  if (!fit.problem.empty()) notes.push_back({"layout", fit.problem + "."});
  if (fit.range_decides && fit.problem.empty()) {
    notes.push_back({"close", "the low figures fit and the high ones do not; measure before you rely on it."});
  }
  note_long_context(answer.inventory, answer.context.value, notes);
  std::string context;
  if (answer.ladder) {
    context = "the longest that fits" +
              (answer.cache.sequences == 1 ? "" : " " + several(answer.cache.sequences, "sequence")) +
              ", the cache in " + cache_dtype(answer.cache);
    for (const auto& one : answer.fits) {
      if (!one.half_dtype.empty()) {
        context += " and in " + one.half_dtype;
        break;
      }
    }
    context += "; spare with " + grouped(answer.context.value) + " tokens";
  }
  if (answer.context.origin == Origin::assumed) {
    context += (context.empty() ? grouped(answer.context.value) + " tokens assumed" : ", assumed") +
               std::string("; --context changes it");
  }
  if (!context.empty()) notes.push_back({"context", context + "."});
  add_speed_notes(fit, answer.model, notes);
  const auto& profile = *fit.runtime.profile;
  std::string runtime = std::string(profile.name);
  if (!answer.runtime_given) {
    runtime += fit.runtime.profile->reads_gguf ? ", the default for llama.cpp files and consumer devices"
                                               : ", the default for data-centre devices";
  }
  if (!profile.serving.option.empty()) {
    runtime +=
        "; " + std::string(profile.serving.option) + " " + share_text(fit.utilization) + ", --utilization changes it";
  }
  notes.push_back({"runtime", runtime + ".", Note::Weight::basis});
  if (!profile.serving.beside.empty() && fit.utilization < 1) {
    notes.push_back({"", std::string(profile.serving.beside) + ".", Note::Weight::basis});
  }
  if (!fit.formats_exact) {
    notes.push_back({printable(fit.dtype),
                     "which matrices stay in 16 bits depends on the checkpoint; assumed as in most published ones."});
  }
  if (fit.device->unified && fit.device->gpu_share < 1) {
    notes.push_back({"memory", "of " + both_units(fit.device->memory, style) + " the system lets the GPU use " +
                                   share_text(fit.device->gpu_share * 100) + " %."});
  }
  if (fit.split && fit.split_chosen)
    notes.push_back({"layers", "chosen as llama.cpp's --fit does, leaving 1 GiB free."});
  if (answer.ladder &&
      std::any_of(answer.fits.begin(), answer.fits.end(), [](const Fit& f) { return f.perplexity.has_value(); })) {
    notes.push_back({"ppl",
                     "increase in perplexity by quantising, as llama.cpp publishes it for Llama-3-8B or Mistral-7B.",
                     Note::Weight::basis});
  }
  if (profile.reads_gguf)
    notes.push_back(
        {"files", "assumed quantised with an importance matrix, as most published ones are.", Note::Weight::basis});
  return notes;
}

Page fit_page(const FitAnswer& answer, const Row& object, const FigureStyle& style) {
  const Figures figures(object, style);
  const Fit& fit = answer.fits[answer.best];
  Page page;
  std::string title = printable(answer.model.name);
  if (!answer.ladder) title += ", " + printable(fit.dtype);
  title += " on " + devices_text(*fit.device, fit.layout);
  title += ", " + std::string(fit.runtime.profile->name);
  page.title = {std::move(title), Style::strong, "name"};
  page.aside = verdict(answer, style);
  for (const auto& remedy : answer.remedies) {
    page.summary.push_back({(page.summary.empty() ? "would fit: " : "or ") + remedy.text});
  }
  if (answer.media) page.tables.push_back(media_table(*answer.media, figures));
  if (answer.ladder) page.tables.push_back(ladder_table(answer, figures));
  if (!answer.ladder && fit.problem.empty()) {
    page.tables.push_back(memory_table(answer, figures));
    page.tables.push_back(reach_table(answer, figures));
    if (fit.speed) page.tables.push_back(speed_table(fit, figures));
  }
  page.notes = notes_of(answer, style);
  if (answer.media) {
    media_notes(*answer.media, page.notes);
    const auto& uses = answer.media->uses;
    if (fit.speed && std::any_of(uses.begin(), uses.end(), [](const MediaUse& use) { return use.tower.has_value(); })) {
      page.notes.push_back({"tower",
                            "its time, on one device at the fraction of peak that prompts reach, is included in the "
                            "time to first token.",
                            Note::Weight::basis});
    }
  }
  return page;
}

/// A row for each model.
Page models_page(const std::vector<FitAnswer>& answers, const std::vector<Row>& objects, const FigureStyle& style) {
  Page page;
  const Fit& first = answers.front().fits[answers.front().best];
  page.title = {"On " + devices_text(*first.device, first.layout), Style::strong};
  page.aside = {gib(static_cast<double>(first.memory.value), style) + " each"};
  PageTable table;
  const std::string unit = byte_unit(style);
  table.head = {{"Model, " + unit, Style::strong},
                {{"format"}, {"layout"}, {"users"}, {"weights"}, {"KV cache"}, {"spare"}, {"tokens/s"}}};
  for (std::size_t i = 0; i < answers.size(); ++i) {
    const Figures figures(objects[i], style);
    const Fit& fit = answers[i].fits[answers[i].best];
    Line line{{printable(answers[i].model.name), Style::plain, "name"},
              cells_of(Cell{printable(fit.dtype), Style::plain, "fit.dtype"},
                       Cell{layout_text(fit.layout), Style::plain, "fit.tp fit.pp fit.ep"})};
    if (!fit.problem.empty()) {
      line.details.push_back(fit.problem);
      table.lines.push_back(std::move(line));
      continue;
    }
    line.cells.push_back(figures.cell("fit.batch"));
    for (const char* key : {"fit.weights_bytes", "fit.kv_cache_bytes"}) {
      line.cells.push_back(figures.gibibytes(key, 2));
    }
    line.cells.push_back(figures.gibibytes("fit.spare_bytes", 2));
    line.cells.back().style = fit.ok ? Style::good : Style::bad;
    line.cells.push_back(fit.speed ? figures.cell("fit.speed.tokens_per_second") : Cell{kNone});
    table.lines.push_back(std::move(line));
  }
  page.tables.push_back(std::move(table));
  for (const auto& answer : answers) {
    for (auto& remedy : answer.remedies) {
      page.notes.push_back({printable(answer.model.name) + " would fit", remedy.text + ".", Note::Weight::answer});
      break;
    }
  }
  return page;
}

}  // namespace

std::string devices_text(const Device& device, const Layout& layout) {
  const auto count = layout.devices();
  const std::string name = printable(device.name);
  if (count == 1) return "one " + name;
  return grouped(count) + " × " + name + ", " + layout_text(layout);
}

Report fit_report(const std::vector<FitAnswer>& answers, const ReportOptions& wanted) {
  Report report;
  for (const auto& answer : answers) {
    Row object = Row::group("");
    object.add(Row::leaf("id", "id", printable(answer.model.id)));
    object.add(Row::leaf("name", "name", printable(answer.model.name)));
    tell_family(answer.inventory, object);
    if (answer.media) {
      RowTree members(object);
      tell_media(*answer.media, members);
    }
    object.add(fit_tree(answer));
    report.models.push_back(std::move(object));
  }
  const bool ladder = std::all_of(answers.begin(), answers.end(), [](const FitAnswer& one) { return one.ladder; });
  if (ladder) report.records = "fit.ladder";
  if (!wanted.pages) return report;
  if (answers.size() == 1) {
    report.pages.push_back(fit_page(answers.front(), report.models.front(), wanted.style));
  } else {
    report.pages.push_back(models_page(answers, report.models, wanted.style));
  }
  return report;
}

}  // namespace paramcount
