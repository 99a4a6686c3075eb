// Plots of scaling laws: loss against compute and against size, and each law's split of a budget.
#include <algorithm>
#include <limits>
#include <utility>

#include "report/keys.hpp"
#include "report/plot_axis.hpp"
#include "report/plots.hpp"

namespace paramcount {
namespace {

struct Range {
  double least{std::numeric_limits<double>::infinity()};
  double most{0};
  void take(double value) {
    least = std::min(least, value);
    most = std::max(most, value);
  }
};

void set_axes(Plot& plot, const std::string& x, const std::string& y) {
  Range across;
  Range up;
  for (const auto& series : plot.series) {
    for (const auto& point : series.points) {
      across.take(point.x.value);
      up.take(point.y.value);
    }
  }
  plot.x = log_axis(x, across.least, across.most, {});
  plot.y = axis_between(y, up.least, up.most);
}

Plot loss_against_compute(const Row& object, const FigureStyle& style) {
  const Figures figures(object, style);
  Plot plot;
  plot.kind = Plot::Kind::curves;
  plot.title = "Loss against compute";
  // First the law that predicts the losses: no curve is below it.
  std::vector<PlotSeries> others;
  for (std::size_t i = 0; i < members(object, "best"); ++i) {
    const std::string key = member_key("best", i);
    PlotSeries curve{figures.text(key + "name"), {}};
    for (std::size_t k = 0; k < members(object, key + "curve"); ++k) {
      const std::string point = member_key(key + "curve", k);
      const Found beyond = find_value(object, point + "extrapolated");
      curve.points.push_back({mark(figures, point + "flops"), mark(figures, point + "loss"),
                              beyond.value != nullptr && bare(*beyond.value) == "true"});
    }
    (figures.text(key + "law") == figures.text("law") ? plot.series : others).push_back(std::move(curve));
  }
  if (!plot.series.empty()) {
    plot.note = "Each law splits the FLOPs in its own way; all losses are predicted by " + plot.series.front().name +
                ", so no curve lies below its own.";
  }
  for (auto& one : others) plot.series.push_back(std::move(one));
  set_axes(plot, "FLOPs", "loss, nats per token");
  return plot;
}

Plot models_by_loss(const PlotSource& source, const std::string& law) {
  Plot plot;
  plot.kind = Plot::Kind::curves;
  plot.title = "Predicted loss against size";
  plot.note = "Each mark is a model at its own training tokens, with the loss that the law " + law + " predicts.";
  const std::string key = "scaling." + law + ".loss";
  for (const Row* object : source.models) {
    const Figures figures(*object, source.style);
    if (!figures.has(key) || !figures.has("params.active")) continue;
    plot.series.push_back(
        {figures.text("name"), {{scaled_mark(figures, "params.active"), mark(figures, key), false}}, false});
  }
  if (!plot.series.empty()) set_axes(plot, "active parameters", "loss, nats per token");
  return plot;
}

}  // namespace

Plots loss_plots(const PlotSource& source) {
  if (const Row* object = source.with_list("tenfold")) return {loss_against_compute(*object, source.style)};
  // Pages show the loss by the first law that predicts one.
  for (const Row* object : source.models) {
    const Found laws = find_value(*object, "scaling");
    if (laws.row == nullptr) return {};
    for (const auto& law : laws.row->children) {
      Plot plot = models_by_loss(source, law.key.text());
      if (plot.series.size() > 1) return {std::move(plot)};
    }
  }
  return {};
}

Plots law_plots(const PlotSource& source) {
  const Row* object = source.with_list("best");
  if (object == nullptr || members(*object, "tenfold") == 0) return {};
  const Figures figures(*object, source.style);
  Plot plot;
  plot.title = "Optimal size, by scaling law";
  plot.note = "Parameters that each published law recommends for this budget; the rest goes into tokens.";
  for (std::size_t i = 0; i < members(*object, "best"); ++i) {
    const std::string key = member_key("best", i);
    PlotBar bar{figures.text(key + "name"),
                {},
                figures.text(key + "params") + ", " + figures.text(key + "tokens") + " tokens",
                {},
                {},
                {}};
    add_part(plot, bar, "parameters", mark(figures, key + "params"));
    plot.bars.push_back(std::move(bar));
  }
  plot.y = axis_to("parameters", longest(plot), Unit::params, source.style);
  return {std::move(plot)};
}

}  // namespace paramcount
