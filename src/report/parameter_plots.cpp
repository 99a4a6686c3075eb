// Plots of parameters: by role, by layer, of the models of a folder.
#include <algorithm>
#include <map>
#include <utility>

#include "base/numbers.hpp"
#include "base/text.hpp"
#include "report/keys.hpp"
#include "report/plot_axis.hpp"
#include "report/plots.hpp"

namespace paramcount {
namespace {

constexpr std::size_t kMostBars = 24;

PlotAxis params_axis(const Plot& plot, const FigureStyle& style) {
  return axis_to("parameters", longest(plot), Unit::params, style);
}

/// "shared_expert" in words.
std::string role_name(const Row& role) {
  std::string name(role.label.text());
  replace_all(name, "_", " ");
  return name;
}

/// The bars that are longest, in the order they had; the note says how many are left out.
void keep_longest(Plot& plot, const std::string& what) {
  if (plot.bars.size() <= kMostBars) return;
  const auto length = [](const PlotBar& bar) {
    double sum = 0;
    for (const auto& part : bar.parts) sum += part.mark.value;
    return sum;
  };
  std::vector<double> lengths;
  for (const auto& bar : plot.bars) lengths.push_back(length(bar));
  std::sort(lengths.rbegin(), lengths.rend());
  const double least = lengths[kMostBars - 1];
  const std::size_t before = plot.bars.size();
  std::erase_if(plot.bars, [&](const PlotBar& bar) { return length(bar) < least; });
  if (plot.bars.size() > kMostBars) plot.bars.resize(kMostBars);
  plot.note += " The largest " + std::to_string(plot.bars.size()) + " of " + std::to_string(before) + " " + what + ".";
}

Plot roles_of_one(const Row& object, const Row& roles, const FigureStyle& style) {
  const Figures figures(object, style);
  Plot plot;
  plot.title = "Parameters by role";
  plot.note = "Where the parameters are, one bar per role.";
  for (const auto& role : roles.children) {
    const std::string key = "params.by_role." + role.key.text();
    PlotBar bar{role_name(role), {}, {}, {}, {}, {}};
    add_part(plot, bar, "parameters", scaled_mark(figures, key));
    bar.text = scaled_mark(figures, key).text + ", " + figures.share(key, "params.total").text;
    if (!bar.parts.empty()) plot.bars.push_back(std::move(bar));
  }
  return plot;
}

/// What of each model is active for a token, and what is not.
Plot models_compared(const std::vector<const Row*>& models, const FigureStyle& style) {
  Plot plot;
  plot.title = "Parameters of each model";
  plot.note = "Active parameters are those used for one token.";
  for (const Row* object : models) {
    const Figures figures(*object, style);
    PlotBar bar{figures.text("name"), {}, scaled_mark(figures, "params.total").text, {}, {}, {}};
    add_part(plot, bar, "active", scaled_mark(figures, "params.active"));
    add_part(plot, bar, "not active", rest_mark(figures, "params.total", {"params.active"}, Unit::params));
    plot.bars.push_back(std::move(bar));
  }
  return plot;
}

Plot roles_compared(const std::vector<const Row*>& models, const FigureStyle& style) {
  Plot plot;
  plot.title = "Share of each role";
  plot.note = "Each bar is one model, scaled to the same length.";
  for (const Row* object : models) {
    const Figures figures(*object, style);
    PlotBar bar{figures.text("name"), {}, scaled_mark(figures, "params.total").text, {}, {}, {}};
    bar.whole = figures.number("params.total");
    for (const auto& role : find_value(*object, "params.by_role").row->children) {
      const std::string key = "params.by_role." + role.key.text();
      PlotMark part = scaled_mark(figures, key);
      part.text += ", " + figures.share(key, "params.total").text;
      add_part(plot, bar, role_name(role), std::move(part));
    }
    plot.bars.push_back(std::move(bar));
  }
  plot.y = share_axis("of the model's parameters");
  return plot;
}

/// A run of equal layers: what one of them holds. Runs of the same kind and size are one bar at several places.
struct Run {
  std::string kind;
  std::vector<double> sizes;
  bool operator==(const Run&) const = default;
};

constexpr std::array<std::pair<const char*, const char*>, 4> kLayerParts{
    {{"attention", "attention"}, {"mixer", "mixer"}, {"ffn", "ffn"}, {"experts", "experts"}}};

void add_layer_parts(Plot& plot, PlotBar& bar, const Figures& figures, const std::string& run) {
  std::vector<std::string> keys;
  for (const auto& [key, label] : kLayerParts) {
    add_part(plot, bar, label, scaled_mark(figures, run + key));
    keys.push_back(run + key);
  }
  PlotMark rest = rest_mark(figures, run + "params", keys, Unit::params);
  // Norms alone are too small to be seen, and would only fill the legend.
  if (rest.value >= 0.005 * figures.number(run + "params")) add_part(plot, bar, "other", std::move(rest));
}

std::string places_text(const PlotBar& bar, const std::string& index, std::uint64_t offset) {
  std::uint64_t count = 0;
  for (const auto& span : bar.places) count += span.last - span.first + 1;
  if (bar.places.size() > 1) return grouped(count) + " " + index + "s";
  const auto first = bar.places.front().first - offset;
  const auto last = bar.places.front().last - offset;
  return first == last ? index + " " + grouped(first) : index + "s " + grouped(first) + "–" + grouped(last);
}

}  // namespace

Plots role_plots(const PlotSource& source) {
  std::vector<const Row*> with;
  for (const Row* object : source.models) {
    if (find_value(*object, "params.by_role").row != nullptr) with.push_back(object);
  }
  if (with.empty()) return {};
  if (source.models.size() == 1) {
    Plot plot = roles_of_one(*with.front(), *find_value(*with.front(), "params.by_role").row, source.style);
    if (plot.bars.empty()) return {};
    plot.y = params_axis(plot, source.style);
    return {std::move(plot)};
  }
  Plot models = models_compared(with, source.style);
  models.y = params_axis(models, source.style);
  return {std::move(models), roles_compared(with, source.style)};
}

Plots layer_plots(const PlotSource& source) {
  const Row* object = source.with_list("layers");
  if (object == nullptr || find_value(*object, "layers.0.first").row == nullptr) return {};
  const Figures figures(*object, source.style);
  Plot plot;
  plot.kind = Plot::Kind::columns;
  plot.title = "Parameters of each layer";
  plot.note = "One layer of each kind, by role.";
  std::vector<Run> runs;
  std::map<std::string, std::uint64_t> offsets;  ///< of stacks of layers: where each begins
  std::uint64_t places = 0;
  std::vector<std::pair<std::string, std::uint64_t>> labels;
  for (std::size_t i = 0; i < members(*object, "layers"); ++i) {
    const std::string key = member_key("layers", i);
    const std::string index = figures.text(key + "index");
    const std::uint64_t offset = offsets.try_emplace(index, places).first->second;
    const PlotSpan span{offset + static_cast<std::uint64_t>(figures.number(key + "first")),
                        offset + static_cast<std::uint64_t>(figures.number(key + "last"))};
    places = std::max(places, span.last + 1);
    const Found mtp = find_value(*object, key + "mtp");
    const bool beside = mtp.value != nullptr && bare(*mtp.value) == "true";
    Run run{index + figures.text(key + "kind") + (beside ? "mtp" : ""), {figures.number(key + "params")}};
    for (const auto& [part, label] : kLayerParts) run.sizes.push_back(figures.number(key + part));
    const auto same = std::find(runs.begin(), runs.end(), run);
    if (same != runs.end()) {
      auto& spans = plot.bars[static_cast<std::size_t>(same - runs.begin())].places;
      if (spans.back().last + 1 == span.first) {
        spans.back().last = span.last;
      } else {
        spans.push_back(span);
      }
      continue;
    }
    runs.push_back(std::move(run));
    PlotBar bar{figures.text(key + "kind"), {}, {}, {}, {}, {span}};
    add_layer_parts(plot, bar, figures, key);
    bar.text = scaled_mark(figures, key + "params").text + (span.first == span.last ? "" : " each");
    plot.bars.push_back(std::move(bar));
    labels.emplace_back(index, offset);
  }
  for (std::size_t i = 0; i < plot.bars.size(); ++i) {
    auto& bar = plot.bars[i];
    const std::string kind = bar.label == kNone ? "" : ", " + bar.label;
    bar.label = places_text(bar, labels[i].first, labels[i].second) + kind;
    if (bar.places.size() > 1 && !bar.text.ends_with("each")) bar.text += " each";
  }
  plot.x = places_axis("layer", places);
  plot.y = axis_to("parameters per layer", longest(plot), Unit::params, source.style);
  return {std::move(plot)};
}

Plots scan_plots(const PlotSource& source) {
  Plot plot;
  plot.title = "Parameters of each model";
  plot.note = "One bar per model found.";
  for (const Row* object : source.models) {
    const Figures figures(*object, source.style);
    if (!figures.has("path") || !figures.has("params.total")) continue;
    PlotBar bar{figures.text("path"), {}, scaled_mark(figures, "params.total").text, {}, {}, {}};
    add_part(plot, bar, "parameters", scaled_mark(figures, "params.total"));
    plot.bars.push_back(std::move(bar));
  }
  if (plot.bars.empty()) return {};
  keep_longest(plot, "models");
  plot.y = params_axis(plot, source.style);
  return {std::move(plot)};
}

}  // namespace paramcount
