// The plot of `verify`: how many tensors are as the architecture says, and how many are not.
#include <array>
#include <utility>

#include "base/numbers.hpp"
#include "report/plot_axis.hpp"
#include "report/plots.hpp"

namespace paramcount {
namespace {

constexpr std::string_view kKnown = "known";
constexpr std::array<std::string_view, 4> kDiffering{"missing", "unexpected", "misshapen", kKnown};

}  // namespace

Plots verify_plots(const PlotSource& source) {
  if (source.models.size() != 1) return {};
  const Figures figures(*source.models.front(), source.style);
  if (!figures.has("tensors.as_expected")) return {};
  Plot plot;
  plot.title = "Tensors of the checkpoint and those expected";
  plot.note = "Known tensors, such as scales and rotary tables, are stored in addition to the model's own.";
  PlotBar good{"as expected", {}, {}, {}, {}, {}};
  good.text = figures.text("tensors.as_expected") + " of " + figures.text("tensors.expected");
  add_part(plot, good, "as expected", mark(figures, "tensors.as_expected"));
  plot.bars.push_back(std::move(good));
  for (const auto kind : kDiffering) {
    PlotBar bar{std::string(kind), {}, {}, {}, {}, {}};
    double sum = 0;
    for (std::size_t i = 0; i < members(*source.models.front(), kind); ++i) {
      PlotMark copies = mark(figures, member_key(kind, i) + "copies");
      sum += copies.value;
      add_part(plot, bar, kind == kKnown ? "known" : "not as expected", std::move(copies));
    }
    bar.text = grouped(static_cast<std::uint64_t>(sum));
    if (sum > 0) plot.bars.push_back(std::move(bar));
  }
  plot.y = axis_to("tensors", longest(plot), Unit::count, source.style);
  return {std::move(plot)};
}

}  // namespace paramcount
