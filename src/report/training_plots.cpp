// Plots of training: hours, what they cost, and memory.
#include <array>
#include <utility>

#include "report/plot_axis.hpp"
#include "report/plots.hpp"

namespace paramcount {
namespace {

struct Bar {
  const char* label;
  const char* key;
};

constexpr std::array kHours{Bar{"this plan", "training.device_hours"},
                            Bar{"published", "training.published.device_hours"}};
constexpr std::array kCosts{Bar{"this plan", "training.cost_usd"}, Bar{"published", "training.published.cost_usd"},
                            Bar{"from the published hours", "training.from_hours.cost_usd"}};

/// Of one model what was planned and published; of several a bar for each.
template <std::size_t N>
Plot compared(const PlotSource& source, const std::array<Bar, N>& bars, const std::string& series) {
  Plot plot;
  if (source.models.size() == 1) {
    const Figures figures(*source.models.front(), source.style);
    for (const auto& one : bars) {
      PlotBar bar{one.label, {}, figures.text(one.key), {}, {}, {}};
      add_part(plot, bar, series, mark(figures, one.key));
      if (!bar.parts.empty()) plot.bars.push_back(std::move(bar));
    }
    return plot;
  }
  for (const Row* object : source.models) {
    const Figures figures(*object, source.style);
    PlotBar bar{figures.text("name"), {}, figures.text(bars.front().key), {}, {}, {}};
    add_part(plot, bar, series, mark(figures, bars.front().key));
    if (!bar.parts.empty()) plot.bars.push_back(std::move(bar));
  }
  return plot;
}

constexpr std::array<std::pair<const char*, const char*>, 8> kPeakParts{{{"frozen_bytes", "frozen weights"},
                                                                         {"weights_bytes", "weights"},
                                                                         {"gradients_bytes", "gradients"},
                                                                         {"master_bytes", "master copy"},
                                                                         {"states_bytes", "optimizer states"},
                                                                         {"activations_bytes", "activations"},
                                                                         {"loss_bytes", "logits and loss"},
                                                                         {"other_bytes", "other"}}};

}  // namespace

Plots training_plots(const PlotSource& source) {
  Plots plots;
  Plot hours = compared(source, kHours, "device-hours");
  if (hours.bars.size() > 1) {
    hours.title = "Device-hours";
    hours.note =
        source.models.size() == 1 ? "This plan next to the published hours." : "Device-hours to train each model.";
    hours.y = axis_to("device-hours", longest(hours), Unit::hours, source.style);
    plots.push_back(std::move(hours));
  }
  Plot costs = compared(source, kCosts, "cost");
  if (costs.bars.size() > 1) {
    costs.title = "Cost of training";
    costs.note = "Device-hours × price per hour.";
    costs.y = axis_to("dollars", longest(costs), Unit::usd, source.style);
    plots.push_back(std::move(costs));
  }
  return plots;
}

Plots peak_plots(const PlotSource& source) {
  const Row* object = source.with_list("training_memory.stages");
  if (object == nullptr) return {};
  const Figures figures(*object, source.style);
  Plot plot;
  const std::size_t count = members(*object, "training_memory.stages");
  plot.title = "Memory per device in training";
  plot.note = count > 1 ? "One bar per pipeline stage; bars that end before the mark fit."
                        : "At its peak; bars that end before the mark fit.";
  plot.limit = "memory of the device";
  for (const auto& [part, label] : kPeakParts) {
    for (std::size_t i = 0; i < count; ++i) {
      if (figures.number(member_key("training_memory.stages", i) + part) > 0) static_cast<void>(series_of(plot, label));
    }
  }
  for (std::size_t i = 0; i < count; ++i) {
    const std::string key = member_key("training_memory.stages", i);
    PlotBar bar{count > 1 ? "stage " + figures.text(key + "stage") : "at the peak",
                {},
                bytes_mark(figures, key + "peak_bytes").text,
                {},
                {},
                {}};
    for (const auto& [part, label] : kPeakParts) {
      if (figures.has(key + part)) add_part(plot, bar, label, bytes_mark(figures, key + part));
    }
    if (figures.has("training_memory.device_bytes")) bar.limit = bytes_mark(figures, "training_memory.device_bytes");
    plot.bars.push_back(std::move(bar));
  }
  plot.y = axis_to("memory", longest(plot), Unit::bytes, source.style);
  return {std::move(plot)};
}

}  // namespace paramcount
