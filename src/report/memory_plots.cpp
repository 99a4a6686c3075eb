// Plots of memory: KV cache against context, weights by format, and everything against a device's memory.
#include <algorithm>
#include <array>
#include <utility>

#include "base/numbers.hpp"
#include "report/keys.hpp"
#include "report/plot_axis.hpp"
#include "report/plots.hpp"

namespace paramcount {
namespace {

constexpr std::size_t kMostRows = 24;

PlotAxis bytes_axis(const Plot& plot, const FigureStyle& style) {
  return axis_to("memory", longest(plot), Unit::bytes, style);
}

bool same_points(const PlotSeries& a, const PlotSeries& b) {
  return std::equal(
      a.points.begin(), a.points.end(), b.points.begin(), b.points.end(),
      [](const PlotPoint& p, const PlotPoint& q) { return p.x.value == q.x.value && p.y.value == q.y.value; });
}

/// Series that coincide are one, under all their names.
void join_equal_series(Plot& plot) {
  std::vector<PlotSeries> kept;
  for (auto& series : plot.series) {
    const auto same =
        std::find_if(kept.begin(), kept.end(), [&](const PlotSeries& one) { return same_points(one, series); });
    if (same == kept.end()) {
      kept.push_back(std::move(series));
    } else {
      same->name += ", " + series.name;
    }
  }
  plot.series = std::move(kept);
}

bool is_true(const Row& object, const std::string& key) {
  const Found found = find_value(object, key);
  return found.value != nullptr && bare(*found.value) == "true";
}

/// Weights, and the rest of the total.
void add_weights_and_rest(Plot& plot, PlotBar& bar, const Figures& figures, const std::string& key,
                          const std::string& together) {
  add_part(plot, bar, "weights", bytes_mark(figures, key + "weights_bytes"));
  add_part(plot, bar, "KV cache, buffers and runtime",
           rest_mark(figures, key + together, {key + "weights_bytes"}, Unit::bytes));
  bar.text = bytes_mark(figures, key + together).text;
}

Plot ladder(const Row& object, const FigureStyle& style) {
  const Figures figures(object, style);
  Plot plot;
  plot.title = "Number formats against the device's memory";
  plot.note = "Each bar is a number format of the weights; bars that end before the mark fit.";
  plot.limit = "usable memory of the device";
  for (std::size_t i = 0; i < members(object, "fit.ladder"); ++i) {
    const std::string key = member_key("fit.ladder", i);
    if (!figures.has(key + "together_bytes")) continue;
    const bool fits = is_true(object, key + "ok");
    PlotBar bar{figures.text(key + "dtype"), {}, {}, {}, fits ? "fits" : "too large", {}};
    add_weights_and_rest(plot, bar, figures, key, "together_bytes");
    if (figures.has("fit.usable_bytes")) bar.limit = bytes_mark(figures, "fit.usable_bytes");
    plot.bars.push_back(std::move(bar));
  }
  return plot;
}

/// What one format is made of: a bar for each model.
Plot fitted(const PlotSource& source) {
  Plot plot;
  const bool several = source.models.size() > 1;
  plot.title = several ? "Models against the device's memory" : "Memory of the device";
  plot.note = "Bars that end before the mark fit.";
  plot.limit = "usable memory of the device";
  for (const Row* object : source.models) {
    const Figures figures(*object, source.style);
    if (!figures.has("fit.together_bytes") || !figures.has("fit.usable_bytes")) continue;
    const bool fits = is_true(*object, "fit.ok");
    PlotBar bar{several ? figures.text("name") : figures.text("fit.dtype"),
                {},
                bytes_mark(figures, "fit.together_bytes").text,
                bytes_mark(figures, "fit.usable_bytes"),
                fits ? "fits" : "too large",
                {}};
    for (const auto& [key, label] : {std::pair{"fit.weights_bytes", "weights"},
                                     {"fit.kv_cache_bytes", "KV cache"},
                                     {"fit.overhead_bytes", "buffers and runtime"}}) {
      add_part(plot, bar, label, bytes_mark(figures, key));
    }
    plot.bars.push_back(std::move(bar));
  }
  return plot;
}

Plot models_of_device(const Row& object, const FigureStyle& style) {
  const Figures figures(object, style);
  Plot plot;
  const std::size_t count = members(object, "fit.models");
  plot.title = "Models against the device's memory";
  plot.note = "Bars that end before the mark fit.";
  if (count > kMostRows) plot.note += " The first " + std::to_string(kMostRows) + " of " + std::to_string(count) + ".";
  plot.limit = "memory of the device";
  for (std::size_t i = 0; i < std::min(count, kMostRows); ++i) {
    const std::string key = member_key("fit.models", i);
    if (!figures.has(key + "total_bytes")) continue;
    PlotBar bar{figures.text(key + "name") + ", " + figures.text(key + "dtype"),
                {},
                {},
                bytes_mark(figures, "fit.memory_bytes"),
                is_true(object, key + "ok") ? "fits" : "too large",
                {}};
    add_weights_and_rest(plot, bar, figures, key, "total_bytes");
    plot.bars.push_back(std::move(bar));
  }
  return plot;
}

}  // namespace

Plots cache_plots(const PlotSource& source) {
  const Row* object = source.with_list("kv");
  if (object == nullptr) return {};
  const Figures figures(*object, source.style);
  Plot plot;
  plot.kind = Plot::Kind::curves;
  plot.title = "KV cache by context length";
  plot.note = "One line per runtime.";
  std::vector<PlotTick> ticks;
  double most = 0;
  for (std::size_t i = 0; i < members(*object, "kv"); ++i) {
    const std::string key = member_key("kv", i);
    if (!figures.has(key + "bytes")) continue;
    PlotPoint point{mark(figures, key + "context"), bytes_mark(figures, key + "bytes")};
    most = std::max(most, point.y.value);
    if (std::none_of(ticks.begin(), ticks.end(), [&](const PlotTick& t) { return t.at == point.x.value; })) {
      ticks.push_back({point.x.value, point.x.text});
    }
    plot.series[series_of(plot, figures.text(key + "runtime"))].points.push_back(std::move(point));
  }
  if (ticks.empty() || most <= 0) return {};
  for (auto& series : plot.series) {
    std::sort(series.points.begin(), series.points.end(),
              [](const PlotPoint& a, const PlotPoint& b) { return a.x.value < b.x.value; });
  }
  join_equal_series(plot);
  std::sort(ticks.begin(), ticks.end(), [](const PlotTick& a, const PlotTick& b) { return a.at < b.at; });
  const double least = ticks.front().at;
  const double longest_context = ticks.back().at;
  plot.y = axis_to("KV cache and state", most, Unit::bytes, source.style);
  if (ticks.size() == 1) {
    plot.kind = Plot::Kind::bars;
    plot.title = "KV cache of " + ticks.front().text + " tokens";
    plot.note = "One bar per runtime.";
    for (const auto& series : plot.series) {
      const PlotMark& bytes = series.points.front().y;
      plot.bars.push_back({series.name, {{0, bytes}}, bytes.text, {}, {}, {}});
    }
    plot.series = {{"KV cache", {}}};
    return {std::move(plot)};
  }
  plot.x = log_axis("context, tokens", least, longest_context, std::move(ticks));
  return {std::move(plot)};
}

Plots weight_plots(const PlotSource& source) {
  Plot plot;
  if (source.models.size() == 1) {
    const Row& object = *source.models.front();
    const Figures figures(object, source.style);
    plot.title = "Weights by number format";
    plot.note = "The same model with fewer bits per weight.";
    for (std::size_t i = 0; i < members(object, "memory.weights"); ++i) {
      const std::string key = member_key("memory.weights", i);
      PlotBar bar{figures.text(key + "dtype"), {}, bytes_mark(figures, key + "bytes").text, {}, {}, {}};
      add_part(plot, bar, "weights", bytes_mark(figures, key + "bytes"));
      if (!bar.parts.empty()) plot.bars.push_back(std::move(bar));
    }
  } else {
    plot.title = "Weights and KV cache";
    plot.note = "Each bar is a model, with its KV cache at the given context.";
    for (const Row* object : source.models) {
      const Figures figures(*object, source.style);
      std::string key;
      for (std::size_t i = 0; i < members(*object, "memory.weights"); ++i) {
        const std::string one = member_key("memory.weights", i);
        if (key.empty() || figures.text(one + "dtype") == "bf16") key = one;
      }
      if (key.empty()) continue;
      const std::string dtype = figures.text(key + "dtype");
      PlotBar bar{figures.text("name") + ", " + dtype, {}, bytes_mark(figures, key + "bytes").text, {}, {}, {}};
      add_part(plot, bar, "weights", bytes_mark(figures, key + "bytes"));
      add_part(plot, bar, "KV cache", bytes_mark(figures, "memory.kv_cache.bytes"));
      if (figures.has("memory.kv_cache.bytes")) bar.text += " + " + bytes_mark(figures, "memory.kv_cache.bytes").text;
      if (!bar.parts.empty()) plot.bars.push_back(std::move(bar));
    }
  }
  if (plot.bars.size() < 2) return {};
  plot.y = bytes_axis(plot, source.style);
  return {std::move(plot)};
}

Plots fit_plots(const PlotSource& source) {
  Plot plot;
  if (const Row* list = source.with_list("fit.models")) {
    plot = models_of_device(*list, source.style);
  } else if (source.models.size() == 1 && members(*source.models.front(), "fit.ladder") > 1) {
    plot = ladder(*source.models.front(), source.style);
  } else {
    plot = fitted(source);
  }
  if (plot.bars.empty()) return {};
  plot.y = bytes_axis(plot, source.style);
  return {std::move(plot)};
}

Plots machine_plots(const PlotSource& source) {
  const Row* object = source.with_list("fit.machines");
  if (object == nullptr) return {};
  const Figures figures(*object, source.style);
  Plot plot;
  plot.title = "Hourly cost of machines that fit it";
  plot.note = "Rented on demand.";
  const std::size_t count = members(*object, "fit.machines");
  std::size_t priced = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const std::string key = member_key("fit.machines", i);
    if (!figures.has(key + "usd_per_hour") || !is_true(*object, key + "ok")) continue;
    if (++priced > kMostRows) continue;
    PlotBar bar{figures.text(key + "devices") + " × " + figures.text(key + "name"),
                {},
                figures.text(key + "usd_per_hour"),
                {},
                {},
                {}};
    add_part(plot, bar, "dollars per hour", mark(figures, key + "usd_per_hour"));
    if (!bar.parts.empty()) plot.bars.push_back(std::move(bar));
  }
  if (plot.bars.empty()) return {};
  if (priced > kMostRows)
    plot.note += " The first " + std::to_string(kMostRows) + " of " + std::to_string(priced) + ".";
  plot.y = axis_to("dollars per hour", longest(plot), Unit::usd_per_hour, source.style);
  return {std::move(plot)};
}

}  // namespace paramcount
